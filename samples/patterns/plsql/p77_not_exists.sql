--! pattern = "10 NOT EXISTS and NOT IN on other tables"
--! [[write]]
--! statement = "DELETE P77_SILENT"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P77_SILENT"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p77_silent (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE p77_not_exists IS
BEGIN
  DELETE FROM p77_silent;
  INSERT INTO p77_silent (customer_id, name)
  SELECT c.customer_id, c.name FROM customers c
   WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.customer_id)
     AND c.customer_id NOT IN (SELECT p.customer_id FROM payments p);
END p77_not_exists;
/
