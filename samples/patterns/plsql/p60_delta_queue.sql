--! pattern = "6 delta: each row of a queue is added once"
--! [[write]]
--! statement = "UPDATE P60_ACCOUNTS"
--! outcome = "assumed"
--! class = "delta"
--! key = ["ACCOUNT_NO"]
--! assumes = ["opening-balance"]
--! [[write]]
--! statement = "DELETE EVENTS"
--! outcome = "assumed"
--! class = "delta"
--! key = ["ACCOUNT_NO"]
CREATE TABLE p60_accounts (account_no NUMBER(10) PRIMARY KEY, balance NUMBER(18,2) NOT NULL);
CREATE OR REPLACE PROCEDURE p60_delta_queue IS
BEGIN
  FOR e IN (SELECT event_id, account_no, amount FROM events WHERE kind = 'BOOKING') LOOP
    UPDATE p60_accounts SET balance = balance + e.amount WHERE account_no = e.account_no;
    DELETE FROM events WHERE event_id = e.event_id;
  END LOOP;
  COMMIT;
END p60_delta_queue;
/
