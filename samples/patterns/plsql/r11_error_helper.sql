--! pattern = "8 a helper writes the errors, called from handlers only"
--! [[write]]
--! statement = "DELETE R11_COPY"
--! outcome = "assumed"
--! class = "replace_all"
--! [[write]]
--! statement = "INSERT R11_COPY"
--! outcome = "assumed"
--! class = "replace_all"
--! [[write]]
--! statement = "INSERT R11_REJECTED"
--! outcome = "control"
CREATE TABLE r11_rejected (row_key VARCHAR2(100), error_text VARCHAR2(2000), failed_at DATE);
CREATE TABLE r11_copy (customer_id NUMBER(10) PRIMARY KEY, credit_limit NUMBER(12,2));
CREATE OR REPLACE PACKAGE r11_error_helper AS
  PROCEDURE run;
END r11_error_helper;
/
CREATE OR REPLACE PACKAGE BODY r11_error_helper AS
  PROCEDURE reject(p_key IN VARCHAR2, p_text IN VARCHAR2) IS
  BEGIN
    INSERT INTO r11_rejected (row_key, error_text, failed_at) VALUES (p_key, p_text, SYSDATE);
  END reject;

  PROCEDURE run IS
  BEGIN
    DELETE FROM r11_copy;
    FOR s IN (SELECT customer_no, limit_txt FROM stg_customers) LOOP
      BEGIN
        INSERT INTO r11_copy (customer_id, credit_limit) VALUES (TO_NUMBER(s.customer_no), TO_NUMBER(s.limit_txt));
      EXCEPTION
        WHEN OTHERS THEN reject(s.customer_no, SQLERRM);
      END;
    END LOOP;
    COMMIT;
  END run;
END r11_error_helper;
/
