--! pattern = "totals of everything, appended by every run"
--! [[write]]
--! statement = "INSERT T_N25_TOTALS_AGAIN"
--! outcome = "residual"
--! reason = "period_not_understood"
CREATE TABLE t_n25_totals_again (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n25_totals_again IS
BEGIN
  INSERT INTO t_n25_totals_again (customer_id, v) SELECT customer_id, SUM(total_amount) FROM orders GROUP BY customer_id;
END n25_totals_again;
/
