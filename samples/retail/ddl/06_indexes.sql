CREATE INDEX retail.orders_ix1 ON retail.orders (ordered_at, store_id) LOCAL;
CREATE INDEX retail.orders_ix2 ON retail.orders (customer_id);
CREATE INDEX retail.order_lines_ix1 ON retail.order_lines (product_id) TABLESPACE retail_index;
CREATE INDEX retail.payments_ix1 ON retail.payments (customer_id) TABLESPACE retail_index;
CREATE INDEX retail.returns_ix1 ON retail.returns (customer_id) TABLESPACE retail_index;
CREATE INDEX retail.stock_movements_ix1 ON retail.stock_movements (store_id, product_id, moved_at);
CREATE INDEX retail.shipments_queue_ix1 ON retail.shipments_queue (handled, queue_id);
CREATE INDEX retail.customers_ix1 ON retail.customers (UPPER(email));
