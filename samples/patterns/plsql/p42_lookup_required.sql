--! pattern = "5 lookup whose row must be there"
--! [[write]]
--! statement = "DELETE P42_TAX"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! assumes = ["lookup-unique"]
--! [[write]]
--! statement = "INSERT P42_TAX"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! assumes = ["lookup-unique"]
CREATE TABLE p42_tax (customer_id NUMBER(10) PRIMARY KEY, rate NUMBER(5,4));
CREATE OR REPLACE PROCEDURE p42_lookup_required IS
  v_rate NUMBER;
BEGIN
  DELETE FROM p42_tax;
  FOR c IN (SELECT customer_id, region_code FROM customers) LOOP
    SELECT tax_rate INTO v_rate FROM regions WHERE region_code = c.region_code;
    INSERT INTO p42_tax (customer_id, rate) VALUES (c.customer_id, v_rate);
  END LOOP;
END p42_lookup_required;
/
