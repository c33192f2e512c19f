--! pattern = "the table holds the last period only"
--! [[write]]
--! statement = "DELETE T_N28"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "INSERT T_N28"
--! outcome = "residual"
--! reason = "period_not_understood"
CREATE TABLE t_n28 (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n28_last_period_only(p_day IN DATE) IS
BEGIN
  DELETE FROM t_n28;
  INSERT INTO t_n28 (customer_id, v)
  SELECT customer_id, SUM(total_amount) FROM orders
   WHERE ordered_at >= p_day AND ordered_at < p_day + 1 GROUP BY customer_id;
END n28_last_period_only;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'n28_last_period_only_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN n28_last_period_only(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
