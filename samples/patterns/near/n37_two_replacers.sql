--! pattern = "two batches replace one table"
--! [[write]]
--! statement = "DELETE T_N37"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N37"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "DELETE T_N37"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N37"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n37 (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n37_second IS
BEGIN
  DELETE FROM t_n37;
  INSERT INTO t_n37 (customer_id, v) SELECT customer_id, 2 FROM customers;
END n37_second;
/
CREATE OR REPLACE PROCEDURE n37_two_replacers IS
BEGIN
  DELETE FROM t_n37;
  INSERT INTO t_n37 (customer_id, v) SELECT customer_id, 1 FROM customers;
  n37_second;
END n37_two_replacers;
/
