--! pattern = "a load that inserts joined rows of new sources, run once over them"
--! [[write]]
--! statement = "INSERT R10_PAIRS"
--! outcome = "assumed"
--! class = "append"
--! key = ["CUSTOMER_ID", "PRODUCT_ID"]
--! assumes = ["each-row-once"]
CREATE TABLE r10_pairs (customer_id NUMBER(10), product_id NUMBER(10), CONSTRAINT r10_pk PRIMARY KEY (customer_id, product_id));
CREATE OR REPLACE PROCEDURE r10_append_pairs IS
BEGIN
  INSERT INTO r10_pairs (customer_id, product_id)
  SELECT DISTINCT o.customer_id, l.product_id
    FROM orders o JOIN order_lines l ON l.order_id = o.order_id;
  COMMIT;
END r10_append_pairs;
/
