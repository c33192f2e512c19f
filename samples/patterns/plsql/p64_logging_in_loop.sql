--! pattern = "7 a log call once a row does not stop the lifting"
--! [[write]]
--! statement = "DELETE P64_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P64_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p64_copy (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE p64_logging_in_loop IS
BEGIN
  log_message('P64', 'start');
  DELETE FROM p64_copy;
  FOR c IN (SELECT customer_id, name FROM customers) LOOP
    log_message('P64', 'customer ' || c.customer_id);
    INSERT INTO p64_copy (customer_id, name) VALUES (c.customer_id, c.name);
  END LOOP;
  log_message('P64', 'end');
END p64_logging_in_loop;
/
