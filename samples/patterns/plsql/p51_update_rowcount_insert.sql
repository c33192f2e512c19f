--! pattern = "6 upsert by hand: UPDATE, SQL%ROWCOUNT = 0, INSERT"
--! [[write]]
--! statement = "UPDATE P51_LAST"
--! outcome = "assumed"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
--! assumes = ["commit-atomicity"]
--! [[write]]
--! statement = "INSERT P51_LAST"
--! outcome = "assumed"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
--! assumes = ["commit-atomicity"]
CREATE TABLE p51_last (customer_id NUMBER(10) PRIMARY KEY, last_order DATE);
CREATE OR REPLACE PROCEDURE p51_update_rowcount_insert IS
BEGIN
  FOR r IN (SELECT customer_id, MAX(ordered_at) last_order FROM orders GROUP BY customer_id) LOOP
    UPDATE p51_last SET last_order = r.last_order WHERE customer_id = r.customer_id;
    IF SQL%ROWCOUNT = 0 THEN
      INSERT INTO p51_last (customer_id, last_order) VALUES (r.customer_id, r.last_order);
    END IF;
  END LOOP;
END p51_update_rowcount_insert;
/
