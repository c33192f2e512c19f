--! pattern = "8 an exception block a row, errors into a table"
--! [[write]]
--! statement = "DELETE P67_CUSTOMERS"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! assumes = ["loop-independent"]
--! [[write]]
--! statement = "INSERT P67_CUSTOMERS"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! assumes = ["loop-independent"]
--! [[write]]
--! statement = "INSERT ETL_ERRORS"
--! outcome = "control"
CREATE TABLE p67_customers (customer_id NUMBER(12) PRIMARY KEY, credit_limit NUMBER(12,2), born_on DATE);
CREATE OR REPLACE PROCEDURE p67_row_handler IS
  v_text VARCHAR2(2000);
BEGIN
  DELETE FROM p67_customers;
  FOR s IN (SELECT customer_no, limit_txt, born_txt FROM stg_customers) LOOP
    BEGIN
      INSERT INTO p67_customers (customer_id, credit_limit, born_on)
      VALUES (TO_NUMBER(s.customer_no), TO_NUMBER(s.limit_txt), TO_DATE(s.born_txt, 'YYYY-MM-DD'));
    EXCEPTION
      WHEN OTHERS THEN
        v_text := SQLERRM;
        INSERT INTO etl_errors (job_name, row_key, error_text, failed_at) VALUES ('P67', s.customer_no, v_text, SYSDATE);
    END;
  END LOOP;
  COMMIT;
END p67_row_handler;
/
