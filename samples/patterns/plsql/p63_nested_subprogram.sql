--! pattern = "7 a nested procedure does the writing"
--! [[write]]
--! statement = "DELETE P63_LINES"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["ORDER_ID", "LINE_NO"]
--! [[write]]
--! statement = "INSERT P63_LINES"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["ORDER_ID", "LINE_NO"]
CREATE TABLE p63_lines (order_id NUMBER(12), line_no NUMBER(4), net NUMBER(16,2), CONSTRAINT p63_pk PRIMARY KEY (order_id, line_no));
CREATE OR REPLACE PROCEDURE p63_nested_subprogram IS
  PROCEDURE clear IS
  BEGIN
    DELETE FROM p63_lines;
  END clear;

  PROCEDURE put(p_order NUMBER, p_line NUMBER, p_net NUMBER) IS
  BEGIN
    INSERT INTO p63_lines (order_id, line_no, net) VALUES (p_order, p_line, p_net);
  END put;
BEGIN
  clear;
  FOR l IN (SELECT order_id, line_no, qty, unit_price, discount FROM order_lines) LOOP
    put(l.order_id, l.line_no, l.qty * l.unit_price - NVL(l.discount, 0));
  END LOOP;
END p63_nested_subprogram;
/
