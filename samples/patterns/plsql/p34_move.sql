--! pattern = "4 work queue: rows are moved"
--! [[write]]
--! statement = "INSERT P34_HISTORY"
--! outcome = "assumed"
--! class = "queue"
--! key = ["EVENT_ID"]
--! assumes = ["source-rows-final"]
--! [[write]]
--! statement = "DELETE EVENTS"
--! outcome = "assumed"
--! class = "queue"
--! key = ["EVENT_ID"]
CREATE TABLE p34_history (event_id NUMBER(14) PRIMARY KEY, account_no NUMBER(10), amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p34_move IS
BEGIN
  INSERT INTO p34_history (event_id, account_no, amount)
  SELECT event_id, account_no, amount FROM events WHERE kind = 'CLOSED';
  DELETE FROM events WHERE kind = 'CLOSED';
  COMMIT;
END p34_move;
/
