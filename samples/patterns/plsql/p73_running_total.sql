--! pattern = "9 running total in a loop under a unique order"
--! [[write]]
--! statement = "DELETE P73_LEDGER"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT P73_LEDGER"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE p73_ledger (event_id NUMBER(14) PRIMARY KEY, amount NUMBER(14,2), balance NUMBER(18,2));
CREATE OR REPLACE PROCEDURE p73_running_total IS
  v_balance NUMBER := 0;
BEGIN
  DELETE FROM p73_ledger;
  FOR e IN (SELECT event_id, amount FROM events ORDER BY event_id) LOOP
    v_balance := v_balance + e.amount;
    INSERT INTO p73_ledger (event_id, amount, balance) VALUES (e.event_id, e.amount, v_balance);
  END LOOP;
END p73_running_total;
/
