--! pattern = "1 set statement: one table emptied once and filled by two INSERTs"
--! [[write]]
--! statement = "DELETE P08_CONTACTS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["SOURCE_CODE", "CONTACT_ID"]
--! [[write]]
--! statement = "INSERT P08_CONTACTS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["SOURCE_CODE", "CONTACT_ID"]
--! [[write]]
--! statement = "INSERT P08_CONTACTS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["SOURCE_CODE", "CONTACT_ID"]
CREATE TABLE p08_contacts (source_code VARCHAR2(1) NOT NULL, contact_id NUMBER(10) NOT NULL, label VARCHAR2(100), CONSTRAINT p08_pk PRIMARY KEY (source_code, contact_id));
CREATE OR REPLACE PROCEDURE p08_two_inserts IS
BEGIN
  DELETE p08_contacts;
  INSERT INTO p08_contacts (source_code, contact_id, label) SELECT 'C', customer_id, name FROM customers;
  INSERT INTO p08_contacts (source_code, contact_id, label) SELECT 'P', product_id, product_code FROM products;
END p08_two_inserts;
/
