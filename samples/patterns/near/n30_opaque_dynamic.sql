--! pattern = "the text is put together from a table"
--! [[write]]
--! statement = "DYNAMIC ?"
--! outcome = "residual"
--! reason = "opaque_dynamic_sql"
CREATE OR REPLACE PROCEDURE n30_opaque_dynamic IS
BEGIN
  FOR r IN (SELECT region_name FROM regions) LOOP
    EXECUTE IMMEDIATE 'DELETE FROM ' || r.region_name || ' WHERE 1 = 1';
  END LOOP;
END n30_opaque_dynamic;
/
