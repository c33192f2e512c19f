--! pattern = "6 keep first: DUP_VAL_ON_INDEX is ignored"
--! [[write]]
--! statement = "INSERT P56_SEEN"
--! outcome = "assumed"
--! class = "keep_first"
--! key = ["CUSTOMER_ID"]
--! assumes = ["source-rows-final"]
CREATE TABLE p56_seen (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE p56_keep_first_dup IS
BEGIN
  FOR r IN (SELECT customer_id, name FROM customers) LOOP
    BEGIN
      INSERT INTO p56_seen (customer_id, name) VALUES (r.customer_id, r.name);
    EXCEPTION
      WHEN DUP_VAL_ON_INDEX THEN NULL;
    END;
  END LOOP;
END p56_keep_first_dup;
/
