--! pattern = "2 OPEN, FETCH, EXIT WHEN NOTFOUND"
--! [[write]]
--! statement = "DELETE P12_LABELS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
--! [[write]]
--! statement = "INSERT P12_LABELS"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["PRODUCT_ID"]
CREATE TABLE p12_labels (product_id NUMBER(10) PRIMARY KEY, label VARCHAR2(40));
CREATE OR REPLACE PROCEDURE p12_open_fetch IS
  CURSOR c IS SELECT product_id, product_code FROM products;
  v_id    products.product_id%TYPE;
  v_code  products.product_code%TYPE;
  v_label VARCHAR2(40);
BEGIN
  DELETE FROM p12_labels;
  OPEN c;
  LOOP
    FETCH c INTO v_id, v_code;
    EXIT WHEN c%NOTFOUND;
    v_label := 'P-' || v_code;
    INSERT INTO p12_labels (product_id, label) VALUES (v_id, v_label);
  END LOOP;
  CLOSE c;
  COMMIT;
END p12_open_fetch;
/
