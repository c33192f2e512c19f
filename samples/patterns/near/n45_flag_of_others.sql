--! pattern = "the flag is set for other rows than were read"
--! [[write]]
--! statement = "INSERT T_N45_FLAG_OF_OTHERS"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "UPDATE CALL_RECORDS"
--! outcome = "residual"
--! reason = "self_read"
CREATE TABLE t_n45_flag_of_others (customer_id NUMBER(16) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n45_flag_of_others IS
BEGIN
  FOR c IN (SELECT call_id, msisdn, seconds FROM call_records WHERE rated = 'N') LOOP
    INSERT INTO t_n45_flag_of_others (customer_id, v) VALUES (c.call_id, c.seconds);
    UPDATE call_records SET rated = 'Y' WHERE msisdn = c.msisdn;
  END LOOP;
END n45_flag_of_others;
/
