--! pattern = "1 set statement: INSERT ALL into two tables"
--! [[write]]
--! statement = "INSERT P06_BIG_ORDERS"
--! outcome = "assumed"
--! class = "append"
--! key = ["ORDER_ID"]
--! assumes = ["each-row-once", "source-rows-final"]
--! [[write]]
--! statement = "INSERT P06_SMALL_ORDERS"
--! outcome = "assumed"
--! class = "append"
--! key = ["ORDER_ID"]
--! assumes = ["each-row-once", "source-rows-final"]
CREATE TABLE p06_big_orders (order_id NUMBER(12) PRIMARY KEY, total_amount NUMBER(14,2));
CREATE TABLE p06_small_orders (order_id NUMBER(12) PRIMARY KEY, total_amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p06_insert_all IS
BEGIN
  INSERT ALL
    WHEN total_amount >= 1000 THEN INTO p06_big_orders (order_id, total_amount) VALUES (order_id, total_amount)
    WHEN total_amount < 1000 THEN INTO p06_small_orders (order_id, total_amount) VALUES (order_id, total_amount)
  SELECT order_id, total_amount FROM orders WHERE status = 'PAID';
END p06_insert_all;
/
