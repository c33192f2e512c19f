-- ã§í : ÉWÉáÉuÉçÉO
CREATE OR REPLACE PROCEDURE meter.write_job_log(p_job IN VARCHAR2, p_message IN VARCHAR2) IS
  PRAGMA AUTONOMOUS_TRANSACTION;
BEGIN
  INSERT INTO job_log (log_id, logged_at, job_name, message)
  VALUES (seq_job_log.NEXTVAL, SYSTIMESTAMP, p_job, SUBSTRB(p_message, 1, 400));
  COMMIT;
END write_job_log;
/
