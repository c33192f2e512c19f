--! pattern = "1 set statement: UPDATE of all rows from another table"
--! [[write]]
--! statement = "UPDATE P05_PRODUCT_STATS"
--! outcome = "planned"
--! class = "upsert"
--! key = ["PRODUCT_ID"]
CREATE TABLE p05_product_stats (product_id NUMBER(10) PRIMARY KEY, sold_qty NUMBER(12,3));
CREATE OR REPLACE PROCEDURE p05_update_everything IS
BEGIN
  UPDATE p05_product_stats s
     SET sold_qty = (SELECT NVL(SUM(l.qty), 0) FROM order_lines l WHERE l.product_id = s.product_id);
END p05_update_everything;
/
