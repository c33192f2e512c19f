--! pattern = "3 fold: the rows of the inner loop are weighed by the outer row"
--! [[write]]
--! statement = "DELETE P23_CHARGES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["MSISDN"]
--! [[write]]
--! statement = "INSERT P23_CHARGES"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["MSISDN"]
CREATE TABLE p23_charges (msisdn VARCHAR2(15) PRIMARY KEY, charge NUMBER(20,6));
CREATE OR REPLACE PROCEDURE p23_fold_with_outer IS
  v_charge NUMBER;
BEGIN
  DELETE FROM p23_charges;
  FOR s IN (SELECT s.msisdn, t.price_second FROM subscribers s JOIN tariffs t ON t.plan_code = s.plan_code) LOOP
    v_charge := 0;
    FOR c IN (SELECT seconds FROM call_records WHERE msisdn = s.msisdn) LOOP
      v_charge := v_charge + c.seconds * s.price_second;
    END LOOP;
    INSERT INTO p23_charges (msisdn, charge) VALUES (s.msisdn, v_charge);
  END LOOP;
END p23_fold_with_outer;
/
