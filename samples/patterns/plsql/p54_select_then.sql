--! pattern = "6 upsert by hand: SELECT INTO, UPDATE, NO_DATA_FOUND, INSERT"
--! [[write]]
--! statement = "UPDATE P54_DIM"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P54_DIM"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p54_dim (customer_id NUMBER(10) PRIMARY KEY, region_code VARCHAR2(4));
CREATE OR REPLACE PROCEDURE p54_select_then IS
  v_id NUMBER;
BEGIN
  FOR r IN (SELECT customer_id, region_code FROM customers) LOOP
    BEGIN
      SELECT customer_id INTO v_id FROM p54_dim WHERE customer_id = r.customer_id;
      UPDATE p54_dim SET region_code = r.region_code WHERE customer_id = r.customer_id;
    EXCEPTION
      WHEN NO_DATA_FOUND THEN
        INSERT INTO p54_dim (customer_id, region_code) VALUES (r.customer_id, r.region_code);
    END;
  END LOOP;
END p54_select_then;
/
