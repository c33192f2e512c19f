--! pattern = "9 the row before by LAG"
--! [[write]]
--! statement = "DELETE P75_GAPS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["EVENT_ID"]
--! [[write]]
--! statement = "INSERT P75_GAPS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["EVENT_ID"]
CREATE TABLE p75_gaps (event_id NUMBER(14) PRIMARY KEY, previous_amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p75_previous_row IS
BEGIN
  DELETE FROM p75_gaps;
  INSERT INTO p75_gaps (event_id, previous_amount)
  SELECT event_id, LAG(amount) OVER (PARTITION BY account_no ORDER BY event_id) FROM events;
END p75_previous_row;
/
