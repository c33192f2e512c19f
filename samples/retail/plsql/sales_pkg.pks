CREATE OR REPLACE PACKAGE retail.sales_pkg AS
  -- 日別売上 (店舗・カテゴリ別) を作り直す
  -- Rebuilds the figures of one business day; may be repeated for the same day.
  PROCEDURE load_daily_sales(p_date IN DATE);

  -- Cost of every order line of one business day.
  PROCEDURE load_order_costs(p_date IN DATE);

  -- The ten best selling products of each store.
  PROCEDURE refresh_top_products;

  -- When each product was last sold.
  PROCEDURE refresh_last_sale;
END sales_pkg;
/
