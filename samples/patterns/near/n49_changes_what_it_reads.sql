--! pattern = "a loop over the table itself makes the new value of the old one"
--! [[write]]
--! statement = "UPDATE T_N49_PRICES"
--! outcome = "residual"
--! reason = "self_read"
CREATE TABLE t_n49_prices (id NUMBER(10) PRIMARY KEY, price NUMBER(12,2));
CREATE OR REPLACE PROCEDURE n49_changes_what_it_reads IS
BEGIN
  FOR r IN (SELECT p.id, p.price, g.min_amount FROM t_n49_prices p, grades g WHERE g.grade_code = 'A') LOOP
    UPDATE t_n49_prices SET price = r.price + r.min_amount WHERE id = r.id;
  END LOOP;
END n49_changes_what_it_reads;
/
