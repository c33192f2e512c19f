--! pattern = "4 work queue: state N is processed and set to Y, row by row"
--! [[write]]
--! statement = "INSERT P31_SALES"
--! outcome = "assumed"
--! class = "queue"
--! key = ["SALE_NO"]
--! assumes = ["source-rows-final"]
--! [[write]]
--! statement = "UPDATE STG_SALES"
--! outcome = "assumed"
--! class = "queue"
--! key = ["SALE_NO"]
CREATE TABLE p31_sales (sale_no NUMBER(12) PRIMARY KEY, product_id NUMBER(10), amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p31_queue_loop IS
BEGIN
  FOR r IN (SELECT s.sale_no, s.amount, p.product_id
              FROM stg_sales s JOIN products p ON p.product_code = s.product_code
             WHERE s.processed = 'N') LOOP
    INSERT INTO p31_sales (sale_no, product_id, amount) VALUES (r.sale_no, r.product_id, r.amount);
    UPDATE stg_sales SET processed = 'Y' WHERE sale_no = r.sale_no;
  END LOOP;
  COMMIT;
END p31_queue_loop;
/
