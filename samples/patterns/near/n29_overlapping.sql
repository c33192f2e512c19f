--! pattern = "periods that overlap"
--! [[write]]
--! statement = "DELETE T_N29"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "INSERT T_N29"
--! outcome = "residual"
--! reason = "period_not_understood"
CREATE TABLE t_n29 (sales_date DATE, customer_id NUMBER(10), v NUMBER(18,2), CONSTRAINT t_n29_pk PRIMARY KEY (sales_date, customer_id));
CREATE OR REPLACE PROCEDURE n29_overlapping(p_day IN DATE) IS
BEGIN
  DELETE FROM t_n29 WHERE sales_date = p_day;
  INSERT INTO t_n29 (sales_date, customer_id, v)
  SELECT p_day, customer_id, SUM(total_amount) FROM orders
   WHERE ordered_at >= p_day - 6 AND ordered_at < p_day + 1 GROUP BY customer_id;
END n29_overlapping;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'n29_overlapping_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN n29_overlapping(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
