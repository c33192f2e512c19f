--! pattern = "6 FORALL DELETE by key, FORALL INSERT of the same rows"
--! [[write]]
--! statement = "DELETE R02_ROWS"
--! outcome = "planned"
--! class = "upsert"
--! [[write]]
--! statement = "INSERT R02_ROWS"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
CREATE TABLE r02_rows (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE r02_forall_delete_insert IS
  CURSOR c IS SELECT customer_id, name FROM customers WHERE status = 'ACTIVE';
  TYPE t_rows IS TABLE OF r02_rows%ROWTYPE;
  l_rows t_rows;
BEGIN
  OPEN c;
  LOOP
    FETCH c BULK COLLECT INTO l_rows LIMIT 500;
    BEGIN
      FORALL i IN 1 .. l_rows.COUNT
        DELETE r02_rows WHERE customer_id = l_rows(i).customer_id;
    EXCEPTION
      WHEN OTHERS THEN NULL;
    END;
    FORALL i IN 1 .. l_rows.COUNT
      INSERT INTO r02_rows VALUES l_rows(i);
    EXIT WHEN c%NOTFOUND;
  END LOOP;
  CLOSE c;
END r02_forall_delete_insert;
/
