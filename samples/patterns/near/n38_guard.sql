--! pattern = "it runs only when a parameter says so"
--! [[write]]
--! statement = "INSERT T_N38_GUARD"
--! outcome = "residual"
--! reason = "period_not_understood"
CREATE TABLE t_n38_guard (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n38_guard(p_mode IN VARCHAR2) IS
BEGIN
  IF p_mode = 'FULL' THEN
    INSERT INTO t_n38_guard (customer_id, v) SELECT customer_id, credit_limit FROM customers;
  END IF;
END n38_guard;
/
