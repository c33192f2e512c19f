-- =====================================================================
-- 検針システム 表定義
-- 予備機でも同じスクリプトを使用する (㈱ひので電力 システム部)
-- =====================================================================

-- 地区マスタ。旧システムから移行したため、列名も日本語のまま
CREATE TABLE meter."地区" (
  "地区コード"   VARCHAR2(6)   NOT NULL,
  "地区名"       VARCHAR2(60)  NOT NULL,
  "単価"         NUMBER(10,4)  NOT NULL,
  "世帯数"       NUMBER(8),
  CONSTRAINT area_pk PRIMARY KEY ("地区コード")
) TABLESPACE meter_data;

CREATE TABLE meter.meters (
  meter_id       CHAR(10)      NOT NULL,
  meter_kind     VARCHAR2(4)   NOT NULL,
  area_code      VARCHAR2(6)   NOT NULL,
  multiplier     NUMBER(6,3)   DEFAULT 1 NOT NULL,
  interval_min   NUMBER(4)     DEFAULT 30 NOT NULL,
  installed_on   DATE          NOT NULL,
  removed_on     DATE,
  location_note  VARCHAR2(400),
  CONSTRAINT meters_pk PRIMARY KEY (meter_id),
  CONSTRAINT meters_fk1 FOREIGN KEY (area_code) REFERENCES meter."地区" ("地区コード"),
  CONSTRAINT meters_ck1 CHECK (meter_kind IN ('ELEC', 'GAS', 'WATR')),
  CONSTRAINT meters_ck2 CHECK (interval_min IN (30, 60, 1440))
) TABLESPACE meter_data;

-- 検針値。"検針値" は計測間隔内の使用量 (累積値ではない)
CREATE TABLE meter.readings (
  meter_id       CHAR(10)      NOT NULL,
  read_at        DATE          NOT NULL,
  "検針値"       NUMBER(12,3)  NOT NULL,
  quality        CHAR(1)       DEFAULT '0' NOT NULL,
  loaded_at      DATE          NOT NULL,
  CONSTRAINT readings_pk PRIMARY KEY (meter_id, read_at),
  CONSTRAINT readings_fk1 FOREIGN KEY (meter_id) REFERENCES meter.meters (meter_id),
  CONSTRAINT readings_ck1 CHECK (quality IN ('0', '1', '9'))
)
PARTITION BY RANGE (read_at) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) (
  PARTITION readings_p0 VALUES LESS THAN (TO_DATE('2025-01-01', 'YYYY-MM-DD'))
);

-- ガス検針の一時表 (SQL*Loader で毎回入れ替え)
CREATE TABLE meter.stg_gas_readings (
  meter_id       CHAR(10)      NOT NULL,
  read_on        DATE          NOT NULL,
  usage_m3       NUMBER(12,3),
  reader_name    VARCHAR2(60)
) TABLESPACE meter_stage;

-- 検針予定。1 行 = 届くはずの検針値 1 件
CREATE TABLE meter.read_schedule (
  meter_id       CHAR(10)      NOT NULL,
  due_at         DATE          NOT NULL,
  CONSTRAINT read_schedule_pk PRIMARY KEY (meter_id, due_at)
) TABLESPACE meter_data;

CREATE TABLE meter.hourly_usage (
  meter_id       CHAR(10)      NOT NULL,
  usage_hour     DATE          NOT NULL,
  usage_qty      NUMBER(16,3)  NOT NULL,
  reading_count  NUMBER(4)     NOT NULL,
  CONSTRAINT hourly_usage_pk PRIMARY KEY (meter_id, usage_hour)
) TABLESPACE meter_data;

CREATE TABLE meter.daily_usage (
  meter_id       CHAR(10)      NOT NULL,
  usage_date     DATE          NOT NULL,
  usage_qty      NUMBER(16,3)  NOT NULL,
  peak_qty       NUMBER(12,3),
  updated_at     DATE          NOT NULL,
  CONSTRAINT daily_usage_pk PRIMARY KEY (meter_id, usage_date)
) TABLESPACE meter_data;

-- 地区別月次集計 (請求見込)
CREATE TABLE meter.area_monthly (
  usage_month    CHAR(6)       NOT NULL,
  area_code      VARCHAR2(6)   NOT NULL,
  usage_qty      NUMBER(20,3)  NOT NULL,
  amount         NUMBER(18,0)  NOT NULL,
  CONSTRAINT area_monthly_pk PRIMARY KEY (usage_month, area_code)
) TABLESPACE meter_data;

-- 欠測一覧
CREATE TABLE meter.missing_readings (
  meter_id       CHAR(10)      NOT NULL,
  due_at         DATE          NOT NULL,
  area_code      VARCHAR2(6)   NOT NULL,
  CONSTRAINT missing_readings_pk PRIMARY KEY (meter_id, due_at)
) TABLESPACE meter_data;

-- 計器種別ごとのしきい値
CREATE TABLE meter.alarm_thresholds (
  meter_kind     VARCHAR2(4)   NOT NULL,
  max_usage      NUMBER(12,3)  NOT NULL,
  CONSTRAINT alarm_thresholds_pk PRIMARY KEY (meter_kind)
) TABLESPACE meter_data;

CREATE TABLE meter.alarms (
  meter_id       CHAR(10)      NOT NULL,
  alarm_hour     DATE          NOT NULL,
  usage_qty      NUMBER(16,3)  NOT NULL,
  limit_qty      NUMBER(12,3)  NOT NULL,
  message        VARCHAR2(200),
  CONSTRAINT alarms_pk PRIMARY KEY (meter_id, alarm_hour)
) TABLESPACE meter_data;

CREATE SEQUENCE meter.seq_job_log START WITH 1 INCREMENT BY 1 CACHE 20;

CREATE TABLE meter.job_log (
  log_id         NUMBER(12)    NOT NULL,
  logged_at      TIMESTAMP(3)  NOT NULL,
  job_name       VARCHAR2(40)  NOT NULL,
  message        VARCHAR2(400),
  CONSTRAINT job_log_pk PRIMARY KEY (log_id)
) TABLESPACE meter_data;

CREATE INDEX meter.readings_ix1 ON meter.readings (read_at) LOCAL;
