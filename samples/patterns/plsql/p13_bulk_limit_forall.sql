--! pattern = "2 BULK COLLECT LIMIT and FORALL"
--! [[write]]
--! statement = "DELETE P13_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
--! [[write]]
--! statement = "INSERT P13_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["ORDER_ID"]
CREATE TABLE p13_copy (order_id NUMBER(12) PRIMARY KEY, total_amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p13_bulk_limit_forall IS
  CURSOR c IS SELECT order_id, total_amount FROM orders WHERE status = 'PAID';
  TYPE t_rows IS TABLE OF c%ROWTYPE;
  l_rows t_rows;
BEGIN
  DELETE FROM p13_copy;
  OPEN c;
  LOOP
    FETCH c BULK COLLECT INTO l_rows LIMIT 1000;
    EXIT WHEN l_rows.COUNT = 0;
    FORALL i IN 1 .. l_rows.COUNT
      INSERT INTO p13_copy (order_id, total_amount) VALUES (l_rows(i).order_id, l_rows(i).total_amount);
    COMMIT;
  END LOOP;
  CLOSE c;
END p13_bulk_limit_forall;
/
