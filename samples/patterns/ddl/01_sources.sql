-- Sources of all patterns: what the batches read. Targets stand beside the procedures that fill them.
CREATE TABLE customers (
  customer_id   NUMBER(10)          NOT NULL,
  name          VARCHAR2(100)       NOT NULL,
  email         VARCHAR2(100),
  region_code   VARCHAR2(4)         NOT NULL,
  credit_limit  NUMBER(12,2)        NOT NULL,
  status        VARCHAR2(10)        NOT NULL,
  created_at    DATE                NOT NULL,
  updated_at    DATE                NOT NULL,
  CONSTRAINT customers_pk PRIMARY KEY (customer_id)
);
CREATE TABLE regions (
  region_code   VARCHAR2(4)         NOT NULL,
  region_name   VARCHAR2(60)        NOT NULL,
  tax_rate      NUMBER(5,4)         NOT NULL,
  CONSTRAINT regions_pk PRIMARY KEY (region_code)
);
CREATE TABLE products (
  product_id    NUMBER(10)          NOT NULL,
  product_code  VARCHAR2(20)        NOT NULL,
  category_id   NUMBER(6)           NOT NULL,
  list_price    NUMBER(12,2)        NOT NULL,
  CONSTRAINT products_pk PRIMARY KEY (product_id),
  CONSTRAINT products_uk UNIQUE (product_code)
);
CREATE TABLE orders (
  order_id      NUMBER(12)          NOT NULL,
  customer_id   NUMBER(10)          NOT NULL,
  ordered_at    DATE                NOT NULL,
  status        VARCHAR2(10)        NOT NULL,
  channel       VARCHAR2(8),
  total_amount  NUMBER(14,2)        NOT NULL,
  CONSTRAINT orders_pk PRIMARY KEY (order_id)
);
CREATE TABLE order_lines (
  order_id      NUMBER(12)          NOT NULL,
  line_no       NUMBER(4)           NOT NULL,
  product_id    NUMBER(10)          NOT NULL,
  qty           NUMBER(9,3)         NOT NULL,
  unit_price    NUMBER(12,2)        NOT NULL,
  discount      NUMBER(12,2),
  CONSTRAINT order_lines_pk PRIMARY KEY (order_id, line_no)
);
CREATE TABLE payments (
  payment_id    NUMBER(12)          NOT NULL,
  customer_id   NUMBER(10)          NOT NULL,
  paid_at       DATE                NOT NULL,
  amount        NUMBER(14,2)        NOT NULL,
  CONSTRAINT payments_pk PRIMARY KEY (payment_id)
);
CREATE TABLE grades (
  grade_code    VARCHAR2(2)         NOT NULL,
  min_amount    NUMBER(14,2)        NOT NULL,
  CONSTRAINT grades_pk PRIMARY KEY (grade_code),
  CONSTRAINT grades_uk UNIQUE (min_amount)
);
-- calls of a telephone network, as the switches deliver them
CREATE TABLE call_records (
  call_id       NUMBER(16)          NOT NULL,
  msisdn        VARCHAR2(15)        NOT NULL,
  started_at    DATE                NOT NULL,
  seconds       NUMBER(8)           NOT NULL,
  cell_id       NUMBER(8),
  rated         VARCHAR2(1)         NOT NULL,
  CONSTRAINT call_records_pk PRIMARY KEY (call_id)
);
CREATE TABLE subscribers (
  msisdn        VARCHAR2(15)        NOT NULL,
  plan_code     VARCHAR2(6)         NOT NULL,
  balance       NUMBER(14,4)        NOT NULL,
  blocked       VARCHAR2(1)         NOT NULL,
  CONSTRAINT subscribers_pk PRIMARY KEY (msisdn)
);
CREATE TABLE tariffs (
  plan_code     VARCHAR2(6)         NOT NULL,
  price_second  NUMBER(10,6)        NOT NULL,
  CONSTRAINT tariffs_pk PRIMARY KEY (plan_code)
);
-- what other systems deliver: texts, to be checked
CREATE TABLE stg_customers (
  customer_no   VARCHAR2(12)        NOT NULL,
  full_name     VARCHAR2(100),
  region_txt    VARCHAR2(10),
  born_txt      VARCHAR2(10),
  limit_txt     VARCHAR2(20),
  CONSTRAINT stg_customers_pk PRIMARY KEY (customer_no)
);
CREATE TABLE stg_sales (
  sale_no       NUMBER(12)          NOT NULL,
  customer_no   VARCHAR2(12)        NOT NULL,
  product_code  VARCHAR2(20)        NOT NULL,
  sold_on       DATE                NOT NULL,
  qty           NUMBER(9,3)         NOT NULL,
  amount        NUMBER(14,2)        NOT NULL,
  processed     VARCHAR2(1)         NOT NULL,
  CONSTRAINT stg_sales_pk PRIMARY KEY (sale_no)
);
CREATE TABLE events (
  event_id      NUMBER(14)          NOT NULL,
  account_no    NUMBER(10)          NOT NULL,
  happened_at   DATE                NOT NULL,
  kind          VARCHAR2(8)         NOT NULL,
  amount        NUMBER(14,2)        NOT NULL,
  CONSTRAINT events_pk PRIMARY KEY (event_id)
);
