CREATE OR REPLACE PACKAGE BODY retail.nightly AS

  PROCEDURE run IS
    v_date DATE := TRUNC(SYSDATE) - 1;
  BEGIN
    batch_util.start_batch('NIGHTLY', v_date);

    sales_pkg.load_daily_sales(v_date);
    sales_pkg.load_order_costs(v_date);
    balance_pkg.refresh_customer_balance;
    sales_pkg.refresh_top_products;
    sales_pkg.refresh_last_sale;

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
