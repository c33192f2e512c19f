-- ガス訪問検針 (ハンディ端末) の取込
OPTIONS (SKIP=1, ERRORS=50, DIRECT=FALSE)
LOAD DATA
CHARACTERSET JA16SJISTILDE
INFILE '/data/meter/incoming/gas_readings.csv'
BADFILE '/data/meter/bad/gas_readings.bad'
DISCARDFILE '/data/meter/bad/gas_readings.dsc'
TRUNCATE
INTO TABLE meter.stg_gas_readings
WHEN (meter_id <> BLANKS)
FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"'
TRAILING NULLCOLS
(
  meter_id     CHAR(10),
  read_on      DATE "YYYY/MM/DD",
  usage_m3     DECIMAL EXTERNAL,
  reader_name  CHAR(60) "TRIM(:reader_name)"
)
