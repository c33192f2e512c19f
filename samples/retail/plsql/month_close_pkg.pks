CREATE OR REPLACE PACKAGE retail.month_close_pkg AS
  -- 月次締め: the figures are sent to head office and are not corrected afterwards
  PROCEDURE close_month(p_month IN DATE);
END month_close_pkg;
/
