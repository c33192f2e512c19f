--! pattern = "data written in a transaction of its own"
--! [[write]]
--! statement = "INSERT T_N23"
--! outcome = "residual"
--! reason = "autonomous_transaction"
CREATE TABLE t_n23 (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n23_autonomous_data IS
  PRAGMA AUTONOMOUS_TRANSACTION;
BEGIN
  INSERT INTO t_n23 (customer_id, v) SELECT customer_id, credit_limit FROM customers;
  COMMIT;
END n23_autonomous_data;
/
