--! pattern = "1 set statement: DELETE of a day and INSERT"
--! [[write]]
--! statement = "DELETE P02_DAY_SALES"
--! outcome = "planned"
--! class = "replace_period"
--! key = ["SALES_DATE", "REGION_CODE"]
--! [[write]]
--! statement = "INSERT P02_DAY_SALES"
--! outcome = "planned"
--! class = "replace_period"
--! key = ["SALES_DATE", "REGION_CODE"]
CREATE TABLE p02_day_sales (sales_date DATE NOT NULL, region_code VARCHAR2(4) NOT NULL, amount NUMBER(16,2), order_count NUMBER(9), CONSTRAINT p02_pk PRIMARY KEY (sales_date, region_code));
CREATE OR REPLACE PROCEDURE p02_replace_period(p_day IN DATE) IS
BEGIN
  DELETE FROM p02_day_sales WHERE sales_date = p_day;
  INSERT INTO p02_day_sales (sales_date, region_code, amount, order_count)
  SELECT TRUNC(o.ordered_at), c.region_code, SUM(o.total_amount), COUNT(*)
    FROM orders o JOIN customers c ON c.customer_id = o.customer_id
   WHERE o.ordered_at >= p_day AND o.ordered_at < p_day + 1
   GROUP BY TRUNC(o.ordered_at), c.region_code;
  COMMIT;
END p02_replace_period;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'p02_replace_period_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN p02_replace_period(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
