--! pattern = "ROWNUM without an order"
--! [[write]]
--! statement = "DELETE T_N08_ROWNUM"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "INSERT T_N08_ROWNUM"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE t_n08_rownum (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n08_rownum IS
BEGIN
  DELETE FROM t_n08_rownum;
  INSERT INTO t_n08_rownum (customer_id, v) SELECT customer_id, credit_limit FROM customers WHERE ROWNUM <= 10;
END n08_rownum;
/
