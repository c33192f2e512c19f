--! pattern = "the clock is part of the key"
--! [[write]]
--! statement = "INSERT T_N41_CLOCK_IN_KEY"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE t_n41_clock_in_key (taken_at DATE PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n41_clock_in_key IS
BEGIN
  INSERT INTO t_n41_clock_in_key (taken_at, v) SELECT SYSDATE, SUM(total_amount) FROM orders;
END n41_clock_in_key;
/
