--! pattern = "1 set statement: TRUNCATE and INSERT"
--! [[write]]
--! statement = "TRUNCATE P01_OPEN_ORDERS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
--! [[write]]
--! statement = "INSERT P01_OPEN_ORDERS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
CREATE TABLE p01_open_orders (order_id NUMBER(12) PRIMARY KEY, customer_name VARCHAR2(100), total_amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p01_replace_all IS
BEGIN
  EXECUTE IMMEDIATE 'TRUNCATE TABLE p01_open_orders';
  INSERT INTO p01_open_orders (order_id, customer_name, total_amount)
  SELECT o.order_id, c.name, o.total_amount
    FROM orders o, customers c
   WHERE c.customer_id = o.customer_id
     AND o.status = 'OPEN';
  COMMIT;
END p01_replace_all;
/
