CREATE OR REPLACE PACKAGE retail.housekeeping_pkg AS
  -- 取込エラーは 90 日保存する
  PROCEDURE purge_load_errors;

  -- Removes the rows of one table that are older than p_keep_days.
  PROCEDURE purge_table(p_table IN VARCHAR2, p_column IN VARCHAR2, p_keep_days IN NUMBER);

  -- Runs purge_table for every enabled row of PURGE_RULES.
  PROCEDURE purge_by_rules;
END housekeeping_pkg;
/
