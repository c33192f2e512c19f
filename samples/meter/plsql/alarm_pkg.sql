-- =====================================================================
-- åxïÒ: éÌï Ç≤Ç∆ÇÃè„å¿Çí¥Ç¶ÇΩéûä‘ë—Çìoò^Ç∑ÇÈ
-- 1 éûä‘Ç…Ç¬Ç´ 1 âÒÇæÇØé¿çsÇ∑ÇÈÇ±Ç∆ (çƒé¿çsÇ∑ÇÈÇ∆àÍà”êßñÒà·îΩÇ…Ç»ÇÈ)
-- =====================================================================
CREATE OR REPLACE PACKAGE meter.alarm_pkg AS
  PROCEDURE raise_alarms(p_hour IN DATE);
END alarm_pkg;
/

CREATE OR REPLACE PACKAGE BODY meter.alarm_pkg AS

  PROCEDURE raise_alarms(p_hour IN DATE) IS
    v_limit alarm_thresholds.max_usage%TYPE;
  BEGIN
    FOR r IN (SELECT h.meter_id, h.usage_hour, h.usage_qty, m.meter_kind
                FROM hourly_usage h
                JOIN meters m ON m.meter_id = h.meter_id
               WHERE h.usage_hour = p_hour)
    LOOP
      BEGIN
        SELECT t.max_usage
          INTO v_limit
          FROM alarm_thresholds t
         WHERE t.meter_kind = r.meter_kind;
      EXCEPTION
        WHEN NO_DATA_FOUND THEN
          v_limit := NULL;        -- ÇµÇ´Ç¢ílÇÃÇ»Ç¢éÌï ÇÕëŒè€äO
      END;

      IF v_limit IS NOT NULL AND r.usage_qty > v_limit THEN
        INSERT INTO alarms (meter_id, alarm_hour, usage_qty, limit_qty, message)
        VALUES (r.meter_id, r.usage_hour, r.usage_qty, v_limit, 'è„å¿í¥âﬂ [' || r.meter_kind || '] âÊñ Ç…ï\é¶');
      END IF;
    END LOOP;
    COMMIT;
  END raise_alarms;

END alarm_pkg;
/
