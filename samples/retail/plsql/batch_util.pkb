CREATE OR REPLACE PACKAGE BODY retail.batch_util AS

  -- A line must stay in the log when the batch rolls back.
  PROCEDURE write_log(p_name     IN VARCHAR2,
                      p_severity IN VARCHAR2,
                      p_message  IN VARCHAR2,
                      p_rows     IN NUMBER) IS
    PRAGMA AUTONOMOUS_TRANSACTION;
  BEGIN
    INSERT INTO batch_log (log_id, logged_at, batch_name, severity, message, row_count)
    VALUES (seq_batch_log.NEXTVAL, SYSTIMESTAMP, p_name, p_severity, SUBSTR(p_message, 1, 2000), p_rows);
    COMMIT;
  END write_log;

  PROCEDURE start_batch(p_name IN VARCHAR2, p_date IN DATE) IS
  BEGIN
    UPDATE batch_control
       SET status        = 'RUNNING',
           business_date = p_date,
           started_at    = SYSDATE,
           finished_at   = NULL
     WHERE batch_name = p_name;

    IF SQL%ROWCOUNT = 0 THEN
      INSERT INTO batch_control (batch_name, status, business_date, started_at)
      VALUES (p_name, 'RUNNING', p_date, SYSDATE);
    END IF;
    COMMIT;
    write_log(p_name, 'I', 'started', NULL);
  END start_batch;

  PROCEDURE end_batch(p_name IN VARCHAR2, p_status IN VARCHAR2 DEFAULT 'DONE') IS
  BEGIN
    UPDATE batch_control
       SET status      = p_status,
           finished_at = SYSDATE
     WHERE batch_name = p_name;
    COMMIT;
    write_log(p_name, 'I', 'ended: ' || p_status, NULL);
  END end_batch;

  PROCEDURE log_info(p_name IN VARCHAR2, p_message IN VARCHAR2, p_rows IN NUMBER DEFAULT NULL) IS
  BEGIN
    write_log(p_name, 'I', p_message, p_rows);
  END log_info;

  PROCEDURE log_error(p_name IN VARCHAR2, p_message IN VARCHAR2) IS
  BEGIN
    write_log(p_name, 'E', p_message, NULL);
  END log_error;

END batch_util;
/
