--! pattern = "the target is read for the new rows"
--! [[write]]
--! statement = "INSERT T_N14_SELF_READ"
--! outcome = "residual"
--! reason = "self_read"
CREATE TABLE t_n14_self_read (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n14_self_read IS
BEGIN
  INSERT INTO t_n14_self_read (customer_id, v) SELECT c.customer_id, (SELECT NVL(MAX(t.v), 0) + 1 FROM t_n14_self_read t) FROM customers c;
END n14_self_read;
/
