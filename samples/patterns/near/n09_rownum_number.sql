--! pattern = "ROWNUM as a number of the row"
--! [[write]]
--! statement = "DELETE T_N09_ROWNUM_NUMBER"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "INSERT T_N09_ROWNUM_NUMBER"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE t_n09_rownum_number (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n09_rownum_number IS
BEGIN
  DELETE FROM t_n09_rownum_number;
  INSERT INTO t_n09_rownum_number (customer_id, v) SELECT customer_id, ROWNUM FROM customers;
END n09_rownum_number;
/
