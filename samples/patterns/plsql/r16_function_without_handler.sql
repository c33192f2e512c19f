--! pattern = "7+5 a function looks a plan up without a handler: where it finds none the batch stops"
--! [[write]]
--! statement = "DELETE R16_RATED"
--! outcome = "assumed"
--! class = "replace_all"
--! [[write]]
--! statement = "INSERT R16_RATED"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CALL_ID"]
CREATE TABLE r16_rated (call_id NUMBER(16) PRIMARY KEY, plan_code VARCHAR2(6));
CREATE OR REPLACE FUNCTION r16_plan(p_msisdn IN VARCHAR2) RETURN VARCHAR2 IS
  v_plan VARCHAR2(6);
BEGIN
  SELECT plan_code INTO v_plan FROM subscribers WHERE msisdn = p_msisdn;
  RETURN v_plan;
END r16_plan;
/
CREATE OR REPLACE PROCEDURE r16_function_without_handler IS
  v_plan VARCHAR2(6);
BEGIN
  DELETE FROM r16_rated;
  FOR c IN (SELECT call_id, msisdn FROM call_records) LOOP
    v_plan := r16_plan(c.msisdn);
    INSERT INTO r16_rated (call_id, plan_code) VALUES (c.call_id, v_plan);
  END LOOP;
  COMMIT;
END r16_function_without_handler;
/
