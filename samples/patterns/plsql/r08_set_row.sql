--! pattern = "6 a row is updated as a whole, and inserted where there is none"
--! [[write]]
--! statement = "UPDATE R08_CUST"
--! outcome = "planned"
--! class = "upsert"
--! [[write]]
--! statement = "INSERT R08_CUST"
--! outcome = "planned"
--! class = "upsert"
--! key = ["CUSTOMER_ID"]
CREATE TABLE r08_cust (customer_id NUMBER(10) PRIMARY KEY, name VARCHAR2(100), status VARCHAR2(10));
CREATE OR REPLACE PROCEDURE r08_set_row IS
  v_row r08_cust%ROWTYPE;
BEGIN
  FOR r IN (SELECT customer_id, name, status FROM customers) LOOP
    v_row.customer_id := r.customer_id;
    v_row.name := r.name;
    v_row.status := r.status;
    UPDATE r08_cust SET ROW = v_row WHERE customer_id = v_row.customer_id;
    IF SQL%ROWCOUNT = 0 THEN
      INSERT INTO r08_cust VALUES v_row;
    END IF;
  END LOOP;
  COMMIT;
END r08_set_row;
/
