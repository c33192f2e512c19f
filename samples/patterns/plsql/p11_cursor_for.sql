--! pattern = "2 cursor loop that maps and filters"
--! [[write]]
--! statement = "DELETE P11_MAILING"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P11_MAILING"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p11_mailing (customer_id NUMBER(10) PRIMARY KEY, address VARCHAR2(120));
CREATE OR REPLACE PROCEDURE p11_cursor_for IS
BEGIN
  DELETE FROM p11_mailing;
  FOR r IN (SELECT customer_id, name, email, status FROM customers) LOOP
    IF r.email IS NOT NULL AND r.status = 'ACTIVE' THEN
      INSERT INTO p11_mailing (customer_id, address) VALUES (r.customer_id, LOWER(TRIM(r.email)));
    END IF;
  END LOOP;
  COMMIT;
END p11_cursor_for;
/
