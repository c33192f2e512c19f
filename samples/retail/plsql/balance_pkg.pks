CREATE OR REPLACE PACKAGE retail.balance_pkg AS
  -- 顧客残高を更新する (all customers)
  PROCEDURE refresh_customer_balance;
END balance_pkg;
/
