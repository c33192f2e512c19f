--! pattern = "RETURN inside the loop"
--! [[write]]
--! statement = "DELETE T_N07_RETURN_INSIDE"
--! outcome = "residual"
--! reason = "early_exit"
--! [[write]]
--! statement = "INSERT T_N07_RETURN_INSIDE"
--! outcome = "residual"
--! reason = "early_exit"
CREATE TABLE t_n07_return_inside (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n07_return_inside IS
BEGIN
  DELETE FROM t_n07_return_inside;
  FOR r IN (SELECT customer_id, credit_limit, region_code, status FROM customers) LOOP
    IF r.status = 'STOP' THEN
      RETURN;
    END IF;
    INSERT INTO t_n07_return_inside (customer_id, v) VALUES (r.customer_id, 1);
  END LOOP;
END n07_return_inside;
/
