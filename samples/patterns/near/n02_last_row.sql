--! pattern = "the value of the last row, without an order"
--! [[write]]
--! statement = "DELETE T_N02_LAST_ROW"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N02_LAST_ROW"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n02_last_row (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n02_last_row IS
  v_last NUMBER;
BEGIN
  DELETE FROM t_n02_last_row;
  FOR c IN (SELECT customer_id FROM customers) LOOP
    FOR o IN (SELECT total_amount FROM orders WHERE customer_id = c.customer_id) LOOP
      v_last := o.total_amount;
    END LOOP;
    INSERT INTO t_n02_last_row (customer_id, v) VALUES (c.customer_id, v_last);
  END LOOP;
END n02_last_row;
/
