--! pattern = "7 a record is handed to a procedure that writes it, once a row"
--! [[write]]
--! statement = "INSERT R09_RATED"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CALL_ID"]
--! [[write]]
--! statement = "DELETE R09_RATED"
--! outcome = "assumed"
--! class = "replace_all"
CREATE TABLE r09_rated (call_id NUMBER(16) PRIMARY KEY, plan_code VARCHAR2(6), charge NUMBER(20,6));
CREATE OR REPLACE PACKAGE r09_record_to_procedure AS
  PROCEDURE run;
END r09_record_to_procedure;
/
CREATE OR REPLACE PACKAGE BODY r09_record_to_procedure AS
  PROCEDURE put(p_call IN r09_rated%ROWTYPE) IS
  BEGIN
    INSERT INTO r09_rated VALUES p_call;
  END put;

  PROCEDURE run IS
    v_call r09_rated%ROWTYPE;
  BEGIN
    DELETE FROM r09_rated;
    FOR c IN (SELECT c.call_id, c.seconds, s.plan_code FROM call_records c, subscribers s WHERE s.msisdn = c.msisdn) LOOP
      v_call.call_id := c.call_id;
      v_call.plan_code := c.plan_code;
      SELECT c.seconds * t.price_second INTO v_call.charge FROM tariffs t WHERE t.plan_code = c.plan_code;
      put(v_call);
    END LOOP;
    COMMIT;
  END run;
END r09_record_to_procedure;
/
