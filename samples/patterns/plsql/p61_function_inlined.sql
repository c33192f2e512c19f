--! pattern = "7 own functions in place of their expressions"
--! [[write]]
--! statement = "DELETE P61_PRICES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
--! [[write]]
--! statement = "INSERT P61_PRICES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
CREATE TABLE p61_prices (product_id NUMBER(10) PRIMARY KEY, gross NUMBER(14,2));
CREATE OR REPLACE FUNCTION p61_gross(p_net NUMBER) RETURN NUMBER IS
BEGIN
  RETURN ROUND(p_net * 1.19, 2);
END p61_gross;
/
CREATE OR REPLACE PROCEDURE p61_function_inlined IS
BEGIN
  DELETE FROM p61_prices;
  INSERT INTO p61_prices (product_id, gross) SELECT product_id, p61_gross(list_price) FROM products;
END p61_function_inlined;
/
