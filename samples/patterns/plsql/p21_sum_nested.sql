--! pattern = "3 fold: SUM in a nested loop"
--! [[write]]
--! statement = "DELETE P21_TOTALS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P21_TOTALS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p21_totals (customer_id NUMBER(10) PRIMARY KEY, total NUMBER(16,2), order_count NUMBER(9));
CREATE OR REPLACE PROCEDURE p21_sum_nested IS
  v_total NUMBER;
  v_count NUMBER;
BEGIN
  DELETE FROM p21_totals;
  FOR c IN (SELECT customer_id FROM customers) LOOP
    v_total := 0;
    v_count := 0;
    FOR o IN (SELECT total_amount FROM orders WHERE customer_id = c.customer_id AND status = 'PAID') LOOP
      v_total := v_total + o.total_amount;
      v_count := v_count + 1;
    END LOOP;
    INSERT INTO p21_totals (customer_id, total, order_count) VALUES (c.customer_id, v_total, v_count);
  END LOOP;
END p21_sum_nested;
/
