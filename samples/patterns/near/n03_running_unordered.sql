--! pattern = "a running total without an order"
--! [[write]]
--! statement = "DELETE T_N03_RUNNING_UNORDERED"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N03_RUNNING_UNORDERED"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n03_running_unordered (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n03_running_unordered IS
  v_sum NUMBER := 0;
BEGIN
  DELETE FROM t_n03_running_unordered;
  FOR r IN (SELECT customer_id, credit_limit, region_code, status FROM customers) LOOP
    v_sum := v_sum + r.credit_limit;
    INSERT INTO t_n03_running_unordered (customer_id, v) VALUES (r.customer_id, v_sum);
  END LOOP;
END n03_running_unordered;
/
