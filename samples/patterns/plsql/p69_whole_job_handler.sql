--! pattern = "8 the whole job in one handler that rolls back and logs"
--! [[write]]
--! statement = "DELETE P69_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
--! [[write]]
--! statement = "INSERT P69_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
CREATE TABLE p69_copy (product_id NUMBER(10) PRIMARY KEY, list_price NUMBER(12,2));
CREATE OR REPLACE PROCEDURE p69_whole_job_handler IS
BEGIN
  DELETE FROM p69_copy;
  INSERT INTO p69_copy (product_id, list_price) SELECT product_id, list_price FROM products;
  COMMIT;
EXCEPTION
  WHEN OTHERS THEN
    ROLLBACK;
    log_message('P69', SQLERRM);
    RAISE;
END p69_whole_job_handler;
/
