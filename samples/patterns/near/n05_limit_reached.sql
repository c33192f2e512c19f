--! pattern = "the fold stops when a limit is reached"
--! [[write]]
--! statement = "DELETE T_N05_LIMIT_REACHED"
--! outcome = "residual"
--! reason = "early_exit"
--! [[write]]
--! statement = "INSERT T_N05_LIMIT_REACHED"
--! outcome = "residual"
--! reason = "early_exit"
CREATE TABLE t_n05_limit_reached (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n05_limit_reached IS
  v_sum NUMBER;
BEGIN
  DELETE FROM t_n05_limit_reached;
  FOR c IN (SELECT customer_id FROM customers) LOOP
    v_sum := 0;
    FOR o IN (SELECT total_amount FROM orders WHERE customer_id = c.customer_id) LOOP
      v_sum := v_sum + o.total_amount;
      EXIT WHEN v_sum > 1000;
    END LOOP;
    INSERT INTO t_n05_limit_reached (customer_id, v) VALUES (c.customer_id, v_sum);
  END LOOP;
END n05_limit_reached;
/
