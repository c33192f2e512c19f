--! pattern = "a hierarchy of unknown depth"
--! [[write]]
--! statement = "DELETE T_N42_CONNECT_BY"
--! outcome = "residual"
--! reason = "unsupported_by_engine"
--! [[write]]
--! statement = "INSERT T_N42_CONNECT_BY"
--! outcome = "residual"
--! reason = "unsupported_by_engine"
CREATE TABLE t_n42_connect_by (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n42_connect_by IS
BEGIN
  DELETE FROM t_n42_connect_by;
  INSERT INTO t_n42_connect_by (customer_id, v) SELECT customer_id, LEVEL FROM customers CONNECT BY PRIOR customer_id = credit_limit;
END n42_connect_by;
/
