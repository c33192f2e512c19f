-- 取引 / transactions written by the tills, the web shop and the warehouse

CREATE TABLE retail.orders (
  order_id        NUMBER(12)         NOT NULL,
  customer_id     NUMBER(12),
  store_id        NUMBER(6)          NOT NULL,
  ordered_at      DATE               NOT NULL,
  channel         VARCHAR2(5)        DEFAULT 'STORE' NOT NULL,
  status          VARCHAR2(10)       DEFAULT 'NEW' NOT NULL,
  total_amount    NUMBER(14,2)       DEFAULT 0 NOT NULL,
  remarks         VARCHAR2(1000 CHAR),
  CONSTRAINT orders_pk PRIMARY KEY (order_id),
  CONSTRAINT orders_fk1 FOREIGN KEY (customer_id) REFERENCES retail.customers (customer_id),
  CONSTRAINT orders_fk2 FOREIGN KEY (store_id) REFERENCES retail.stores (store_id),
  CONSTRAINT orders_ck1 CHECK (channel IN ('STORE', 'WEB', 'PHONE')),
  CONSTRAINT orders_ck2 CHECK (status IN ('NEW', 'PAID', 'SHIPPED', 'CANCELLED'))
)
PARTITION BY RANGE (ordered_at) (
  PARTITION orders_old    VALUES LESS THAN (TO_DATE('2024-01-01', 'YYYY-MM-DD')) TABLESPACE retail_hist COMPRESS,
  PARTITION orders_2024   VALUES LESS THAN (TO_DATE('2025-01-01', 'YYYY-MM-DD')) TABLESPACE retail_hist,
  PARTITION orders_2025   VALUES LESS THAN (TO_DATE('2026-01-01', 'YYYY-MM-DD')) TABLESPACE retail_data,
  PARTITION orders_max    VALUES LESS THAN (MAXVALUE) TABLESPACE retail_data
)
ENABLE ROW MOVEMENT;

CREATE TABLE retail.order_lines (
  order_id        NUMBER(12)         NOT NULL,
  line_no         NUMBER(4)          NOT NULL,
  product_id      NUMBER(10)         NOT NULL,
  qty             NUMBER(9,3)        NOT NULL,
  unit_price      NUMBER(12,2)       NOT NULL,
  discount        NUMBER(12,2),
  CONSTRAINT order_lines_pk PRIMARY KEY (order_id, line_no),
  CONSTRAINT order_lines_fk1 FOREIGN KEY (order_id) REFERENCES retail.orders (order_id) ON DELETE CASCADE,
  CONSTRAINT order_lines_fk2 FOREIGN KEY (product_id) REFERENCES retail.products (product_id),
  CONSTRAINT order_lines_ck1 CHECK (discount IS NULL OR discount >= 0)
) TABLESPACE retail_data;

CREATE TABLE retail.payments (
  payment_id      NUMBER(12)         NOT NULL,
  customer_id     NUMBER(12)         NOT NULL,
  order_id        NUMBER(12),
  paid_at         DATE               NOT NULL,
  amount          NUMBER(14,2)       NOT NULL,
  method          VARCHAR2(8)        NOT NULL,
  bank_ref        NUMBER(38),
  CONSTRAINT payments_pk PRIMARY KEY (payment_id),
  CONSTRAINT payments_fk1 FOREIGN KEY (customer_id) REFERENCES retail.customers (customer_id),
  CONSTRAINT payments_ck1 CHECK (method IN ('CASH', 'CARD', 'BANK', 'POINTS'))
) TABLESPACE retail_data;

CREATE TABLE retail.returns (
  return_id       NUMBER(12)         NOT NULL,
  customer_id     NUMBER(12),
  order_id        NUMBER(12)         NOT NULL,
  line_no         NUMBER(4)          NOT NULL,
  returned_at     DATE               NOT NULL,
  qty             NUMBER(9,3)        NOT NULL,
  refund_amount   NUMBER(14,2)       NOT NULL,
  reason          VARCHAR2(400 CHAR),
  CONSTRAINT returns_pk PRIMARY KEY (return_id),
  CONSTRAINT returns_fk1 FOREIGN KEY (order_id, line_no) REFERENCES retail.order_lines (order_id, line_no)
) TABLESPACE retail_data;

CREATE TABLE retail.stock_movements (
  movement_id     NUMBER(14)         NOT NULL,
  store_id        NUMBER(6)          NOT NULL,
  product_id      NUMBER(10)         NOT NULL,
  moved_at        TIMESTAMP(6)       NOT NULL,
  movement_type   VARCHAR2(3)        NOT NULL,
  qty             NUMBER(12,3)       NOT NULL,
  CONSTRAINT stock_movements_pk PRIMARY KEY (movement_id),
  CONSTRAINT stock_movements_fk1 FOREIGN KEY (store_id) REFERENCES retail.stores (store_id),
  CONSTRAINT stock_movements_fk2 FOREIGN KEY (product_id) REFERENCES retail.products (product_id),
  CONSTRAINT stock_movements_ck1 CHECK (movement_type IN ('IN', 'OUT', 'ADJ'))
) TABLESPACE retail_data;

-- orders that wait to be handed to the carrier; handled = 'N' until a run of export_shipments wrote them to the file
CREATE TABLE retail.shipments_queue (
  queue_id        NUMBER(12)         NOT NULL,
  order_id        NUMBER(12)         NOT NULL,
  carrier_code    VARCHAR2(10)       NOT NULL,
  queued_at       DATE               DEFAULT SYSDATE NOT NULL,
  handled         CHAR(1)            DEFAULT 'N' NOT NULL,
  handled_at      DATE,
  CONSTRAINT shipments_queue_pk PRIMARY KEY (queue_id),
  CONSTRAINT shipments_queue_fk1 FOREIGN KEY (order_id) REFERENCES retail.orders (order_id),
  CONSTRAINT shipments_queue_ck1 CHECK (handled IN ('N', 'Y'))
) TABLESPACE retail_data;

-- point events as the card terminals deliver them: everything is text, nothing is checked
CREATE TABLE retail.stg_point_events (
  event_no        VARCHAR2(20)       NOT NULL,
  customer_no     VARCHAR2(20),
  occurred_txt    VARCHAR2(30),
  points_txt      VARCHAR2(20),
  terminal_id     CHAR(10),
  CONSTRAINT stg_point_events_pk PRIMARY KEY (event_no)
) TABLESPACE retail_stage NOLOGGING;
