--! pattern = "1 set statement: MERGE without WHEN MATCHED keeps the first value"
--! [[write]]
--! statement = "MERGE P10_FIRST_SEEN"
--! outcome = "assumed"
--! class = "keep_first"
--! key = ["CUSTOMER_ID"]
--! assumes = ["source-rows-final"]
CREATE TABLE p10_first_seen (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE p10_merge_insert_only IS
BEGIN
  MERGE INTO p10_first_seen t USING customers s ON (t.customer_id = s.customer_id)
   WHEN NOT MATCHED THEN INSERT (customer_id, name) VALUES (s.customer_id, s.name);
END p10_merge_insert_only;
/
