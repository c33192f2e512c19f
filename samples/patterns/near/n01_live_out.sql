--! pattern = "a variable lives from row to row"
--! [[write]]
--! statement = "DELETE T_N01_LIVE_OUT"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N01_LIVE_OUT"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n01_live_out (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n01_live_out IS
  v_prev NUMBER;
BEGIN
  DELETE FROM t_n01_live_out;
  FOR r IN (SELECT customer_id, credit_limit, region_code, status FROM customers) LOOP
    INSERT INTO t_n01_live_out (customer_id, v) VALUES (r.customer_id, v_prev);
    v_prev := r.credit_limit;
  END LOOP;
END n01_live_out;
/
