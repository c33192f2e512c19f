--! pattern = "any row of several, by ROWNUM = 1"
--! [[write]]
--! statement = "DELETE T_N21_ANY_ROW"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "INSERT T_N21_ANY_ROW"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE t_n21_any_row (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n21_any_row IS
  v_x NUMBER;
BEGIN
  DELETE FROM t_n21_any_row;
  FOR r IN (SELECT customer_id, credit_limit, region_code, status FROM customers) LOOP
    SELECT total_amount INTO v_x FROM orders WHERE customer_id = r.customer_id AND ROWNUM = 1;
    INSERT INTO t_n21_any_row (customer_id, v) VALUES (r.customer_id, v_x);
  END LOOP;
END n21_any_row;
/
