--! pattern = "the last row is processed twice, and that shows"
--! [[write]]
--! statement = "UPDATE T_N35_TWICE"
--! outcome = "residual"
--! reason = "order_dependent"
CREATE TABLE t_n35_twice (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n35_twice IS
  CURSOR c IS SELECT customer_id, amount FROM payments;
  v_id NUMBER(10);
  v_amount NUMBER;
BEGIN
  OPEN c;
  LOOP
    FETCH c INTO v_id, v_amount;
    UPDATE t_n35_twice SET v = v + v_amount WHERE customer_id = v_id;
    EXIT WHEN c%NOTFOUND;
  END LOOP;
  CLOSE c;
END n35_twice;
/
