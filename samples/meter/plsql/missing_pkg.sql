-- =====================================================================
-- 検針予定の作成と欠測の検出
-- =====================================================================
CREATE OR REPLACE PACKAGE meter.missing_pkg AS
  PROCEDURE build_schedule(p_date IN DATE);
  PROCEDURE detect_missing(p_date IN DATE);
END missing_pkg;
/

CREATE OR REPLACE PACKAGE BODY meter.missing_pkg AS

  -- 計器ごとに、その日に届くはずの時刻を並べる (30 分計なら 48 行)
  PROCEDURE build_schedule(p_date IN DATE) IS
  BEGIN
    INSERT INTO read_schedule (meter_id, due_at)
    SELECT m.meter_id, p_date + n.slot_no * m.interval_min / 1440
      FROM meters m
     CROSS JOIN (SELECT LEVEL - 1 AS slot_no
                   FROM dual
                CONNECT BY LEVEL <= 48) n
     WHERE n.slot_no * m.interval_min < 1440
       AND m.installed_on <= p_date
       AND (m.removed_on IS NULL OR m.removed_on > p_date)
       AND NOT EXISTS (SELECT 1
                         FROM read_schedule x
                        WHERE x.meter_id = m.meter_id
                          AND x.due_at >= p_date
                          AND x.due_at < p_date + 1);
    COMMIT;
  END build_schedule;

  -- 予定にあって検針値がないものが欠測。遅れて届けば再実行で消える
  PROCEDURE detect_missing(p_date IN DATE) IS
  BEGIN
    DELETE FROM missing_readings
     WHERE due_at >= p_date
       AND due_at < p_date + 1;

    INSERT INTO missing_readings (meter_id, due_at, area_code)
    SELECT s.meter_id, s.due_at, m.area_code
      FROM read_schedule s
      JOIN meters m ON m.meter_id = s.meter_id
     WHERE s.due_at >= p_date
       AND s.due_at < p_date + 1
       AND NOT EXISTS (SELECT 1
                         FROM readings r
                        WHERE r.meter_id = s.meter_id
                          AND r.read_at = s.due_at);

    write_job_log('DAILY', '欠測 ' || SQL%ROWCOUNT || ' 件');
    COMMIT;
  END detect_missing;

END missing_pkg;
/
