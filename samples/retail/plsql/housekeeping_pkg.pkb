CREATE OR REPLACE PACKAGE BODY retail.housekeeping_pkg AS

  PROCEDURE purge_load_errors IS
  BEGIN
    EXECUTE IMMEDIATE 'DELETE FROM load_errors WHERE logged_at < TRUNC(SYSDATE) - 90';
    COMMIT;
  END purge_load_errors;

  PROCEDURE purge_table(p_table IN VARCHAR2, p_column IN VARCHAR2, p_keep_days IN NUMBER) IS
    v_sql VARCHAR2(1000);
  BEGIN
    v_sql := 'DELETE FROM ' || DBMS_ASSERT.SIMPLE_SQL_NAME(p_table)
          || ' WHERE ' || DBMS_ASSERT.SIMPLE_SQL_NAME(p_column) || ' < TRUNC(SYSDATE) - :keep_days'
          || ' AND ROWNUM <= 50000';
    LOOP
      EXECUTE IMMEDIATE v_sql USING p_keep_days;
      EXIT WHEN SQL%ROWCOUNT = 0;
      COMMIT;
    END LOOP;
    COMMIT;
  END purge_table;

  PROCEDURE purge_by_rules IS
  BEGIN
    FOR r IN (SELECT pr.table_name, pr.date_column, pr.keep_days
                FROM purge_rules pr
               WHERE pr.enabled = 'Y')
    LOOP
      purge_table(r.table_name, r.date_column, r.keep_days);
    END LOOP;
  END purge_by_rules;

END housekeeping_pkg;
/
