--! pattern = "a month that is closed once"
--! [[write]]
--! statement = "INSERT T_N26"
--! outcome = "residual"
--! reason = "freeze_on_purpose"
CREATE TABLE t_n26 (month DATE, customer_id NUMBER(10), v NUMBER(18,2), CONSTRAINT t_n26_pk PRIMARY KEY (month, customer_id));
CREATE OR REPLACE PROCEDURE n26_freeze(p_month IN DATE) IS
  v_n NUMBER;
BEGIN
  SELECT COUNT(*) INTO v_n FROM t_n26 WHERE month = p_month;
  IF v_n > 0 THEN
    RETURN;
  END IF;
  INSERT INTO t_n26 (month, customer_id, v)
  SELECT p_month, customer_id, SUM(total_amount) FROM orders WHERE TRUNC(ordered_at, 'MM') = p_month GROUP BY customer_id;
END n26_freeze;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'n26_freeze_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN n26_freeze(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
