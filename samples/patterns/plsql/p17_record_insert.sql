--! pattern = "2 a whole record is inserted"
--! [[write]]
--! statement = "DELETE P17_ORDERS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
--! [[write]]
--! statement = "INSERT P17_ORDERS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
CREATE TABLE p17_orders (order_id NUMBER(12) PRIMARY KEY, total_amount NUMBER(14,2), band VARCHAR2(6));
CREATE OR REPLACE PROCEDURE p17_record_insert IS
  v_row p17_orders%ROWTYPE;
BEGIN
  DELETE FROM p17_orders;
  FOR o IN (SELECT order_id, total_amount FROM orders) LOOP
    v_row.order_id := o.order_id;
    v_row.total_amount := o.total_amount;
    CASE
      WHEN o.total_amount < 100 THEN v_row.band := 'LOW';
      WHEN o.total_amount < 1000 THEN v_row.band := 'MIDDLE';
      ELSE v_row.band := 'HIGH';
    END CASE;
    INSERT INTO p17_orders VALUES v_row;
  END LOOP;
END p17_record_insert;
/
