--! pattern = "10 UNION and MINUS"
--! [[write]]
--! statement = "DELETE P78_IDS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P78_IDS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p78_ids (customer_id NUMBER(10) PRIMARY KEY);
CREATE OR REPLACE PROCEDURE p78_union_minus IS
BEGIN
  DELETE FROM p78_ids;
  INSERT INTO p78_ids (customer_id)
  SELECT customer_id FROM orders
  UNION
  SELECT customer_id FROM payments
  MINUS
  SELECT customer_id FROM customers WHERE status = 'CLOSED';
END p78_union_minus;
/
