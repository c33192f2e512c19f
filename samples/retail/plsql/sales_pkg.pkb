CREATE OR REPLACE PACKAGE BODY retail.sales_pkg AS

  c_cancelled CONSTANT VARCHAR2(10) := 'CANCELLED';

  ------------------------------------------------------------------
  -- 日別売上
  ------------------------------------------------------------------
  PROCEDURE load_daily_sales(p_date IN DATE) IS
  BEGIN
    DELETE FROM daily_sales
     WHERE sales_date = p_date;

    INSERT INTO daily_sales (sales_date, store_id, category_id, qty, net_amount, order_count)
    SELECT TRUNC(o.ordered_at),
           o.store_id,
           p.category_id,
           SUM(l.qty),
           SUM(l.qty * l.unit_price - NVL(l.discount, 0)),
           COUNT(DISTINCT o.order_id)
      FROM orders o
      JOIN order_lines l ON l.order_id = o.order_id
      JOIN products p ON p.product_id = l.product_id
     WHERE o.ordered_at >= p_date
       AND o.ordered_at < p_date + 1
       AND o.status <> 'CANCELLED'
     GROUP BY TRUNC(o.ordered_at), o.store_id, p.category_id;

    batch_util.log_info('DAILY_SALES', 'day ' || TO_CHAR(p_date, 'YYYY-MM-DD'), SQL%ROWCOUNT);
    COMMIT;
  END load_daily_sales;

  ------------------------------------------------------------------
  -- 原価: lines of products without a price count as cost 0
  ------------------------------------------------------------------
  PROCEDURE load_order_costs(p_date IN DATE) IS
    v_unit_cost price_list.unit_cost%TYPE;
  BEGIN
    DELETE FROM order_costs
     WHERE cost_date = p_date;

    FOR r IN (SELECT o.order_id, l.line_no, l.product_id, l.qty
                FROM orders o
                JOIN order_lines l ON l.order_id = o.order_id
               WHERE o.ordered_at >= p_date
                 AND o.ordered_at < p_date + 1
                 AND o.status <> c_cancelled)
    LOOP
      BEGIN
        SELECT NVL(pl.unit_cost, 0)
          INTO v_unit_cost
          FROM price_list pl
         WHERE pl.product_id = r.product_id;
      EXCEPTION
        WHEN NO_DATA_FOUND THEN
          v_unit_cost := 0;
      END;

      INSERT INTO order_costs (cost_date, order_id, line_no, product_id, qty, unit_cost, cost_amount)
      VALUES (p_date, r.order_id, r.line_no, r.product_id, r.qty, v_unit_cost, r.qty * v_unit_cost);
    END LOOP;
    COMMIT;
  END load_order_costs;

  ------------------------------------------------------------------
  -- 売れ筋ランキング (上位 10)
  ------------------------------------------------------------------
  PROCEDURE refresh_top_products IS
  BEGIN
    DELETE FROM top_products;

    INSERT INTO top_products (store_id, rank_no, product_id, sold_qty)
    SELECT ranked.store_id, ranked.rn, ranked.product_id, ranked.sold_qty
      FROM (SELECT t.store_id,
                   t.product_id,
                   t.sold_qty,
                   ROW_NUMBER() OVER (PARTITION BY t.store_id
                                      ORDER BY t.sold_qty DESC, t.product_id) AS rn
              FROM (SELECT o.store_id, l.product_id, SUM(l.qty) AS sold_qty
                      FROM orders o
                      JOIN order_lines l ON l.order_id = o.order_id
                     WHERE o.status <> 'CANCELLED'
                     GROUP BY o.store_id, l.product_id) t) ranked
     WHERE ranked.rn <= 10;
    COMMIT;
  END refresh_top_products;

  ------------------------------------------------------------------
  -- 最終販売日: update, and insert where there was nothing to update
  ------------------------------------------------------------------
  PROCEDURE refresh_last_sale IS
  BEGIN
    FOR r IN (SELECT l.product_id, MAX(o.ordered_at) AS last_sold_at, COUNT(*) AS line_count
                FROM orders o
                JOIN order_lines l ON l.order_id = o.order_id
               WHERE o.status <> 'CANCELLED'
               GROUP BY l.product_id)
    LOOP
      UPDATE product_last_sale
         SET last_sold_at = r.last_sold_at,
             line_count   = r.line_count
       WHERE product_id = r.product_id;

      IF SQL%ROWCOUNT = 0 THEN
        INSERT INTO product_last_sale (product_id, last_sold_at, line_count)
        VALUES (r.product_id, r.last_sold_at, r.line_count);
      END IF;
    END LOOP;
    COMMIT;
  END refresh_last_sale;

END sales_pkg;
/
