--! pattern = "2 nested cursors that join"
--! [[write]]
--! statement = "DELETE P15_ORDER_ITEMS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID", "LINE_NO"]
--! [[write]]
--! statement = "INSERT P15_ORDER_ITEMS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID", "LINE_NO"]
CREATE TABLE p15_order_items (order_id NUMBER(12) NOT NULL, line_no NUMBER(4) NOT NULL, customer_id NUMBER(10), amount NUMBER(16,2), CONSTRAINT p15_pk PRIMARY KEY (order_id, line_no));
CREATE OR REPLACE PROCEDURE p15_nested_cursors IS
  CURSOR c_orders IS SELECT order_id, customer_id FROM orders WHERE status = 'PAID';
  CURSOR c_lines(p_order NUMBER) IS SELECT line_no, qty, unit_price FROM order_lines WHERE order_id = p_order;
BEGIN
  DELETE FROM p15_order_items;
  FOR o IN c_orders LOOP
    FOR l IN c_lines(o.order_id) LOOP
      INSERT INTO p15_order_items (order_id, line_no, customer_id, amount)
      VALUES (o.order_id, l.line_no, o.customer_id, ROUND(l.qty * l.unit_price, 2));
    END LOOP;
  END LOOP;
  COMMIT;
END p15_nested_cursors;
/
