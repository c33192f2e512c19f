--! pattern = "1 set statement: UPDATE from a subquery, where there is one"
--! [[write]]
--! statement = "UPDATE P04_ACCOUNTS"
--! outcome = "assumed"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
--! assumes = ["source-rows-final"]
CREATE TABLE p04_accounts (customer_id NUMBER(10) PRIMARY KEY, opened_on DATE NOT NULL, last_paid_at DATE);
CREATE OR REPLACE PROCEDURE p04_update_from IS
BEGIN
  UPDATE p04_accounts a
     SET a.last_paid_at = (SELECT MAX(p.paid_at) FROM payments p WHERE p.customer_id = a.customer_id)
   WHERE EXISTS (SELECT 1 FROM payments p WHERE p.customer_id = a.customer_id);
  COMMIT;
END p04_update_from;
/
