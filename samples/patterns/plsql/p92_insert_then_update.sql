--! pattern = "a table is filled, then completed by an UPDATE"
--! [[write]]
--! statement = "DELETE P92_LIST"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT P92_LIST"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "UPDATE P92_LIST"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "DELETE P92_LIST"
--! outcome = "residual"
--! reason = "self_read"
CREATE TABLE p92_list (customer_id NUMBER(10) PRIMARY KEY, credit_limit NUMBER(12,2), grade VARCHAR2(1));
CREATE OR REPLACE PROCEDURE p92_insert_then_update IS
BEGIN
  DELETE FROM p92_list;
  INSERT INTO p92_list (customer_id, credit_limit, grade) SELECT customer_id, credit_limit, 'C' FROM customers;
  UPDATE p92_list SET grade = 'A' WHERE credit_limit > 10000;
  DELETE FROM p92_list WHERE credit_limit = 0;
  COMMIT;
END p92_insert_then_update;
/
