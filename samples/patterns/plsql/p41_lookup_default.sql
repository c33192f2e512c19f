--! pattern = "5 lookup with NO_DATA_FOUND and a default"
--! [[write]]
--! statement = "DELETE P41_TAX"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P41_TAX"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p41_tax (customer_id NUMBER(10) PRIMARY KEY, rate NUMBER(5,4));
CREATE OR REPLACE PROCEDURE p41_lookup_default IS
  v_rate regions.tax_rate%TYPE;
BEGIN
  DELETE FROM p41_tax;
  FOR c IN (SELECT customer_id, region_code FROM customers) LOOP
    BEGIN
      SELECT tax_rate INTO v_rate FROM regions WHERE region_code = c.region_code;
    EXCEPTION
      WHEN NO_DATA_FOUND THEN v_rate := 0.19;
    END;
    INSERT INTO p41_tax (customer_id, rate) VALUES (c.customer_id, v_rate);
  END LOOP;
END p41_lookup_default;
/
