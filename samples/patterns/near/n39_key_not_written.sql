--! pattern = "the key comes from somewhere else"
--! [[write]]
--! statement = "DELETE T_N39_KEY_NOT_WRITTEN"
--! outcome = "residual"
--! reason = "no_key"
--! [[write]]
--! statement = "INSERT T_N39_KEY_NOT_WRITTEN"
--! outcome = "residual"
--! reason = "no_key"
CREATE TABLE t_n39_key_not_written (id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n39_key_not_written IS
BEGIN
  DELETE FROM t_n39_key_not_written;
  INSERT INTO t_n39_key_not_written (v) SELECT credit_limit FROM customers;
END n39_key_not_written;
/
