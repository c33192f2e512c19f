--! pattern = "9 running total as an analytic function"
--! [[write]]
--! statement = "DELETE P74_LEDGER"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["EVENT_ID"]
--! [[write]]
--! statement = "INSERT P74_LEDGER"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["EVENT_ID"]
CREATE TABLE p74_ledger (event_id NUMBER(14) PRIMARY KEY, account_no NUMBER(10), balance NUMBER(18,2));
CREATE OR REPLACE PROCEDURE p74_analytic_sum IS
BEGIN
  DELETE FROM p74_ledger;
  INSERT INTO p74_ledger (event_id, account_no, balance)
  SELECT event_id, account_no, SUM(amount) OVER (PARTITION BY account_no ORDER BY event_id) FROM events;
END p74_analytic_sum;
/
