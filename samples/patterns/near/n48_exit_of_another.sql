--! pattern = "EXIT WHEN NOTFOUND of another cursor leaves the loop early"
--! [[write]]
--! statement = "DELETE T_N48_PAIRS"
--! outcome = "residual"
--! reason = "early_exit"
--! [[write]]
--! statement = "INSERT T_N48_PAIRS"
--! outcome = "residual"
--! reason = "early_exit"
CREATE TABLE t_n48_pairs (customer_id NUMBER(10) PRIMARY KEY, product_id NUMBER(10));
CREATE OR REPLACE PROCEDURE n48_exit_of_another IS
  CURSOR c_p IS SELECT product_id FROM products;
  CURSOR c_c IS SELECT customer_id FROM customers;
  v_product NUMBER(10);
BEGIN
  DELETE FROM t_n48_pairs;
  OPEN c_p;
  FOR c IN c_c LOOP
    FETCH c_p INTO v_product;
    INSERT INTO t_n48_pairs (customer_id, product_id) VALUES (c.customer_id, v_product);
    EXIT WHEN c_p%NOTFOUND;
  END LOOP;
  CLOSE c_p;
END n48_exit_of_another;
/
