CREATE OR REPLACE PACKAGE BODY retail.stock_pkg AS

  PROCEDURE rebuild_stock_levels IS
    v_on_hand  stock_levels.on_hand%TYPE;
    v_count    stock_levels.movement_count%TYPE;
    v_last     stock_levels.last_moved_at%TYPE;
  BEGIN
    DELETE FROM stock_levels;

    FOR k IN (SELECT DISTINCT m.store_id, m.product_id
                FROM stock_movements m)
    LOOP
      v_on_hand := 0;
      v_count   := 0;
      v_last    := NULL;

      -- 入庫は加算、出庫は減算。棚卸差異 (ADJ) は符号付き
      FOR m IN (SELECT sm.movement_type, sm.qty, sm.moved_at
                  FROM stock_movements sm
                 WHERE sm.store_id = k.store_id
                   AND sm.product_id = k.product_id)
      LOOP
        IF m.movement_type = 'OUT' THEN
          v_on_hand := v_on_hand - m.qty;
        ELSE
          v_on_hand := v_on_hand + m.qty;
        END IF;

        v_count := v_count + 1;

        IF v_last IS NULL OR m.moved_at > v_last THEN
          v_last := m.moved_at;
        END IF;
      END LOOP;

      INSERT INTO stock_levels (store_id, product_id, on_hand, movement_count, last_moved_at)
      VALUES (k.store_id, k.product_id, v_on_hand, v_count, v_last);
    END LOOP;
    COMMIT;
  END rebuild_stock_levels;

END stock_pkg;
/
