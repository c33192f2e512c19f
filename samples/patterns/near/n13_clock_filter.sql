--! pattern = "rows of the last thirty days, seen from the run"
--! [[write]]
--! statement = "DELETE T_N13_CLOCK_FILTER"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "INSERT T_N13_CLOCK_FILTER"
--! outcome = "residual"
--! reason = "period_not_understood"
CREATE TABLE t_n13_clock_filter (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n13_clock_filter IS
BEGIN
  DELETE FROM t_n13_clock_filter;
  INSERT INTO t_n13_clock_filter (customer_id, v) SELECT customer_id, credit_limit FROM customers WHERE created_at > SYSDATE - 30;
END n13_clock_filter;
/
