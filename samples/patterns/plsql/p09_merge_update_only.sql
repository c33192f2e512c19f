--! pattern = "1 set statement: MERGE without WHEN NOT MATCHED"
--! [[write]]
--! statement = "MERGE P09_PRICES"
--! outcome = "assumed"
--! class = "upsert"
--! key = ["PRODUCT_ID"]
--! assumes = ["source-rows-final"]
CREATE TABLE p09_prices (product_id NUMBER(10) PRIMARY KEY, price NUMBER(12,2), note VARCHAR2(40));
CREATE OR REPLACE PROCEDURE p09_merge_update_only IS
BEGIN
  MERGE INTO p09_prices t USING products s ON (t.product_id = s.product_id)
   WHEN MATCHED THEN UPDATE SET t.price = s.list_price;
END p09_merge_update_only;
/
