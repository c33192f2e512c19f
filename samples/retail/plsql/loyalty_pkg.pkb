CREATE OR REPLACE PACKAGE BODY retail.loyalty_pkg AS

  c_yen_per_point CONSTANT NUMBER := 100;

  PROCEDURE evaluate_tiers IS
    CURSOR c_customers IS
      SELECT c.customer_id
        FROM customers c;

    CURSOR c_orders(cp_customer_id customers.customer_id%TYPE) IS
      SELECT o.channel, o.status, o.total_amount
        FROM orders o
       WHERE o.customer_id = cp_customer_id;

    v_spend   customer_loyalty.total_spend%TYPE;
    v_points  NUMBER;
    v_tier    loyalty_tiers.tier_code%TYPE;
  BEGIN
    DELETE FROM customer_loyalty;

    FOR r_cust IN c_customers LOOP
      v_spend  := 0;
      v_points := 0;

      FOR r_ord IN c_orders(r_cust.customer_id) LOOP
        IF r_ord.status IN ('PAID', 'SHIPPED') THEN
          v_spend := v_spend + r_ord.total_amount;

          -- ネット注文は 1.5 倍、電話注文はポイントなし
          CASE r_ord.channel
            WHEN 'WEB' THEN
              v_points := v_points + FLOOR(r_ord.total_amount / c_yen_per_point * 1.5);
            WHEN 'PHONE' THEN
              NULL;
            ELSE
              v_points := v_points + FLOOR(r_ord.total_amount / c_yen_per_point);
          END CASE;
        ELSIF r_ord.status = 'CANCELLED' AND r_ord.total_amount < 0 THEN
          v_spend := v_spend + r_ord.total_amount;
        END IF;
      END LOOP;

      -- the highest tier whose threshold is reached
      v_tier := NULL;
      FOR r_tier IN (SELECT t.tier_code, t.min_spend
                       FROM loyalty_tiers t
                      ORDER BY t.min_spend)
      LOOP
        IF v_spend >= r_tier.min_spend THEN
          v_tier := r_tier.tier_code;
        END IF;
      END LOOP;

      IF v_tier IS NOT NULL THEN
        INSERT INTO customer_loyalty (customer_id, tier_code, total_spend, points, evaluated_on)
        VALUES (r_cust.customer_id, v_tier, v_spend, v_points, TRUNC(SYSDATE));
      END IF;
    END LOOP;
    COMMIT;
  END evaluate_tiers;

END loyalty_pkg;
/
