--! pattern = "12 dynamic SQL with a constant text"
--! [[write]]
--! statement = "TRUNCATE P86_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P86_COPY"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p86_copy (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100));
CREATE OR REPLACE PROCEDURE p86_dynamic_constant IS
  v_table VARCHAR2(30) := 'P86_COPY';
BEGIN
  EXECUTE IMMEDIATE 'TRUNCATE TABLE ' || v_table;
  EXECUTE IMMEDIATE 'INSERT INTO ' || v_table || ' (customer_id, name) SELECT customer_id, name FROM customers';
  COMMIT;
END p86_dynamic_constant;
/
