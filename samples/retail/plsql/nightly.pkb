CREATE OR REPLACE PACKAGE BODY retail.nightly AS

  PROCEDURE run IS
    v_date DATE := TRUNC(SYSDATE) - 1;
  BEGIN
    batch_util.start_batch('NIGHTLY', v_date);

    -- 売上・原価
    sales_pkg.load_daily_sales(v_date);
    sales_pkg.load_order_costs(v_date);

    -- 残高・在庫・価格
    balance_pkg.refresh_customer_balance;
    stock_pkg.rebuild_stock_levels;
    price_pkg.track_price_changes(v_date);

    -- 会員
    points_pkg.load_point_events;
    loyalty_pkg.evaluate_tiers;
    customer_pkg.build_mailing_list;

    -- 分析
    sales_pkg.refresh_top_products;
    sales_pkg.refresh_last_sale;

    shipping_pkg.export_shipments;

    -- 毎月 3 日に前月を締める
    IF TO_CHAR(SYSDATE, 'DD') = '03' THEN
      month_close_pkg.close_month(ADD_MONTHS(TRUNC(SYSDATE, 'MM'), -1));
    END IF;

    housekeeping_pkg.purge_load_errors;
    housekeeping_pkg.purge_by_rules;

    batch_util.end_batch('NIGHTLY');
  EXCEPTION
    WHEN OTHERS THEN
      ROLLBACK;
      batch_util.log_error('NIGHTLY', SQLERRM);
      batch_util.end_batch('NIGHTLY', 'FAILED');
      RAISE;
  END run;

END nightly;
/
