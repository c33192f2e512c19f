--! pattern = "a column that compares with the clock, though it looks like the moment of the run"
--! [[write]]
--! statement = "DELETE T_N46_LATE"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "INSERT T_N46_LATE"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE t_n46_late (customer_id NUMBER(10) PRIMARY KEY, late_since DATE);
CREATE OR REPLACE PROCEDURE n46_late_by_the_clock IS
BEGIN
  DELETE FROM t_n46_late;
  INSERT INTO t_n46_late (customer_id, late_since)
  SELECT customer_id, CASE WHEN updated_at < SYSDATE - 30 THEN SYSDATE ELSE updated_at END FROM customers;
END n46_late_by_the_clock;
/
