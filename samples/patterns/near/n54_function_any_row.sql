--! pattern = "a function looks up by what is no key"
--! [[write]]
--! statement = "DELETE T_N54_LAST"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N54_LAST"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n54_last (customer_id NUMBER(10) PRIMARY KEY, amount NUMBER(14,2));
CREATE OR REPLACE FUNCTION n54_amount(p_customer IN NUMBER) RETURN NUMBER IS
  v_amount NUMBER;
BEGIN
  SELECT total_amount INTO v_amount FROM orders WHERE customer_id = p_customer;
  RETURN v_amount;
EXCEPTION
  WHEN OTHERS THEN RETURN 0;
END n54_amount;
/
CREATE OR REPLACE PROCEDURE n54_function_any_row IS
BEGIN
  DELETE FROM t_n54_last;
  INSERT INTO t_n54_last (customer_id, amount) SELECT customer_id, n54_amount(customer_id) FROM customers;
END n54_function_any_row;
/
