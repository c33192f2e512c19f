--! pattern = "5 lookup of a sum once a row"
--! [[write]]
--! statement = "DELETE P43_PAID"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P43_PAID"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p43_paid (customer_id NUMBER(10) PRIMARY KEY, paid NUMBER(16,2));
CREATE OR REPLACE PROCEDURE p43_lookup_sum IS
  v_paid NUMBER(16,2);
BEGIN
  DELETE FROM p43_paid;
  FOR c IN (SELECT customer_id FROM customers) LOOP
    SELECT NVL(SUM(amount), 0) INTO v_paid FROM payments WHERE customer_id = c.customer_id;
    INSERT INTO p43_paid (customer_id, paid) VALUES (c.customer_id, v_paid);
  END LOOP;
END p43_lookup_sum;
/
