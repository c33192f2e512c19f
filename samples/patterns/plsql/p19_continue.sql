--! pattern = "2 early CONTINUE as a filter"
--! [[write]]
--! statement = "DELETE P19_CHECKED"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
--! [[write]]
--! statement = "INSERT P19_CHECKED"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
CREATE TABLE p19_checked (order_id NUMBER(12) PRIMARY KEY, amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p19_continue IS
BEGIN
  DELETE FROM p19_checked;
  FOR o IN (SELECT order_id, status, channel, total_amount FROM orders) LOOP
    CONTINUE WHEN o.status = 'CANCELLED';
    IF o.channel = 'TEST' THEN
      CONTINUE;
    END IF;
    INSERT INTO p19_checked (order_id, amount) VALUES (o.order_id, o.total_amount);
  END LOOP;
END p19_continue;
/
