--! pattern = "package state decides"
--! [[write]]
--! statement = "DELETE T_N22_PACKAGE_STATE"
--! outcome = "residual"
--! reason = "package_state"
--! [[write]]
--! statement = "INSERT T_N22_PACKAGE_STATE"
--! outcome = "residual"
--! reason = "package_state"
CREATE TABLE t_n22_package_state (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PACKAGE n22_state AS
  factor NUMBER := 1;
END n22_state;
/
CREATE OR REPLACE PROCEDURE n22_package_state IS
BEGIN
  DELETE FROM t_n22_package_state;
  INSERT INTO t_n22_package_state (customer_id, v) SELECT customer_id, credit_limit * n22_state.factor FROM customers;
END n22_package_state;
/
