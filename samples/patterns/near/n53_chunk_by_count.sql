--! pattern = "EXIT WHEN the chunk is not full, directly behind the FETCH, loses the last rows"
--! [[write]]
--! statement = "DELETE T_N53_CHUNKS"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N53_CHUNKS"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n53_chunks (customer_id NUMBER(10) PRIMARY KEY);
CREATE OR REPLACE PROCEDURE n53_chunk_by_count IS
  CURSOR c IS SELECT customer_id FROM customers;
  TYPE t_ids IS TABLE OF NUMBER(10);
  l_ids t_ids;
BEGIN
  DELETE FROM t_n53_chunks;
  OPEN c;
  LOOP
    FETCH c BULK COLLECT INTO l_ids LIMIT 100;
    EXIT WHEN l_ids.COUNT < 100;
    FORALL i IN 1 .. l_ids.COUNT
      INSERT INTO t_n53_chunks (customer_id) VALUES (l_ids(i));
  END LOOP;
  CLOSE c;
END n53_chunk_by_count;
/
