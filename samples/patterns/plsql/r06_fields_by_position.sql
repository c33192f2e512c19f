--! pattern = "2 a record is read by position, whatever the columns are called"
--! [[write]]
--! statement = "DELETE R06_ROWS"
--! outcome = "planned"
--! class = "replace_all"
--! [[write]]
--! statement = "INSERT R06_ROWS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ID"]
CREATE TABLE r06_rows (id NUMBER(10) PRIMARY KEY, low NUMBER(12,2), high NUMBER(12,2));
CREATE OR REPLACE PROCEDURE r06_fields_by_position IS
  TYPE t_row IS RECORD (id NUMBER(10), low NUMBER(12,2), high NUMBER(12,2));
  TYPE t_rows IS TABLE OF t_row;
  l_rows t_rows;
BEGIN
  DELETE FROM r06_rows;
  SELECT product_id, list_price - 1 AS high, list_price + 1 AS low BULK COLLECT INTO l_rows FROM products;
  FORALL i IN 1 .. l_rows.COUNT
    INSERT INTO r06_rows (id, low, high) VALUES (l_rows(i).id, l_rows(i).low, l_rows(i).high);
  COMMIT;
END r06_fields_by_position;
/
