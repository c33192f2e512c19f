--! pattern = "a procedure that writes is called once a row of two loops"
--! [[write]]
--! statement = "INSERT T_N51_SCORES"
--! outcome = "residual"
--! reason = "not_lowered"
--! [[write]]
--! statement = "DELETE T_N51_SCORES"
--! outcome = "residual"
--! reason = "not_lowered"
CREATE TABLE t_n51_scores (customer_id NUMBER(10) PRIMARY KEY, score NUMBER(6));
CREATE OR REPLACE PACKAGE n51_called_from_two_loops AS
  PROCEDURE run;
END n51_called_from_two_loops;
/
CREATE OR REPLACE PACKAGE BODY n51_called_from_two_loops AS
  PROCEDURE save_score(p_customer IN NUMBER, p_score IN NUMBER) IS
  BEGIN
    INSERT INTO t_n51_scores (customer_id, score) VALUES (p_customer, p_score);
  END save_score;

  PROCEDURE run IS
  BEGIN
    DELETE FROM t_n51_scores;
    FOR c IN (SELECT customer_id FROM customers WHERE status = 'ACTIVE') LOOP
      save_score(c.customer_id, 1);
    END LOOP;
    FOR c IN (SELECT customer_id FROM customers WHERE status <> 'ACTIVE') LOOP
      save_score(c.customer_id, 2);
    END LOOP;
    COMMIT;
  END run;
END n51_called_from_two_loops;
/
