--! pattern = "10 MAX .. KEEP (DENSE_RANK LAST ORDER BY)"
--! [[write]]
--! statement = "DELETE P80_LAST"
--! outcome = "residual"
--! reason = "not_lowered"
--! [[write]]
--! statement = "INSERT P80_LAST"
--! outcome = "residual"
--! reason = "not_lowered"
CREATE TABLE p80_last (customer_id NUMBER(10) PRIMARY KEY, last_amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p80_keep_dense_rank IS
BEGIN
  DELETE FROM p80_last;
  INSERT INTO p80_last (customer_id, last_amount)
  SELECT customer_id, MAX(total_amount) KEEP (DENSE_RANK LAST ORDER BY ordered_at)
    FROM orders GROUP BY customer_id;
END p80_keep_dense_rank;
/
