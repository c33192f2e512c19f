--! pattern = "6 upsert by hand: INSERT, DUP_VAL_ON_INDEX, UPDATE"
--! [[write]]
--! statement = "INSERT P52_NAMES"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "UPDATE P52_NAMES"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p52_names (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE p52_insert_dup_update IS
BEGIN
  FOR r IN (SELECT customer_id, name FROM customers) LOOP
    BEGIN
      INSERT INTO p52_names (customer_id, name) VALUES (r.customer_id, r.name);
    EXCEPTION
      WHEN DUP_VAL_ON_INDEX THEN
        UPDATE p52_names SET name = r.name WHERE customer_id = r.customer_id;
    END;
  END LOOP;
  COMMIT;
END p52_insert_dup_update;
/
