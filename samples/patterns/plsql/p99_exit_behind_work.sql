--! pattern = "EXIT WHEN NOTFOUND behind the work, and an idempotent write"
--! [[write]]
--! statement = "DELETE P99_ROWS"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT P99_ROWS"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE p99_rows (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE p99_exit_behind_work IS
  CURSOR c IS SELECT customer_id, name FROM customers;
  v_id   NUMBER(10);
  v_name VARCHAR2(100);
BEGIN
  OPEN c;
  LOOP
    FETCH c INTO v_id, v_name;
    DELETE FROM p99_rows WHERE customer_id = v_id;
    INSERT INTO p99_rows (customer_id, name) VALUES (v_id, v_name);
    EXIT WHEN c%NOTFOUND;
  END LOOP;
  CLOSE c;
END p99_exit_behind_work;
/
