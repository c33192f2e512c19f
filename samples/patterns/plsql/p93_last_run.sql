--! pattern = "a mark of the last run steers an incremental load"
--! [[write]]
--! statement = "MERGE P93_CUSTOMERS"
--! outcome = "assumed"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
--! assumes = ["each-row-once"]
--! [[write]]
--! statement = "UPDATE ETL_CONTROL"
--! outcome = "control"
CREATE TABLE p93_customers (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100), updated_at DATE);
CREATE OR REPLACE PROCEDURE p93_last_run IS
  v_last DATE;
BEGIN
  SELECT last_run INTO v_last FROM etl_control WHERE job_name = 'P93';
  MERGE INTO p93_customers t
  USING (SELECT customer_id, name, updated_at FROM customers WHERE updated_at > v_last) s
     ON (t.customer_id = s.customer_id)
   WHEN MATCHED THEN UPDATE SET t.name = s.name, t.updated_at = s.updated_at
   WHEN NOT MATCHED THEN INSERT (customer_id, name, updated_at) VALUES (s.customer_id, s.name, s.updated_at);
  UPDATE etl_control SET last_run = SYSDATE, status = 'DONE', row_count = SQL%ROWCOUNT WHERE job_name = 'P93';
  COMMIT;
END p93_last_run;
/
