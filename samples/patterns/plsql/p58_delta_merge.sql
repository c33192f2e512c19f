--! pattern = "6 delta: MERGE adds the totals of a day"
--! [[write]]
--! statement = "MERGE P58_TOTALS"
--! outcome = "assumed"
--! class = "delta"
--! key = ["REGION_CODE"]
--! assumes = ["opening-balance"]
CREATE TABLE p58_totals (region_code VARCHAR2(4) PRIMARY KEY, amount NUMBER(18,2) NOT NULL);
CREATE OR REPLACE PROCEDURE p58_delta_merge(p_day IN DATE) IS
BEGIN
  MERGE INTO p58_totals t
  USING (SELECT c.region_code, SUM(o.total_amount) amount
           FROM orders o JOIN customers c ON c.customer_id = o.customer_id
          WHERE o.ordered_at >= p_day AND o.ordered_at < p_day + 1
          GROUP BY c.region_code) s
     ON (t.region_code = s.region_code)
   WHEN MATCHED THEN UPDATE SET t.amount = t.amount + s.amount
   WHEN NOT MATCHED THEN INSERT (region_code, amount) VALUES (s.region_code, s.amount);
  COMMIT;
END p58_delta_merge;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'p58_delta_merge_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN p58_delta_merge(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
