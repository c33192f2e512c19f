--! pattern = "nothing makes the rows unique"
--! [[write]]
--! statement = "INSERT T_N40_NO_KEY_ANYWHERE"
--! outcome = "residual"
--! reason = "no_key"
CREATE TABLE t_n40_no_key_anywhere (v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n40_no_key_anywhere IS
BEGIN
  INSERT INTO t_n40_no_key_anywhere (v) SELECT credit_limit FROM customers;
END n40_no_key_anywhere;
/
