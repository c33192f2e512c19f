--! pattern = "every run adds everything again"
--! [[write]]
--! statement = "MERGE T_N24_DELTA_AGAIN"
--! outcome = "residual"
--! reason = "period_not_understood"
CREATE TABLE t_n24_delta_again (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n24_delta_again IS
BEGIN
  MERGE INTO t_n24_delta_again t USING (SELECT customer_id, SUM(total_amount) a FROM orders GROUP BY customer_id) s ON (t.customer_id = s.customer_id)
   WHEN MATCHED THEN UPDATE SET t.v = t.v + s.a
   WHEN NOT MATCHED THEN INSERT (customer_id, v) VALUES (s.customer_id, s.a);
END n24_delta_again;
/
