--! pattern = "rows are written by what was written before"
--! [[write]]
--! statement = "INSERT T_N15_SELF_READ_JOIN"
--! outcome = "residual"
--! reason = "self_read"
CREATE TABLE t_n15_self_read_join (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n15_self_read_join IS
BEGIN
  INSERT INTO t_n15_self_read_join (customer_id, v) SELECT c.customer_id, t.v + 1 FROM customers c JOIN t_n15_self_read_join t ON t.customer_id = c.customer_id - 1;
END n15_self_read_join;
/
