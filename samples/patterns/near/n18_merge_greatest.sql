--! pattern = "MERGE keeps the larger of old and new"
--! [[write]]
--! statement = "MERGE T_N18_MERGE_GREATEST"
--! outcome = "residual"
--! reason = "self_read"
CREATE TABLE t_n18_merge_greatest (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n18_merge_greatest IS
BEGIN
  MERGE INTO t_n18_merge_greatest t USING customers s ON (t.customer_id = s.customer_id)
   WHEN MATCHED THEN UPDATE SET t.v = GREATEST(t.v, s.credit_limit)
   WHEN NOT MATCHED THEN INSERT (customer_id, v) VALUES (s.customer_id, s.credit_limit);
END n18_merge_greatest;
/
