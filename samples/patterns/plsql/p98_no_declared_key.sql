--! pattern = "no key is declared: what makes the rows unique is taken"
--! [[write]]
--! statement = "INSERT P98_FACT"
--! outcome = "assumed"
--! class = "append"
--! key = ["SALE_NO"]
--! assumes = ["target-key-known"]
CREATE TABLE p98_fact (sale_no NUMBER(12), product_id NUMBER(10), amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p98_no_declared_key IS
BEGIN
  INSERT INTO p98_fact (sale_no, product_id, amount)
  SELECT s.sale_no, p.product_id, s.amount
    FROM stg_sales s JOIN products p ON p.product_code = s.product_code;
  COMMIT;
END p98_no_declared_key;
/
