--! pattern = "another period is deleted than is written"
--! [[write]]
--! statement = "DELETE T_N27"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "INSERT T_N27"
--! outcome = "residual"
--! reason = "period_not_understood"
CREATE TABLE t_n27 (sales_date DATE, customer_id NUMBER(10), v NUMBER(18,2), CONSTRAINT t_n27_pk PRIMARY KEY (sales_date, customer_id));
CREATE OR REPLACE PROCEDURE n27_other_period(p_day IN DATE) IS
BEGIN
  DELETE FROM t_n27 WHERE sales_date = p_day - 1;
  INSERT INTO t_n27 (sales_date, customer_id, v)
  SELECT TRUNC(ordered_at), customer_id, SUM(total_amount) FROM orders
   WHERE ordered_at >= p_day AND ordered_at < p_day + 1 GROUP BY TRUNC(ordered_at), customer_id;
END n27_other_period;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'n27_other_period_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN n27_other_period(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
