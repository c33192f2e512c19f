--! pattern = "the moment of the run stands where the source has no value"
--! [[write]]
--! statement = "DELETE R12_PLAN"
--! outcome = "planned"
--! class = "replace_all"
--! [[write]]
--! statement = "INSERT R12_PLAN"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE r12_plan (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100), created DATE);
CREATE OR REPLACE PROCEDURE r12_moment_for_missing IS
BEGIN
  DELETE FROM r12_plan;
  INSERT INTO r12_plan (customer_id, name, created)
  SELECT customer_id, name, NVL(created_at, SYSDATE) FROM customers;
  COMMIT;
END r12_moment_for_missing;
/
