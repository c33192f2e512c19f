--! pattern = "7 a procedure called once a row writes"
--! [[write]]
--! statement = "INSERT P62_SCORES"
--! outcome = "assumed"
--! class = "replace_all"
--! [[write]]
--! statement = "DELETE P62_SCORES"
--! outcome = "assumed"
--! class = "replace_all"
CREATE TABLE p62_scores (customer_id NUMBER(10) PRIMARY KEY, score NUMBER(6));
CREATE OR REPLACE PACKAGE p62_call_per_row AS
  PROCEDURE run;
END p62_call_per_row;
/
CREATE OR REPLACE PACKAGE BODY p62_call_per_row AS
  PROCEDURE save_score(p_customer IN NUMBER, p_score IN NUMBER) IS
  BEGIN
    INSERT INTO p62_scores (customer_id, score) VALUES (p_customer, p_score);
  END save_score;

  PROCEDURE run IS
  BEGIN
    DELETE FROM p62_scores;
    FOR c IN (SELECT customer_id, credit_limit FROM customers) LOOP
      save_score(c.customer_id, CASE WHEN c.credit_limit > 5000 THEN 2 ELSE 1 END);
    END LOOP;
    COMMIT;
  END run;
END p62_call_per_row;
/
