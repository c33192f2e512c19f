--! pattern = "11 facts look the number of a dimension up that another load gives"
--! [[write]]
--! statement = "DELETE N55_FACT"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "INSERT N55_FACT"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE n55_fact (order_id NUMBER(12), line_no NUMBER(4), product_key NUMBER(12), amount NUMBER(16,2), CONSTRAINT n55_pk PRIMARY KEY (order_id, line_no));
CREATE OR REPLACE PROCEDURE n55_fact_by_number IS
BEGIN
  DELETE FROM n55_fact;
  INSERT INTO n55_fact (order_id, line_no, product_key, amount)
  SELECT l.order_id, l.line_no, d.product_key, l.qty * l.unit_price
    FROM order_lines l
    JOIN products p ON p.product_id = l.product_id
    JOIN p84_dim d ON d.product_code = p.product_code;
  COMMIT;
END n55_fact_by_number;
/
