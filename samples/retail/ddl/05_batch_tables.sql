-- バッチ制御 / control, logging and clean-up of the batches themselves

CREATE TABLE retail.batch_control (
  batch_name      VARCHAR2(40)       NOT NULL,
  status          VARCHAR2(8)        NOT NULL,
  business_date   DATE,
  started_at      DATE,
  finished_at     DATE,
  CONSTRAINT batch_control_pk PRIMARY KEY (batch_name),
  CONSTRAINT batch_control_ck1 CHECK (status IN ('RUNNING', 'DONE', 'FAILED'))
) TABLESPACE retail_data;

CREATE TABLE retail.batch_log (
  log_id          NUMBER(14)         NOT NULL,
  logged_at       TIMESTAMP(6)       DEFAULT SYSTIMESTAMP NOT NULL,
  batch_name      VARCHAR2(40)       NOT NULL,
  severity        CHAR(1)            DEFAULT 'I' NOT NULL,
  message         VARCHAR2(2000 CHAR),
  row_count       NUMBER(12),
  CONSTRAINT batch_log_pk PRIMARY KEY (log_id),
  CONSTRAINT batch_log_ck1 CHECK (severity IN ('I', 'W', 'E'))
) TABLESPACE retail_data;

CREATE TABLE retail.load_errors (
  error_id        NUMBER(14)         NOT NULL,
  source_table    VARCHAR2(128)      NOT NULL,
  source_key      VARCHAR2(100),
  error_code      NUMBER(6),
  error_text      VARCHAR2(2000 CHAR),
  logged_at       DATE               DEFAULT SYSDATE NOT NULL,
  CONSTRAINT load_errors_pk PRIMARY KEY (error_id)
) TABLESPACE retail_data;

-- which tables housekeeping empties, by which column, after how many days
CREATE TABLE retail.purge_rules (
  table_name      VARCHAR2(128)      NOT NULL,
  date_column     VARCHAR2(128)      NOT NULL,
  keep_days       NUMBER(5)          NOT NULL,
  enabled         CHAR(1)            DEFAULT 'Y' NOT NULL,
  CONSTRAINT purge_rules_pk PRIMARY KEY (table_name)
) TABLESPACE retail_data;

-- written by trigger trg_price_list_au
CREATE TABLE retail.price_audit (
  audit_id        NUMBER(14)         NOT NULL,
  product_id      NUMBER(10)         NOT NULL,
  old_price       NUMBER(12,2),
  new_price       NUMBER(12,2),
  changed_by      VARCHAR2(128)      NOT NULL,
  changed_at      DATE               NOT NULL,
  CONSTRAINT price_audit_pk PRIMARY KEY (audit_id)
) TABLESPACE retail_data;
