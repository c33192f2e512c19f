--! pattern = "2 COMMIT every thousand rows by a counter"
--! [[write]]
--! statement = "DELETE P20_NAMES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P20_NAMES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p20_names (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE p20_commit_every IS
  v_count PLS_INTEGER := 0;
BEGIN
  DELETE FROM p20_names;
  FOR r IN (SELECT customer_id, name FROM customers) LOOP
    INSERT INTO p20_names (customer_id, name) VALUES (r.customer_id, r.name);
    v_count := v_count + 1;
    IF MOD(v_count, 1000) = 0 THEN
      COMMIT;
    END IF;
  END LOOP;
  COMMIT;
  log_message('P20', v_count || ' names');
END p20_commit_every;
/
