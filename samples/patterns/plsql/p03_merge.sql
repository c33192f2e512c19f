--! pattern = "1 set statement: MERGE"
--! [[write]]
--! statement = "MERGE P03_CUSTOMER_TOTALS"
--! outcome = "assumed"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
--! assumes = ["commit-atomicity"]
CREATE TABLE p03_customer_totals (customer_id NUMBER(10) PRIMARY KEY, ordered NUMBER(16,2), refreshed_at DATE);
CREATE OR REPLACE PROCEDURE p03_merge IS
BEGIN
  MERGE INTO p03_customer_totals t
  USING (SELECT customer_id, SUM(total_amount) ordered FROM orders WHERE status <> 'CANCELLED' GROUP BY customer_id) s
     ON (t.customer_id = s.customer_id)
   WHEN MATCHED THEN UPDATE SET t.ordered = s.ordered, t.refreshed_at = SYSDATE
   WHEN NOT MATCHED THEN INSERT (customer_id, ordered, refreshed_at) VALUES (s.customer_id, s.ordered, SYSDATE);
  COMMIT;
END p03_merge;
/
