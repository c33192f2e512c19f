--! pattern = "NTILE has no counterpart"
--! [[write]]
--! statement = "DELETE T_N43_NTILE"
--! outcome = "residual"
--! reason = "unsupported_by_engine"
--! [[write]]
--! statement = "INSERT T_N43_NTILE"
--! outcome = "residual"
--! reason = "unsupported_by_engine"
CREATE TABLE t_n43_ntile (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n43_ntile IS
BEGIN
  DELETE FROM t_n43_ntile;
  INSERT INTO t_n43_ntile (customer_id, v) SELECT customer_id, NTILE(4) OVER (ORDER BY credit_limit) FROM customers;
END n43_ntile;
/
