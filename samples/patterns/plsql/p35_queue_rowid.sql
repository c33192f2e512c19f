--! pattern = "4 work queue: the row is found again by its ROWID"
--! [[write]]
--! statement = "INSERT P35_RATED"
--! outcome = "assumed"
--! class = "queue"
--! key = ["CALL_ID"]
--! assumes = ["source-rows-final"]
--! [[write]]
--! statement = "UPDATE CALL_RECORDS"
--! outcome = "assumed"
--! class = "queue"
--! key = ["CALL_ID"]
CREATE TABLE p35_rated (call_id NUMBER(16) PRIMARY KEY, seconds NUMBER(8));
CREATE OR REPLACE PROCEDURE p35_queue_rowid IS
BEGIN
  FOR c IN (SELECT rowid AS rid, call_id, seconds FROM call_records WHERE rated = 'N') LOOP
    INSERT INTO p35_rated (call_id, seconds) VALUES (c.call_id, c.seconds);
    UPDATE call_records SET rated = 'Y' WHERE rowid = c.rid;
  END LOOP;
END p35_queue_rowid;
/
