--! pattern = "a rate that is read once a run"
--! [[write]]
--! statement = "DELETE P96_NET"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
--! assumes = ["run-values-followed"]
--! [[write]]
--! statement = "INSERT P96_NET"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
--! assumes = ["run-values-followed"]
CREATE TABLE p96_net (product_id NUMBER(10) PRIMARY KEY, net NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p96_rate_of_the_run IS
  v_rate NUMBER;
BEGIN
  SELECT tax_rate INTO v_rate FROM regions WHERE region_code = 'DE';
  DELETE FROM p96_net;
  INSERT INTO p96_net (product_id, net) SELECT product_id, ROUND(list_price * (1 - v_rate), 2) FROM products;
END p96_rate_of_the_run;
/
