--! pattern = "a global temporary table between two statements"
--! [[write]]
--! statement = "INSERT P90_WORK"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "DELETE P90_RESULT"
--! outcome = "residual"
--! reason = "not_lowered"
--! [[write]]
--! statement = "INSERT P90_RESULT"
--! outcome = "residual"
--! reason = "not_lowered"
CREATE GLOBAL TEMPORARY TABLE p90_work (customer_id NUMBER(10), amount NUMBER(16,2)) ON COMMIT DELETE ROWS;
CREATE TABLE p90_result (sales_date DATE, customer_id NUMBER(10), amount NUMBER(16,2), CONSTRAINT p90_pk PRIMARY KEY (sales_date, customer_id));
CREATE OR REPLACE PROCEDURE p90_temporary_table(p_day IN DATE) IS
BEGIN
  INSERT INTO p90_work (customer_id, amount)
  SELECT customer_id, SUM(total_amount) FROM orders
   WHERE ordered_at >= p_day AND ordered_at < p_day + 1
   GROUP BY customer_id;
  DELETE FROM p90_result WHERE sales_date = p_day;
  INSERT INTO p90_result (sales_date, customer_id, amount)
  SELECT p_day, customer_id, amount FROM p90_work WHERE amount > 100;
  COMMIT;
END p90_temporary_table;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'p90_temporary_table_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN p90_temporary_table(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
