--! pattern = "one value when inserted, another when updated"
--! [[write]]
--! statement = "MERGE T_N19_MERGE_DIFFERS"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n19_merge_differs (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n19_merge_differs IS
BEGIN
  MERGE INTO t_n19_merge_differs t USING customers s ON (t.customer_id = s.customer_id)
   WHEN MATCHED THEN UPDATE SET t.v = s.credit_limit
   WHEN NOT MATCHED THEN INSERT (customer_id, v) VALUES (s.customer_id, s.credit_limit * 2);
END n19_merge_differs;
/
