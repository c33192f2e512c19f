--! pattern = "6 upsert by hand: COUNT(*), then INSERT or UPDATE"
--! [[write]]
--! statement = "INSERT P53_LIMITS"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "UPDATE P53_LIMITS"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p53_limits (customer_id NUMBER(10) PRIMARY KEY, credit_limit NUMBER(12,2));
CREATE OR REPLACE PROCEDURE p53_count_then IS
  v_n NUMBER;
BEGIN
  FOR r IN (SELECT customer_id, credit_limit FROM customers) LOOP
    SELECT COUNT(*) INTO v_n FROM p53_limits WHERE customer_id = r.customer_id;
    IF v_n = 0 THEN
      INSERT INTO p53_limits (customer_id, credit_limit) VALUES (r.customer_id, r.credit_limit);
    ELSE
      UPDATE p53_limits SET credit_limit = r.credit_limit WHERE customer_id = r.customer_id;
    END IF;
  END LOOP;
END p53_count_then;
/
