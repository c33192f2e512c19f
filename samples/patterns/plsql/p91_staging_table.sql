--! pattern = "a staging table emptied, filled with a day and read"
--! [[write]]
--! statement = "TRUNCATE P91_STAGE"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "INSERT P91_STAGE"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "DELETE P91_RESULT"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "INSERT P91_RESULT"
--! outcome = "residual"
--! reason = "period_not_understood"
CREATE TABLE p91_stage (order_id NUMBER(12) PRIMARY KEY, region_code VARCHAR2(4), amount NUMBER(14,2));
CREATE TABLE p91_result (sales_date DATE, region_code VARCHAR2(4), amount NUMBER(16,2), CONSTRAINT p91_pk PRIMARY KEY (sales_date, region_code));
CREATE OR REPLACE PROCEDURE p91_staging_table(p_day IN DATE) IS
BEGIN
  EXECUTE IMMEDIATE 'TRUNCATE TABLE p91_stage';
  INSERT INTO p91_stage (order_id, region_code, amount)
  SELECT o.order_id, c.region_code, o.total_amount
    FROM orders o JOIN customers c ON c.customer_id = o.customer_id
   WHERE TRUNC(o.ordered_at) = p_day;
  DELETE FROM p91_result WHERE sales_date = p_day;
  INSERT INTO p91_result (sales_date, region_code, amount)
  SELECT p_day, region_code, SUM(amount) FROM p91_stage GROUP BY region_code;
  COMMIT;
END p91_staging_table;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'p91_staging_table_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN p91_staging_table(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
