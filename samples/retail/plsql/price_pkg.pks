CREATE OR REPLACE PACKAGE retail.price_pkg AS
  -- 価格履歴 (type 2): a new version for each product whose price differs from its current version
  PROCEDURE track_price_changes(p_date IN DATE);
END price_pkg;
/
