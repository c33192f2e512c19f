CREATE OR REPLACE PACKAGE retail.nightly AS
  -- 夜間バッチ: run_nightly.sh から 01:30 に起動される
  -- Everything for the business day that ended at midnight.
  PROCEDURE run;
END nightly;
/
