--! pattern = "11 dimension of type 1: MERGE with a key from a sequence"
--! [[write]]
--! statement = "MERGE P84_DIM"
--! outcome = "assumed"
--! class = "upsert"
--! key = ["PRODUCT_CODE"]
--! assumes = ["surrogate-key"]
CREATE SEQUENCE seq_p84;
CREATE TABLE p84_dim (product_key NUMBER(12) PRIMARY KEY, product_code VARCHAR2(20) NOT NULL, list_price NUMBER(12,2), CONSTRAINT p84_uk UNIQUE (product_code));
CREATE OR REPLACE PROCEDURE p84_scd1_sequence IS
BEGIN
  MERGE INTO p84_dim d USING products s ON (d.product_code = s.product_code)
   WHEN MATCHED THEN UPDATE SET d.list_price = s.list_price
   WHEN NOT MATCHED THEN INSERT (product_key, product_code, list_price) VALUES (seq_p84.NEXTVAL, s.product_code, s.list_price);
  COMMIT;
END p84_scd1_sequence;
/
