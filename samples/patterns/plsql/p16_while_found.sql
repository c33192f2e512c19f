--! pattern = "2 WHILE c%FOUND"
--! [[write]]
--! statement = "DELETE P16_CODES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
--! [[write]]
--! statement = "INSERT P16_CODES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
CREATE TABLE p16_codes (product_id NUMBER(10) PRIMARY KEY, code VARCHAR2(20));
CREATE OR REPLACE PROCEDURE p16_while_found IS
  CURSOR c IS SELECT product_id, product_code FROM products;
  r c%ROWTYPE;
BEGIN
  DELETE FROM p16_codes;
  OPEN c;
  FETCH c INTO r;
  WHILE c%FOUND LOOP
    INSERT INTO p16_codes (product_id, code) VALUES (r.product_id, UPPER(r.product_code));
    FETCH c INTO r;
  END LOOP;
  CLOSE c;
END p16_while_found;
/
