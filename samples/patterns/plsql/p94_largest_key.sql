--! pattern = "only rows beyond the largest key of the target"
--! [[write]]
--! statement = "INSERT P94_EVENTS"
--! outcome = "assumed"
--! class = "append"
--! key = ["EVENT_ID"]
--! assumes = ["each-row-once"]
CREATE TABLE p94_events (event_id NUMBER(14) PRIMARY KEY, amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p94_largest_key IS
  v_max NUMBER;
BEGIN
  SELECT NVL(MAX(event_id), 0) INTO v_max FROM p94_events;
  INSERT INTO p94_events (event_id, amount)
  SELECT event_id, amount FROM events WHERE event_id > v_max;
  COMMIT;
END p94_largest_key;
/
