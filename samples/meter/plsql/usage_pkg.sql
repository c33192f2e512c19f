-- =====================================================================
-- 使用量の集計 (時間・日・地区別月次)
-- =====================================================================
CREATE OR REPLACE PACKAGE meter.usage_pkg AS
  PROCEDURE load_hourly(p_hour IN DATE);
  PROCEDURE load_daily(p_date IN DATE);
  PROCEDURE load_area_monthly(p_month IN VARCHAR2);   -- 'YYYYMM'
END usage_pkg;
/

CREATE OR REPLACE PACKAGE BODY meter.usage_pkg AS

  -- 1 時間分を作り直す。30 分値 2 件で 1 行になる
  PROCEDURE load_hourly(p_hour IN DATE) IS
  BEGIN
    DELETE FROM hourly_usage
     WHERE usage_hour = p_hour;

    INSERT INTO hourly_usage (meter_id, usage_hour, usage_qty, reading_count)
    SELECT r.meter_id,
           TRUNC(r.read_at, 'HH24'),
           SUM(r."検針値" * m.multiplier),
           COUNT(*)
      FROM readings r
      JOIN meters m ON m.meter_id = r.meter_id
     WHERE r.read_at >= p_hour
       AND r.read_at < p_hour + 1 / 24
       AND r.quality <> '9'
     GROUP BY r.meter_id, TRUNC(r.read_at, 'HH24');

    write_job_log('HOURLY', '時間集計 ' || TO_CHAR(p_hour, 'YYYY/MM/DD HH24') || '時 ' || SQL%ROWCOUNT || '件');
    COMMIT;
  END load_hourly;

  -- 日集計。訂正が届いた日は再実行で上書きする
  PROCEDURE load_daily(p_date IN DATE) IS
  BEGIN
    MERGE INTO daily_usage d
    USING (SELECT r.meter_id,
                  TRUNC(r.read_at)                AS usage_date,
                  SUM(r."検針値" * m.multiplier)  AS usage_qty,
                  MAX(r."検針値")                 AS peak_qty
             FROM readings r
             JOIN meters m ON m.meter_id = r.meter_id
            WHERE r.read_at >= p_date
              AND r.read_at < p_date + 1
              AND r.quality <> '9'
            GROUP BY r.meter_id, TRUNC(r.read_at)) s
       ON (d.meter_id = s.meter_id AND d.usage_date = s.usage_date)
     WHEN MATCHED THEN
       UPDATE SET d.usage_qty  = s.usage_qty,
                  d.peak_qty   = s.peak_qty,
                  d.updated_at = SYSDATE
     WHEN NOT MATCHED THEN
       INSERT (meter_id, usage_date, usage_qty, peak_qty, updated_at)
       VALUES (s.meter_id, s.usage_date, s.usage_qty, s.peak_qty, SYSDATE);
    COMMIT;
  END load_daily;

  -- 地区別月次。単価を掛けて円未満を四捨五入する
  PROCEDURE load_area_monthly(p_month IN VARCHAR2) IS
  BEGIN
    DELETE FROM area_monthly
     WHERE usage_month = p_month;

    INSERT INTO area_monthly (usage_month, area_code, usage_qty, amount)
    SELECT TO_CHAR(d.usage_date, 'YYYYMM'),
           m.area_code,
           SUM(d.usage_qty),
           ROUND(SUM(d.usage_qty * a."単価"), 0)
      FROM daily_usage d
      JOIN meters m ON m.meter_id = d.meter_id
      JOIN "地区" a ON a."地区コード" = m.area_code
     WHERE TO_CHAR(d.usage_date, 'YYYYMM') = p_month
     GROUP BY TO_CHAR(d.usage_date, 'YYYYMM'), m.area_code;
    COMMIT;
  END load_area_monthly;

END usage_pkg;
/
