--! pattern = "a product folded in a loop"
--! [[write]]
--! statement = "DELETE T_N04_PRODUCT"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N04_PRODUCT"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n04_product (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n04_product IS
  v_p NUMBER;
BEGIN
  DELETE FROM t_n04_product;
  FOR c IN (SELECT customer_id FROM customers) LOOP
    v_p := 1;
    FOR o IN (SELECT total_amount FROM orders WHERE customer_id = c.customer_id) LOOP
      v_p := v_p * o.total_amount;
    END LOOP;
    INSERT INTO t_n04_product (customer_id, v) VALUES (c.customer_id, v_p);
  END LOOP;
END n04_product;
/
