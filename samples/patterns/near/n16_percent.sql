--! pattern = "every run raises what is there"
--! [[write]]
--! statement = "UPDATE T_N16_PERCENT"
--! outcome = "residual"
--! reason = "self_read"
CREATE TABLE t_n16_percent (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n16_percent IS
BEGIN
  UPDATE t_n16_percent SET v = v * 1.05;
END n16_percent;
/
