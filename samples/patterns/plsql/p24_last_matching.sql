--! pattern = "3 fold: the last matching row under an order wins"
--! [[write]]
--! statement = "DELETE P24_GRADES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P24_GRADES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p24_grades (customer_id NUMBER(10) PRIMARY KEY, grade_code VARCHAR2(2));
CREATE OR REPLACE PROCEDURE p24_last_matching IS
  v_grade grades.grade_code%TYPE;
BEGIN
  DELETE FROM p24_grades;
  FOR c IN (SELECT customer_id, credit_limit FROM customers) LOOP
    v_grade := NULL;
    FOR g IN (SELECT grade_code, min_amount FROM grades ORDER BY min_amount) LOOP
      IF c.credit_limit >= g.min_amount THEN
        v_grade := g.grade_code;
      END IF;
    END LOOP;
    IF v_grade IS NOT NULL THEN
      INSERT INTO p24_grades (customer_id, grade_code) VALUES (c.customer_id, v_grade);
    END IF;
  END LOOP;
END p24_last_matching;
/
