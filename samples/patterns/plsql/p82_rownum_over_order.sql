--! pattern = "10 ROWNUM over an ordered subquery"
--! [[write]]
--! statement = "DELETE P82_TEN"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
--! [[write]]
--! statement = "INSERT P82_TEN"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
CREATE TABLE p82_ten (order_id NUMBER(12) PRIMARY KEY, total_amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p82_rownum_over_order IS
BEGIN
  DELETE FROM p82_ten;
  INSERT INTO p82_ten (order_id, total_amount)
  SELECT order_id, total_amount
    FROM (SELECT order_id, total_amount FROM orders ORDER BY total_amount DESC, order_id)
   WHERE ROWNUM <= 10;
END p82_rownum_over_order;
/
