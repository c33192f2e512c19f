--! pattern = "a procedure that is not in the input"
--! [[write]]
--! statement = "DELETE T_N31_UNKNOWN_CALLEE"
--! outcome = "residual"
--! reason = "unknown_callee"
--! [[write]]
--! statement = "INSERT T_N31_UNKNOWN_CALLEE"
--! outcome = "residual"
--! reason = "unknown_callee"
CREATE TABLE t_n31_unknown_callee (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n31_unknown_callee IS
BEGIN
  DELETE FROM t_n31_unknown_callee;
  FOR r IN (SELECT customer_id, credit_limit, region_code, status FROM customers) LOOP
    remote_api.adjust(r.customer_id);
    INSERT INTO t_n31_unknown_callee (customer_id, v) VALUES (r.customer_id, 1);
  END LOOP;
END n31_unknown_callee;
/
