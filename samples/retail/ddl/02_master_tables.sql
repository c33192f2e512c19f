-- マスタ / master data: stores, categories, products, prices, customers, loyalty tiers

CREATE TABLE retail.stores (
  store_id        NUMBER(6)          NOT NULL,
  store_code      CHAR(8)            NOT NULL,
  store_name      VARCHAR2(100 CHAR) NOT NULL,
  region          VARCHAR2(40 CHAR),
  floor_space_m2  NUMBER(8,2),
  opened_on       DATE               NOT NULL,
  closed_on       DATE,
  is_active       CHAR(1)            DEFAULT 'Y' NOT NULL,
  CONSTRAINT stores_pk PRIMARY KEY (store_id),
  CONSTRAINT stores_uk1 UNIQUE (store_code),
  CONSTRAINT stores_ck1 CHECK (is_active IN ('Y', 'N')),
  CONSTRAINT stores_ck2 CHECK (closed_on IS NULL OR closed_on >= opened_on)
) TABLESPACE retail_data;

CREATE TABLE retail.categories (
  category_id     NUMBER(6)          NOT NULL,
  parent_id       NUMBER(6),
  category_name   VARCHAR2(80 CHAR)  NOT NULL,
  CONSTRAINT categories_pk PRIMARY KEY (category_id),
  CONSTRAINT categories_fk1 FOREIGN KEY (parent_id) REFERENCES retail.categories (category_id)
) TABLESPACE retail_data;

CREATE TABLE retail.products (
  product_id      NUMBER(10)         NOT NULL,
  sku             CHAR(13)           NOT NULL,
  product_name    VARCHAR2(200 CHAR) NOT NULL,
  category_id     NUMBER(6)          NOT NULL,
  unit_of_sale    VARCHAR2(4)        DEFAULT 'PC' NOT NULL,
  introduced_on   DATE,
  discontinued_on DATE,
  description     VARCHAR2(4000 CHAR),
  CONSTRAINT products_pk PRIMARY KEY (product_id),
  CONSTRAINT products_uk1 UNIQUE (sku),
  CONSTRAINT products_fk1 FOREIGN KEY (category_id) REFERENCES retail.categories (category_id),
  CONSTRAINT products_ck1 CHECK (unit_of_sale IN ('PC', 'KG', 'L', 'BOX'))
) TABLESPACE retail_data;

-- one row a product: the price that the tills use now
CREATE TABLE retail.price_list (
  product_id      NUMBER(10)         NOT NULL,
  list_price      NUMBER(12,2)       NOT NULL,
  unit_cost       NUMBER(14,4),
  currency        CHAR(3)            DEFAULT 'JPY' NOT NULL,
  changed_at      DATE               DEFAULT SYSDATE NOT NULL,
  CONSTRAINT price_list_pk PRIMARY KEY (product_id),
  CONSTRAINT price_list_fk1 FOREIGN KEY (product_id) REFERENCES retail.products (product_id),
  CONSTRAINT price_list_ck1 CHECK (list_price >= 0)
) TABLESPACE retail_data;

CREATE TABLE retail.customers (
  customer_id     NUMBER(12)         NOT NULL,
  customer_name   VARCHAR2(120 CHAR) NOT NULL,
  name_kana       VARCHAR2(120 CHAR),
  email           VARCHAR2(254),
  postal_code     CHAR(8),
  address         VARCHAR2(400 CHAR),
  birth_date      DATE,
  joined_at       DATE               DEFAULT SYSDATE NOT NULL,
  group_ref       NUMBER(38),
  dm_allowed      CHAR(1)            DEFAULT 'N' NOT NULL,
  notes           VARCHAR2(2000 CHAR),
  CONSTRAINT customers_pk PRIMARY KEY (customer_id),
  CONSTRAINT customers_ck1 CHECK (dm_allowed IN ('Y', 'N'))
) TABLESPACE retail_data;

CREATE TABLE retail.loyalty_tiers (
  tier_code       VARCHAR2(10)       NOT NULL,
  tier_name       VARCHAR2(40 CHAR)  NOT NULL,
  min_spend       NUMBER(14,2)       NOT NULL,
  points_rate     NUMBER(5,3)        NOT NULL,
  CONSTRAINT loyalty_tiers_pk PRIMARY KEY (tier_code),
  CONSTRAINT loyalty_tiers_uk1 UNIQUE (min_spend)
) TABLESPACE retail_data;
