--! pattern = "a lookup that may find several rows"
--! [[write]]
--! statement = "DELETE T_N20_LOOKUP_NOT_UNIQUE"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N20_LOOKUP_NOT_UNIQUE"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n20_lookup_not_unique (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n20_lookup_not_unique IS
  v_x NUMBER;
BEGIN
  DELETE FROM t_n20_lookup_not_unique;
  FOR r IN (SELECT customer_id, credit_limit, region_code, status FROM customers) LOOP
    SELECT total_amount INTO v_x FROM orders WHERE customer_id = r.customer_id;
    INSERT INTO t_n20_lookup_not_unique (customer_id, v) VALUES (r.customer_id, v_x);
  END LOOP;
END n20_lookup_not_unique;
/
