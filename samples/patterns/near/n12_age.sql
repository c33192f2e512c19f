--! pattern = "age computed from the clock"
--! [[write]]
--! statement = "DELETE T_N12_AGE"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "INSERT T_N12_AGE"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE t_n12_age (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n12_age IS
BEGIN
  DELETE FROM t_n12_age;
  INSERT INTO t_n12_age (customer_id, v) SELECT customer_id, SYSDATE - created_at FROM customers;
END n12_age;
/
