--! pattern = "8 WHEN OTHERS THEN NULL hides rows that fail"
--! [[write]]
--! statement = "DELETE P70_NUMBERS"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CUSTOMER_NO"]
--! assumes = ["loop-independent"]
--! [[write]]
--! statement = "INSERT P70_NUMBERS"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CUSTOMER_NO"]
--! assumes = ["loop-independent"]
CREATE TABLE p70_numbers (customer_no VARCHAR2(12) PRIMARY KEY, credit_limit NUMBER(12,2));
CREATE OR REPLACE PROCEDURE p70_others_null IS
BEGIN
  DELETE FROM p70_numbers;
  FOR s IN (SELECT customer_no, limit_txt FROM stg_customers) LOOP
    BEGIN
      INSERT INTO p70_numbers (customer_no, credit_limit) VALUES (s.customer_no, TO_NUMBER(s.limit_txt));
    EXCEPTION
      WHEN OTHERS THEN NULL;
    END;
  END LOOP;
END p70_others_null;
/
