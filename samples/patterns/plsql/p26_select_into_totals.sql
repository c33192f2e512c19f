--! pattern = "3 fold: SELECT INTO of totals, then one row"
--! [[write]]
--! statement = "DELETE P26_DAY_TOTAL"
--! outcome = "assumed"
--! class = "replace_period"
--! key = ["SALES_DATE"]
--! assumes = ["period-partitions"]
--! [[write]]
--! statement = "INSERT P26_DAY_TOTAL"
--! outcome = "assumed"
--! class = "replace_period"
--! key = ["SALES_DATE"]
--! assumes = ["period-partitions"]
CREATE TABLE p26_day_total (sales_date DATE PRIMARY KEY, amount NUMBER(18,2), biggest NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p26_select_into_totals(p_day IN DATE) IS
  v_amount  NUMBER(18,2);
  v_biggest NUMBER(14,2);
BEGIN
  SELECT NVL(SUM(total_amount), 0), MAX(total_amount)
    INTO v_amount, v_biggest
    FROM orders
   WHERE ordered_at >= p_day AND ordered_at < p_day + 1;
  DELETE FROM p26_day_total WHERE sales_date = p_day;
  INSERT INTO p26_day_total (sales_date, amount, biggest) VALUES (p_day, v_amount, v_biggest);
  COMMIT;
END p26_select_into_totals;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'p26_select_into_totals_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN p26_select_into_totals(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
