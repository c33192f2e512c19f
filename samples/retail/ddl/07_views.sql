-- 画面・帳票用 / read by the store portal and the weekly reports

CREATE OR REPLACE VIEW retail.v_store_sales AS
SELECT d.sales_date,
       s.store_id,
       s.store_name,
       s.region,
       c.category_name,
       d.qty,
       d.net_amount,
       d.order_count
  FROM retail.daily_sales d
  JOIN retail.stores s ON s.store_id = d.store_id
  JOIN retail.categories c ON c.category_id = d.category_id;

CREATE OR REPLACE VIEW retail.v_customer_overview AS
SELECT c.customer_id,
       c.customer_name,
       b.balance,
       l.tier_code,
       t.tier_name,
       l.points
  FROM retail.customers c
  LEFT JOIN retail.customer_balance b ON b.customer_id = c.customer_id
  LEFT JOIN retail.customer_loyalty l ON l.customer_id = c.customer_id
  LEFT JOIN retail.loyalty_tiers t ON t.tier_code = l.tier_code;

-- old join syntax: the report generator of 2009 cannot read ANSI joins
CREATE OR REPLACE VIEW retail.v_open_shipments AS
SELECT q.queue_id, q.order_id, q.carrier_code, q.queued_at, c.customer_name
  FROM retail.shipments_queue q, retail.orders o, retail.customers c
 WHERE o.order_id = q.order_id
   AND c.customer_id (+) = o.customer_id
   AND q.handled = 'N'
WITH READ ONLY;
