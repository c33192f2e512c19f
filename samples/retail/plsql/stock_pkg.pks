CREATE OR REPLACE PACKAGE retail.stock_pkg AS
  -- 在庫数を入出庫履歴から計算し直す
  PROCEDURE rebuild_stock_levels;
END stock_pkg;
/
