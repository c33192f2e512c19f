CREATE OR REPLACE PACKAGE BODY retail.month_close_pkg AS

  PROCEDURE close_month(p_month IN DATE) IS
    v_month   DATE := TRUNC(p_month, 'MM');
    v_closed  PLS_INTEGER;
  BEGIN
    SELECT COUNT(*)
      INTO v_closed
      FROM month_close
     WHERE close_month = v_month;

    IF v_closed > 0 THEN
      batch_util.log_info('MONTH_CLOSE', TO_CHAR(v_month, 'YYYY-MM') || ' is closed already');
      RETURN;
    END IF;

    INSERT INTO month_close (close_month, store_id, category_id, qty, net_amount, closed_at, closed_by)
    SELECT v_month,
           d.store_id,
           d.category_id,
           SUM(d.qty),
           SUM(d.net_amount),
           SYSDATE,
           USER
      FROM daily_sales d
     WHERE d.sales_date >= v_month
       AND d.sales_date < ADD_MONTHS(v_month, 1)
     GROUP BY d.store_id, d.category_id;

    batch_util.log_info('MONTH_CLOSE', TO_CHAR(v_month, 'YYYY-MM'), SQL%ROWCOUNT);
    COMMIT;
  END close_month;

END month_close_pkg;
/
