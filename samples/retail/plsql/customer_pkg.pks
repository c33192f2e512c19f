CREATE OR REPLACE PACKAGE retail.customer_pkg AS
  -- ダイレクトメールの宛先リスト
  PROCEDURE build_mailing_list;
END customer_pkg;
/
