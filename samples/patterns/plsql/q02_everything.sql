--! pattern = "2+3+5+7+8: nested loops with a fold, a lookup, a log and a handler"
--! [[write]]
--! statement = "DELETE Q02_STATEMENT"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! assumes = ["loop-independent"]
--! [[write]]
--! statement = "INSERT Q02_STATEMENT"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! assumes = ["loop-independent"]
--! [[write]]
--! statement = "INSERT ETL_ERRORS"
--! outcome = "control"
CREATE TABLE q02_statement (customer_id NUMBER(10) PRIMARY KEY, ordered NUMBER(16,2), paid NUMBER(16,2), tax NUMBER(16,2));
CREATE OR REPLACE PROCEDURE q02_everything IS
  v_ordered NUMBER;
  v_paid NUMBER;
  v_rate NUMBER;
BEGIN
  DELETE FROM q02_statement;
  FOR c IN (SELECT customer_id, region_code FROM customers WHERE status = 'ACTIVE') LOOP
    BEGIN
      v_ordered := 0;
      FOR o IN (SELECT total_amount, status FROM orders WHERE customer_id = c.customer_id) LOOP
        IF o.status <> 'CANCELLED' THEN
          v_ordered := v_ordered + o.total_amount;
        END IF;
      END LOOP;
      SELECT NVL(SUM(amount), 0) INTO v_paid FROM payments WHERE customer_id = c.customer_id;
      BEGIN
        SELECT tax_rate INTO v_rate FROM regions WHERE region_code = c.region_code;
      EXCEPTION
        WHEN NO_DATA_FOUND THEN v_rate := 0;
      END;
      INSERT INTO q02_statement (customer_id, ordered, paid, tax)
      VALUES (c.customer_id, v_ordered, v_paid, v_ordered * v_rate);
      log_message('Q02', 'done ' || c.customer_id);
    EXCEPTION
      WHEN OTHERS THEN
        INSERT INTO etl_errors (job_name, row_key, error_text, failed_at) VALUES ('Q02', c.customer_id, SQLERRM, SYSDATE);
    END;
  END LOOP;
  COMMIT;
END q02_everything;
/
