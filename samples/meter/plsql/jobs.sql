-- 毎時 10 分: 直前の 1 時間を処理する
CREATE OR REPLACE PROCEDURE meter.hourly_run IS
  v_hour DATE := TRUNC(SYSDATE, 'HH24') - 1 / 24;
BEGIN
  write_job_log('HOURLY', '開始');
  load_pkg.load_readings;
  usage_pkg.load_hourly(v_hour);
  alarm_pkg.raise_alarms(v_hour);
  write_job_log('HOURLY', '終了');
EXCEPTION
  WHEN OTHERS THEN
    ROLLBACK;
    write_job_log('HOURLY', 'エラー: ' || SQLERRM);
    RAISE;
END hourly_run;
/

-- 毎日 2 時: 前日分
CREATE OR REPLACE PROCEDURE meter.daily_run IS
  v_date DATE := TRUNC(SYSDATE) - 1;
BEGIN
  write_job_log('DAILY', '開始');
  usage_pkg.load_daily(v_date);
  missing_pkg.detect_missing(v_date);
  usage_pkg.load_area_monthly(TO_CHAR(v_date, 'YYYYMM'));
  missing_pkg.build_schedule(TRUNC(SYSDATE));       -- 当日分の予定
  write_job_log('DAILY', '終了');
EXCEPTION
  WHEN OTHERS THEN
    ROLLBACK;
    write_job_log('DAILY', 'エラー: ' || SQLERRM);
    RAISE;
END daily_run;
/
