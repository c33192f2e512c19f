-- 夜間バッチの結果 / tables that only the batches write

CREATE TABLE retail.daily_sales (
  sales_date      DATE               NOT NULL,
  store_id        NUMBER(6)          NOT NULL,
  category_id     NUMBER(6)          NOT NULL,
  qty             NUMBER(14,3)       NOT NULL,
  net_amount      NUMBER(18,2)       NOT NULL,
  order_count     NUMBER(9)          NOT NULL,
  CONSTRAINT daily_sales_pk PRIMARY KEY (sales_date, store_id, category_id)
) TABLESPACE retail_data;

CREATE TABLE retail.customer_balance (
  customer_id     NUMBER(12)         NOT NULL,
  ordered_amount  NUMBER(16,2)       NOT NULL,
  paid_amount     NUMBER(16,2)       NOT NULL,
  refunded_amount NUMBER(16,2)       NOT NULL,
  balance         NUMBER(16,2)       NOT NULL,
  updated_at      DATE               NOT NULL,
  CONSTRAINT customer_balance_pk PRIMARY KEY (customer_id)
) TABLESPACE retail_data;

CREATE TABLE retail.order_costs (
  cost_date       DATE               NOT NULL,
  order_id        NUMBER(12)         NOT NULL,
  line_no         NUMBER(4)          NOT NULL,
  product_id      NUMBER(10)         NOT NULL,
  qty             NUMBER(9,3)        NOT NULL,
  unit_cost       NUMBER(14,4)       NOT NULL,
  cost_amount     NUMBER(18,4)       NOT NULL,
  CONSTRAINT order_costs_pk PRIMARY KEY (order_id, line_no)
) TABLESPACE retail_data;

CREATE TABLE retail.stock_levels (
  store_id        NUMBER(6)          NOT NULL,
  product_id      NUMBER(10)         NOT NULL,
  on_hand         NUMBER(14,3)       NOT NULL,
  movement_count  NUMBER(10)         NOT NULL,
  last_moved_at   TIMESTAMP(6),
  CONSTRAINT stock_levels_pk PRIMARY KEY (store_id, product_id)
) TABLESPACE retail_data;

CREATE TABLE retail.top_products (
  store_id        NUMBER(6)          NOT NULL,
  rank_no         NUMBER(3)          NOT NULL,
  product_id      NUMBER(10)         NOT NULL,
  sold_qty        NUMBER(14,3)       NOT NULL,
  CONSTRAINT top_products_pk PRIMARY KEY (store_id, rank_no)
) TABLESPACE retail_data;

CREATE TABLE retail.product_last_sale (
  product_id      NUMBER(10)         NOT NULL,
  last_sold_at    DATE               NOT NULL,
  line_count      NUMBER(12)         NOT NULL,
  CONSTRAINT product_last_sale_pk PRIMARY KEY (product_id)
) TABLESPACE retail_data;

CREATE TABLE retail.price_history (
  product_id      NUMBER(10)         NOT NULL,
  valid_from      DATE               NOT NULL,
  valid_to        DATE,
  list_price      NUMBER(12,2)       NOT NULL,
  currency        CHAR(3)            NOT NULL,
  is_current      CHAR(1)            DEFAULT 'Y' NOT NULL,
  CONSTRAINT price_history_pk PRIMARY KEY (product_id, valid_from),
  CONSTRAINT price_history_ck1 CHECK (is_current IN ('Y', 'N'))
) TABLESPACE retail_data;

CREATE TABLE retail.customer_loyalty (
  customer_id     NUMBER(12)         NOT NULL,
  tier_code       VARCHAR2(10)       NOT NULL,
  total_spend     NUMBER(16,2)       NOT NULL,
  points          NUMBER(12)         NOT NULL,
  evaluated_on    DATE               NOT NULL,
  CONSTRAINT customer_loyalty_pk PRIMARY KEY (customer_id),
  CONSTRAINT customer_loyalty_fk1 FOREIGN KEY (tier_code) REFERENCES retail.loyalty_tiers (tier_code)
) TABLESPACE retail_data;

CREATE TABLE retail.mailing_list (
  customer_id     NUMBER(12)         NOT NULL,
  email           VARCHAR2(254)      NOT NULL,
  salutation      VARCHAR2(130 CHAR) NOT NULL,
  birth_month     NUMBER(2),
  CONSTRAINT mailing_list_pk PRIMARY KEY (customer_id)
) TABLESPACE retail_data;

CREATE TABLE retail.point_ledger (
  event_no        VARCHAR2(20)       NOT NULL,
  customer_id     NUMBER(12)         NOT NULL,
  occurred_at     TIMESTAMP(3)       NOT NULL,
  points          NUMBER(10)         NOT NULL,
  CONSTRAINT point_ledger_pk PRIMARY KEY (event_no),
  CONSTRAINT point_ledger_ck1 CHECK (points <> 0)
) TABLESPACE retail_data;

CREATE TABLE retail.shipments (
  shipment_id     NUMBER(12)         NOT NULL,
  queue_id        NUMBER(12)         NOT NULL,
  order_id        NUMBER(12)         NOT NULL,
  carrier_code    VARCHAR2(10)       NOT NULL,
  ship_to         VARCHAR2(540 CHAR),
  file_name       VARCHAR2(100)      NOT NULL,
  shipped_at      DATE               NOT NULL,
  CONSTRAINT shipments_pk PRIMARY KEY (shipment_id),
  CONSTRAINT shipments_uk1 UNIQUE (queue_id)
) TABLESPACE retail_data;

-- figures as they were reported to head office: never changed afterwards
CREATE TABLE retail.month_close (
  close_month     DATE               NOT NULL,
  store_id        NUMBER(6)          NOT NULL,
  category_id     NUMBER(6)          NOT NULL,
  qty             NUMBER(16,3)       NOT NULL,
  net_amount      NUMBER(20,2)       NOT NULL,
  closed_at       DATE               NOT NULL,
  closed_by       VARCHAR2(128)      NOT NULL,
  CONSTRAINT month_close_pk PRIMARY KEY (close_month, store_id, category_id)
) TABLESPACE retail_data;
