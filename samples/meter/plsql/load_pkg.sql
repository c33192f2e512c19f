-- =====================================================================
-- ŒŸj’l‚Ìæ
-- =====================================================================
CREATE OR REPLACE PACKAGE meter.load_pkg AS
  PROCEDURE load_readings;      -- ŠO•”•\ ¨ READINGS
  PROCEDURE load_gas;           -- ˆê•\ ¨ READINGS
END load_pkg;
/

CREATE OR REPLACE PACKAGE BODY meter.load_pkg AS

  -- “¯‚¶‚ÌŒŸj’l‚ªÄ‘—‚³‚ê‚½ê‡‚Íã‘‚«‚·‚é
  PROCEDURE load_readings IS
  BEGIN
    MERGE INTO readings r
    USING (SELECT e.meter_id, e.read_at, e.usage_qty, e.quality
             FROM ext_readings e
            WHERE e.usage_qty IS NOT NULL) s
       ON (r.meter_id = s.meter_id AND r.read_at = s.read_at)
     WHEN MATCHED THEN
       UPDATE SET r."ŒŸj’l"  = s.usage_qty,
                  r.quality   = NVL(s.quality, '0'),
                  r.loaded_at = SYSDATE
     WHEN NOT MATCHED THEN
       INSERT (meter_id, read_at, "ŒŸj’l", quality, loaded_at)
       VALUES (s.meter_id, s.read_at, s.usage_qty, NVL(s.quality, '0'), SYSDATE);
    COMMIT;
  END load_readings;

  -- –K–âŒŸjBæ‚É“o˜^‚³‚ê‚½’l‚ğ—Dæ‚·‚é
  PROCEDURE load_gas IS
  BEGIN
    INSERT INTO readings (meter_id, read_at, "ŒŸj’l", quality, loaded_at)
    SELECT g.meter_id, g.read_on, g.usage_m3, '0', SYSDATE
      FROM stg_gas_readings g
      JOIN meters m ON m.meter_id = g.meter_id
     WHERE g.usage_m3 IS NOT NULL
       AND m.meter_kind = 'GAS'
       AND NOT EXISTS (SELECT 1
                         FROM readings r
                        WHERE r.meter_id = g.meter_id
                          AND r.read_at = g.read_on);
    COMMIT;
  END load_gas;

END load_pkg;
/
