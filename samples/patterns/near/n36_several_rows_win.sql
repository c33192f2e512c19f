--! pattern = "several rows of the loop write one key"
--! [[write]]
--! statement = "UPDATE T_N36_SEVERAL_ROWS_WIN"
--! outcome = "residual"
--! reason = "order_dependent"
--! [[write]]
--! statement = "INSERT T_N36_SEVERAL_ROWS_WIN"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n36_several_rows_win (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n36_several_rows_win IS
BEGIN
  FOR o IN (SELECT customer_id, total_amount FROM orders) LOOP
    UPDATE t_n36_several_rows_win SET v = o.total_amount WHERE customer_id = o.customer_id;
    IF SQL%ROWCOUNT = 0 THEN
      INSERT INTO t_n36_several_rows_win (customer_id, v) VALUES (o.customer_id, o.total_amount);
    END IF;
  END LOOP;
END n36_several_rows_win;
/
