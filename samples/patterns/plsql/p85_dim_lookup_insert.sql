--! pattern = "11 a surrogate key is looked up, and inserted when missing"
--! [[write]]
--! statement = "INSERT P85_DIM"
--! outcome = "assumed"
--! class = "keep_first"
--! key = ["CUSTOMER_ID"]
--! assumes = ["surrogate-key", "source-rows-final"]
CREATE SEQUENCE seq_p85;
CREATE TABLE p85_dim (customer_key NUMBER(12) PRIMARY KEY, customer_id NUMBER(10) NOT NULL, name VARCHAR2(100), CONSTRAINT p85_uk UNIQUE (customer_id));
CREATE OR REPLACE PROCEDURE p85_dim_lookup_insert IS
  v_key NUMBER(12);
BEGIN
  FOR c IN (SELECT customer_id, name FROM customers) LOOP
    BEGIN
      SELECT customer_key INTO v_key FROM p85_dim WHERE customer_id = c.customer_id;
    EXCEPTION
      WHEN NO_DATA_FOUND THEN
        INSERT INTO p85_dim (customer_key, customer_id, name)
        VALUES (seq_p85.NEXTVAL, c.customer_id, c.name)
        RETURNING customer_key INTO v_key;
    END;
  END LOOP;
  COMMIT;
END p85_dim_lookup_insert;
/
