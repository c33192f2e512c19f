--! pattern = "retention: rows are deleted by their age"
--! [[write]]
--! statement = "DELETE EVENTS"
--! outcome = "control"
CREATE OR REPLACE PROCEDURE q01_retention IS
BEGIN
  DELETE FROM events WHERE happened_at < ADD_MONTHS(TRUNC(SYSDATE), -24);
  COMMIT;
END q01_retention;
/
