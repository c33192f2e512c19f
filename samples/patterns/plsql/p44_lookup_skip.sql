--! pattern = "5 lookup, and rows without one are skipped"
--! [[write]]
--! statement = "DELETE P44_KNOWN"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["SALE_NO"]
--! [[write]]
--! statement = "INSERT P44_KNOWN"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["SALE_NO"]
CREATE TABLE p44_known (sale_no NUMBER(12) PRIMARY KEY, product_id NUMBER(10));
CREATE OR REPLACE PROCEDURE p44_lookup_skip IS
  v_product products.product_id%TYPE;
BEGIN
  DELETE FROM p44_known;
  FOR s IN (SELECT sale_no, product_code FROM stg_sales) LOOP
    BEGIN
      SELECT product_id INTO v_product FROM products WHERE product_code = s.product_code;
      INSERT INTO p44_known (sale_no, product_id) VALUES (s.sale_no, v_product);
    EXCEPTION
      WHEN NO_DATA_FOUND THEN
        NULL;
    END;
  END LOOP;
END p44_lookup_skip;
/
