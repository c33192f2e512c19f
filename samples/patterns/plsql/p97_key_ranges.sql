--! pattern = "ranges of keys handed in by a driver"
--! [[write]]
--! statement = "INSERT P97_COPY"
--! outcome = "assumed"
--! class = "append"
--! key = ["ORDER_ID"]
CREATE TABLE p97_copy (order_id NUMBER(12) PRIMARY KEY, total_amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p97_key_ranges(p_from IN NUMBER, p_to IN NUMBER) IS
BEGIN
  INSERT INTO p97_copy (order_id, total_amount)
  SELECT order_id, total_amount FROM orders WHERE order_id BETWEEN p_from AND p_to;
  COMMIT;
END p97_key_ranges;
/
