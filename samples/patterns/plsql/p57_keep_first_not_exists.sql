--! pattern = "6 keep first: NOT EXISTS in the target"
--! [[write]]
--! statement = "INSERT P57_SEEN"
--! outcome = "assumed"
--! class = "keep_first"
--! key = ["PRODUCT_ID"]
--! assumes = ["source-rows-final"]
CREATE TABLE p57_seen (product_id NUMBER(10) PRIMARY KEY, first_price NUMBER(12,2));
CREATE OR REPLACE PROCEDURE p57_keep_first_not_exists IS
BEGIN
  INSERT INTO p57_seen (product_id, first_price)
  SELECT p.product_id, p.list_price FROM products p
   WHERE p.product_id NOT IN (SELECT s.product_id FROM p57_seen s);
END p57_keep_first_not_exists;
/
