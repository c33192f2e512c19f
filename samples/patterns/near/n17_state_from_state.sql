--! pattern = "the state decides the state"
--! [[write]]
--! statement = "UPDATE T_N17_STATE_FROM_STATE"
--! outcome = "residual"
--! reason = "self_read"
CREATE TABLE t_n17_state_from_state (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n17_state_from_state IS
BEGIN
  UPDATE t_n17_state_from_state SET v = v + 1 WHERE v < 10;
END n17_state_from_state;
/
