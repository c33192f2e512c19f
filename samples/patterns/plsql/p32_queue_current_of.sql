--! pattern = "4 work queue: FOR UPDATE and WHERE CURRENT OF"
--! [[write]]
--! statement = "INSERT P32_RATED"
--! outcome = "assumed"
--! class = "queue"
--! key = ["CALL_ID"]
--! assumes = ["source-rows-final"]
--! [[write]]
--! statement = "UPDATE CALL_RECORDS"
--! outcome = "assumed"
--! class = "queue"
--! key = ["CALL_ID"]
CREATE TABLE p32_rated (call_id NUMBER(16) PRIMARY KEY, msisdn VARCHAR2(15), charge NUMBER(20,6));
CREATE OR REPLACE PROCEDURE p32_queue_current_of IS
  CURSOR c_calls IS SELECT call_id, msisdn, seconds FROM call_records WHERE rated = 'N' FOR UPDATE OF rated;
  v_price tariffs.price_second%TYPE;
BEGIN
  FOR c IN c_calls LOOP
    SELECT t.price_second INTO v_price
      FROM subscribers s, tariffs t
     WHERE s.msisdn = c.msisdn AND t.plan_code = s.plan_code;
    INSERT INTO p32_rated (call_id, msisdn, charge) VALUES (c.call_id, c.msisdn, c.seconds * v_price);
    UPDATE call_records SET rated = 'Y' WHERE CURRENT OF c_calls;
  END LOOP;
  COMMIT;
END p32_queue_current_of;
/
