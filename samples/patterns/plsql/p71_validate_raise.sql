--! pattern = "8 a check that stops the batch"
--! [[write]]
--! statement = "DELETE P71_ORDERS"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["ORDER_ID"]
--! assumes = ["loop-independent"]
--! [[write]]
--! statement = "INSERT P71_ORDERS"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["ORDER_ID"]
--! assumes = ["loop-independent"]
CREATE TABLE p71_orders (order_id NUMBER(12) PRIMARY KEY, total_amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p71_validate_raise IS
BEGIN
  DELETE FROM p71_orders;
  FOR o IN (SELECT order_id, total_amount FROM orders) LOOP
    IF o.total_amount < 0 THEN
      RAISE_APPLICATION_ERROR(-20001, 'negative order ' || o.order_id);
    END IF;
    INSERT INTO p71_orders (order_id, total_amount) VALUES (o.order_id, o.total_amount);
  END LOOP;
END p71_validate_raise;
/
