-- スケジューラ定義
BEGIN
  DBMS_SCHEDULER.CREATE_JOB(
    job_name        => 'METER.HOURLY_JOB',
    job_type        => 'STORED_PROCEDURE',
    job_action      => 'METER.HOURLY_RUN',
    start_date      => TO_TIMESTAMP_TZ('2025-01-01 00:10:00 Asia/Tokyo', 'YYYY-MM-DD HH24:MI:SS TZR'),
    repeat_interval => 'FREQ=HOURLY;INTERVAL=1;BYMINUTE=10;BYSECOND=0',
    enabled         => TRUE,
    auto_drop       => FALSE,
    comments        => '毎時の取込・集計・警報');

  DBMS_SCHEDULER.CREATE_JOB(
    job_name        => 'METER.DAILY_JOB',
    job_type        => 'PLSQL_BLOCK',
    job_action      => 'BEGIN meter.daily_run; END;',
    start_date      => TO_TIMESTAMP_TZ('2025-01-01 02:00:00 Asia/Tokyo', 'YYYY-MM-DD HH24:MI:SS TZR'),
    repeat_interval => 'FREQ=DAILY;BYHOUR=2;BYMINUTE=0;BYSECOND=0',
    enabled         => TRUE,
    auto_drop       => FALSE,
    comments        => '日集計・欠測検出・地区別月次');
END;
/
