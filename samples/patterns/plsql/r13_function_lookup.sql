--! pattern = "7+5 a function looks a rate up, with a handler that gives a default"
--! [[write]]
--! statement = "DELETE R13_RATED"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CALL_ID"]
--! [[write]]
--! statement = "INSERT R13_RATED"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CALL_ID"]
CREATE TABLE r13_rated (call_id NUMBER(16) PRIMARY KEY, charge NUMBER(20,6), band VARCHAR2(6));
CREATE OR REPLACE FUNCTION r13_rate(p_msisdn IN VARCHAR2) RETURN NUMBER IS
  v_rate NUMBER;
  v_plan VARCHAR2(6);
BEGIN
  SELECT plan_code INTO v_plan FROM subscribers WHERE msisdn = p_msisdn;
  IF v_plan = 'FREE' THEN
    RETURN 0;
  END IF;
  SELECT price_second INTO v_rate FROM tariffs WHERE plan_code = v_plan;
  RETURN v_rate;
EXCEPTION
  WHEN NO_DATA_FOUND THEN
    RETURN 0.01;
END r13_rate;
/
CREATE OR REPLACE FUNCTION r13_band(p_seconds IN NUMBER) RETURN VARCHAR2 IS
  v_band VARCHAR2(6) := 'SHORT';
BEGIN
  IF p_seconds > 600 THEN
    v_band := 'LONG';
  ELSIF p_seconds > 60 THEN
    v_band := 'NORMAL';
  END IF;
  RETURN v_band;
END r13_band;
/
CREATE OR REPLACE PROCEDURE r13_function_lookup IS
BEGIN
  DELETE FROM r13_rated;
  INSERT INTO r13_rated (call_id, charge, band)
  SELECT call_id, seconds * r13_rate(msisdn), r13_band(seconds) FROM call_records;
  COMMIT;
END r13_function_lookup;
/
