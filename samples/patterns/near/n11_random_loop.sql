--! pattern = "a random value in a loop"
--! [[write]]
--! statement = "DELETE T_N11_RANDOM_LOOP"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "INSERT T_N11_RANDOM_LOOP"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE t_n11_random_loop (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n11_random_loop IS
BEGIN
  DELETE FROM t_n11_random_loop;
  FOR r IN (SELECT customer_id, credit_limit, region_code, status FROM customers) LOOP
    INSERT INTO t_n11_random_loop (customer_id, v) VALUES (r.customer_id, DBMS_RANDOM.VALUE(1, 10));
  END LOOP;
END n11_random_loop;
/
