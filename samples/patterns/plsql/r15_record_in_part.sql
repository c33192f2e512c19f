--! pattern = "2 a record of which not all fields are set is inserted"
--! [[write]]
--! statement = "DELETE R15_CUST"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT R15_CUST"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE r15_cust (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100), closed_on DATE);
CREATE OR REPLACE PROCEDURE r15_record_in_part IS
  v_row r15_cust%ROWTYPE;
BEGIN
  DELETE FROM r15_cust;
  FOR r IN (SELECT customer_id, name FROM customers) LOOP
    v_row.customer_id := r.customer_id;
    v_row.name := r.name;
    INSERT INTO r15_cust VALUES v_row;
  END LOOP;
  COMMIT;
END r15_record_in_part;
/
