-- =====================================================================
-- 外部表: 集約装置が 10 分ごとに置くファイルをそのまま読む
-- 文字コードは Shift_JIS (機種依存文字 ①②～ を含むことがある)
-- =====================================================================
CREATE OR REPLACE DIRECTORY meter_in AS '/data/meter/incoming';
CREATE OR REPLACE DIRECTORY meter_bad AS '/data/meter/bad';

GRANT READ ON DIRECTORY meter_in TO meter;
GRANT READ, WRITE ON DIRECTORY meter_bad TO meter;

CREATE TABLE meter.ext_readings (
  meter_id     CHAR(10),
  read_at      DATE,
  usage_qty    NUMBER(12,3),
  quality      CHAR(1),
  device_note  VARCHAR2(200)
)
ORGANIZATION EXTERNAL (
  TYPE ORACLE_LOADER
  DEFAULT DIRECTORY meter_in
  ACCESS PARAMETERS (
    RECORDS DELIMITED BY NEWLINE
    CHARACTERSET JA16SJISTILDE
    BADFILE meter_bad:'readings_%p.bad'
    LOGFILE meter_bad:'readings_%p.log'
    SKIP 1
    FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' LDRTRIM
    MISSING FIELD VALUES ARE NULL
    (
      meter_id     CHAR(10),
      read_at      CHAR(19) DATE_FORMAT DATE MASK "YYYY/MM/DD HH24:MI:SS",
      usage_qty    CHAR(16),
      quality      CHAR(1),
      device_note  CHAR(200)
    )
  )
  LOCATION (meter_in:'readings.csv')
)
REJECT LIMIT UNLIMITED
PARALLEL 2;
