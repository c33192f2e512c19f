--! pattern = "a random value"
--! [[write]]
--! statement = "DELETE T_N10_RANDOM"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "INSERT T_N10_RANDOM"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE t_n10_random (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n10_random IS
BEGIN
  DELETE FROM t_n10_random;
  INSERT INTO t_n10_random (customer_id, v) SELECT customer_id, DBMS_RANDOM.VALUE FROM customers;
END n10_random;
/
