--! pattern = "control: a log in a transaction of its own"
--! [[write]]
--! statement = "INSERT ETL_LOG"
--! outcome = "control"
CREATE OR REPLACE PROCEDURE log_message(p_job IN VARCHAR2, p_message IN VARCHAR2) IS
  PRAGMA AUTONOMOUS_TRANSACTION;
BEGIN
  INSERT INTO etl_log (log_id, logged_at, job_name, message)
  VALUES (seq_etl_log.NEXTVAL, SYSTIMESTAMP, p_job, SUBSTR(p_message, 1, 2000));
  COMMIT;
END log_message;
/
