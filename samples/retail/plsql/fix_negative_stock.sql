-- 手動対応用 (2023 年の棚卸で使用)。定期実行はしていない
-- Run by hand after the stock-taking of 2023; no job calls it.
CREATE OR REPLACE PROCEDURE retail.fix_negative_stock(p_store_id IN NUMBER) IS
BEGIN
  UPDATE stock_levels
     SET on_hand = 0
   WHERE store_id = p_store_id
     AND on_hand < 0;
  DBMS_OUTPUT.PUT_LINE(SQL%ROWCOUNT || ' rows set to zero');
  COMMIT;
END fix_negative_stock;
/
