--! pattern = "only the first hundred rows, in no order"
--! [[write]]
--! statement = "DELETE T_N06_FIRST_N"
--! outcome = "residual"
--! reason = "early_exit"
--! [[write]]
--! statement = "INSERT T_N06_FIRST_N"
--! outcome = "residual"
--! reason = "early_exit"
CREATE TABLE t_n06_first_n (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n06_first_n IS
  v_n NUMBER := 0;
BEGIN
  DELETE FROM t_n06_first_n;
  FOR r IN (SELECT customer_id, credit_limit, region_code, status FROM customers) LOOP
    v_n := v_n + 1;
    EXIT WHEN v_n > 100;
    INSERT INTO t_n06_first_n (customer_id, v) VALUES (r.customer_id, r.credit_limit);
  END LOOP;
END n06_first_n;
/
