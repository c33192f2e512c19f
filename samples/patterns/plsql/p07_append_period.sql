--! pattern = "1 set statement: INSERT of a day, never touched again"
--! [[write]]
--! statement = "INSERT P07_ORDER_ARCHIVE"
--! outcome = "planned"
--! class = "append"
--! key = ["ORDER_ID"]
CREATE TABLE p07_order_archive (order_id NUMBER(12) PRIMARY KEY, ordered_at DATE, total_amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p07_append_period(p_day DATE) IS
BEGIN
  INSERT INTO p07_order_archive (order_id, ordered_at, total_amount)
  SELECT order_id, ordered_at, total_amount FROM orders WHERE TRUNC(ordered_at) = p_day;
END p07_append_period;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'p07_append_period_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN p07_append_period(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
