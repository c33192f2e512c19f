--! pattern = "2 EXIT WHEN NOTFOUND in a FOR loop over the same cursor never leaves it"
--! [[write]]
--! statement = "DELETE R04_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! [[write]]
--! statement = "INSERT R04_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE r04_copy (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE r04_exit_in_cursor_for IS
  CURSOR c_v IS SELECT customer_id, name FROM customers WHERE email IS NOT NULL;
BEGIN
  DELETE FROM r04_copy;
  FOR i IN c_v LOOP
    INSERT INTO r04_copy (customer_id, name) VALUES (i.customer_id, i.name);
    EXIT WHEN c_v%NOTFOUND;
  END LOOP;
  COMMIT;
END r04_exit_in_cursor_for;
/
