--! pattern = "3 fold: one row a day from a loop over the day"
--! [[write]]
--! statement = "DELETE P25_DAY_TOTAL"
--! outcome = "assumed"
--! class = "replace_period"
--! key = ["SALES_DATE"]
--! assumes = ["period-partitions"]
--! [[write]]
--! statement = "INSERT P25_DAY_TOTAL"
--! outcome = "assumed"
--! class = "replace_period"
--! key = ["SALES_DATE"]
--! assumes = ["period-partitions"]
CREATE TABLE p25_day_total (sales_date DATE PRIMARY KEY, amount NUMBER(18,2), order_count NUMBER(9));
CREATE OR REPLACE PROCEDURE p25_fold_of_a_day(p_day IN DATE) IS
  v_amount NUMBER := 0;
  v_count  NUMBER := 0;
BEGIN
  DELETE FROM p25_day_total WHERE sales_date = p_day;
  FOR o IN (SELECT total_amount FROM orders WHERE ordered_at >= p_day AND ordered_at < p_day + 1) LOOP
    v_amount := v_amount + o.total_amount;
    v_count  := v_count + 1;
  END LOOP;
  INSERT INTO p25_day_total (sales_date, amount, order_count) VALUES (p_day, v_amount, v_count);
  COMMIT;
END p25_fold_of_a_day;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'p25_fold_of_a_day_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN p25_fold_of_a_day(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
