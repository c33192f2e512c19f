--! pattern = "EXIT WHEN NOTFOUND behind a FETCH with LIMIT loses the last chunk"
--! [[write]]
--! statement = "DELETE T_N34_CHUNK_LOST"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N34_CHUNK_LOST"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n34_chunk_lost (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n34_chunk_lost IS
  CURSOR c IS SELECT customer_id FROM customers;
  TYPE t_ids IS TABLE OF NUMBER(10);
  l_ids t_ids;
BEGIN
  DELETE FROM t_n34_chunk_lost;
  OPEN c;
  LOOP
    FETCH c BULK COLLECT INTO l_ids LIMIT 100;
    EXIT WHEN c%NOTFOUND;
    FORALL i IN 1 .. l_ids.COUNT
      INSERT INTO t_n34_chunk_lost (customer_id, v) VALUES (l_ids(i), 1);
  END LOOP;
  CLOSE c;
END n34_chunk_lost;
/
