--! pattern = "12 a table name passed to a generic loader"
--! [[write]]
--! statement = "INSERT P87_CUSTOMERS"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "INSERT P87_PRODUCTS"
--! outcome = "residual"
--! reason = "period_not_understood"
CREATE TABLE p87_customers (id NUMBER(10) PRIMARY KEY);
CREATE TABLE p87_products (id NUMBER(10) PRIMARY KEY);
CREATE OR REPLACE PROCEDURE p87_load(p_target IN VARCHAR2, p_source IN VARCHAR2, p_column IN VARCHAR2) IS
BEGIN
  IF p_target = 'P87_CUSTOMERS' THEN
    INSERT INTO p87_customers (id) SELECT customer_id FROM customers;
  ELSE
    INSERT INTO p87_products (id) SELECT product_id FROM products;
  END IF;
END p87_load;
/
CREATE OR REPLACE PROCEDURE p87_generic_loader IS
BEGIN
  p87_load('P87_CUSTOMERS', 'CUSTOMERS', 'CUSTOMER_ID');
  p87_load('P87_PRODUCTS', 'PRODUCTS', 'PRODUCT_ID');
END p87_generic_loader;
/
