--! pattern = "2 one collection a column, FORALL"
--! [[write]]
--! statement = "DELETE P18_PAIRS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P18_PAIRS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p18_pairs (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE p18_bulk_columns IS
  TYPE t_ids IS TABLE OF NUMBER(10) INDEX BY BINARY_INTEGER;
  TYPE t_names IS TABLE OF VARCHAR2(100) INDEX BY BINARY_INTEGER;
  l_ids   t_ids;
  l_names t_names;
BEGIN
  DELETE FROM p18_pairs;
  SELECT customer_id, name BULK COLLECT INTO l_ids, l_names FROM customers WHERE status = 'ACTIVE';
  FORALL i IN l_ids.FIRST .. l_ids.LAST
    INSERT INTO p18_pairs (customer_id, name) VALUES (l_ids(i), l_names(i));
  COMMIT;
END p18_bulk_columns;
/
