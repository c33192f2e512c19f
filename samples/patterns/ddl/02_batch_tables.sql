-- Logs and control tables that the procedures share.
CREATE TABLE etl_log (
  log_id      NUMBER(14)      NOT NULL,
  logged_at   TIMESTAMP(6)    NOT NULL,
  job_name    VARCHAR2(40)    NOT NULL,
  message     VARCHAR2(2000),
  CONSTRAINT etl_log_pk PRIMARY KEY (log_id)
);
CREATE TABLE etl_control (
  job_name    VARCHAR2(40)    NOT NULL,
  last_run    DATE,
  status      VARCHAR2(10),
  row_count   NUMBER(12),
  CONSTRAINT etl_control_pk PRIMARY KEY (job_name)
);
CREATE TABLE etl_errors (
  job_name    VARCHAR2(40)    NOT NULL,
  row_key     VARCHAR2(100),
  error_text  VARCHAR2(2000),
  failed_at   DATE            NOT NULL
);
CREATE SEQUENCE seq_etl_log;
