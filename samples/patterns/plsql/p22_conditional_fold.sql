--! pattern = "3 fold: conditional SUM, MAX and a flag"
--! [[write]]
--! statement = "DELETE P22_BEHAVIOUR"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P22_BEHAVIOUR"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p22_behaviour (customer_id NUMBER(10) PRIMARY KEY, web_amount NUMBER(16,2), last_order DATE, has_cancelled VARCHAR2(1));
CREATE OR REPLACE PROCEDURE p22_conditional_fold IS
  v_web NUMBER(16,2);
  v_last DATE;
  v_cancelled VARCHAR2(1);
BEGIN
  DELETE FROM p22_behaviour;
  FOR c IN (SELECT customer_id FROM customers) LOOP
    v_web := 0;
    v_last := NULL;
    v_cancelled := 'N';
    FOR o IN (SELECT channel, status, ordered_at, total_amount FROM orders WHERE customer_id = c.customer_id) LOOP
      IF o.channel = 'WEB' THEN
        v_web := v_web + o.total_amount;
      END IF;
      IF v_last IS NULL OR o.ordered_at > v_last THEN
        v_last := o.ordered_at;
      END IF;
      IF o.status = 'CANCELLED' THEN
        v_cancelled := 'Y';
      END IF;
    END LOOP;
    INSERT INTO p22_behaviour (customer_id, web_amount, last_order, has_cancelled)
    VALUES (c.customer_id, v_web, v_last, v_cancelled);
  END LOOP;
END p22_conditional_fold;
/
