--! pattern = "6 upsert by hand: DELETE and INSERT of the same key"
--! [[write]]
--! statement = "DELETE P55_ROWS"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P55_ROWS"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p55_rows (customer_id NUMBER(10) PRIMARY KEY, status VARCHAR2(10));
CREATE OR REPLACE PROCEDURE p55_delete_insert_row IS
BEGIN
  FOR r IN (SELECT customer_id, status FROM customers) LOOP
    DELETE FROM p55_rows WHERE customer_id = r.customer_id;
    INSERT INTO p55_rows (customer_id, status) VALUES (r.customer_id, r.status);
  END LOOP;
END p55_delete_insert_row;
/
