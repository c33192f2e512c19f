--! pattern = "rows that the loop itself has written are read in it"
--! [[write]]
--! statement = "INSERT T_N44_INTERMEDIATE"
--! outcome = "residual"
--! reason = "self_read"
CREATE TABLE t_n44_intermediate (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n44_intermediate IS
  v_n NUMBER;
BEGIN
  FOR r IN (SELECT customer_id, credit_limit FROM customers) LOOP
    SELECT COUNT(*) INTO v_n FROM t_n44_intermediate;
    INSERT INTO t_n44_intermediate (customer_id, v) VALUES (r.customer_id, v_n);
    COMMIT;
  END LOOP;
END n44_intermediate;
/
