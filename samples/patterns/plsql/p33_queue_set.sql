--! pattern = "4 work queue: INSERT of the open rows, then UPDATE of them"
--! [[write]]
--! statement = "INSERT P33_SALES"
--! outcome = "assumed"
--! class = "queue"
--! key = ["SALE_NO"]
--! assumes = ["source-rows-final"]
--! [[write]]
--! statement = "UPDATE STG_SALES"
--! outcome = "assumed"
--! class = "queue"
--! key = ["SALE_NO"]
CREATE TABLE p33_sales (sale_no NUMBER(12) PRIMARY KEY, amount NUMBER(14,2), loaded_at DATE);
CREATE OR REPLACE PROCEDURE p33_queue_set IS
BEGIN
  INSERT INTO p33_sales (sale_no, amount, loaded_at)
  SELECT sale_no, amount, SYSDATE FROM stg_sales WHERE processed = 'N';
  UPDATE stg_sales SET processed = 'Y' WHERE processed = 'N';
  COMMIT;
END p33_queue_set;
/
