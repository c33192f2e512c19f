CREATE OR REPLACE PACKAGE BODY retail.shipping_pkg AS

  c_directory CONSTANT VARCHAR2(30) := 'SHIP_OUT';

  PROCEDURE export_shipments IS
    v_file     UTL_FILE.FILE_TYPE;
    v_name     shipments.file_name%TYPE;
    v_ship_to  shipments.ship_to%TYPE;
  BEGIN
    v_name := 'ship_' || TO_CHAR(SYSDATE, 'YYYYMMDD_HH24MISS') || '.csv';
    v_file := UTL_FILE.FOPEN(c_directory, v_name, 'w', 32767);

    FOR r IN (SELECT q.queue_id, q.order_id, q.carrier_code
                FROM shipments_queue q
               WHERE q.handled = 'N'
               ORDER BY q.queue_id
                 FOR UPDATE OF q.handled)
    LOOP
      -- 宛先は出荷時点の住所
      BEGIN
        SELECT c.customer_name || ' ' || c.address
          INTO v_ship_to
          FROM orders o
          JOIN customers c ON c.customer_id = o.customer_id
         WHERE o.order_id = r.order_id;
      EXCEPTION
        WHEN NO_DATA_FOUND THEN
          v_ship_to := NULL;
      END;

      UTL_FILE.PUT_LINE(v_file, r.order_id || ',' || r.carrier_code || ',"' || REPLACE(v_ship_to, '"', '""') || '"');

      INSERT INTO shipments (shipment_id, queue_id, order_id, carrier_code, ship_to, file_name, shipped_at)
      VALUES (seq_shipment.NEXTVAL, r.queue_id, r.order_id, r.carrier_code, v_ship_to, v_name, SYSDATE);

      UPDATE shipments_queue
         SET handled    = 'Y',
             handled_at = SYSDATE
       WHERE queue_id = r.queue_id;
    END LOOP;

    UTL_FILE.FCLOSE(v_file);
    COMMIT;
  EXCEPTION
    WHEN OTHERS THEN
      IF UTL_FILE.IS_OPEN(v_file) THEN
        UTL_FILE.FCLOSE(v_file);
      END IF;
      ROLLBACK;
      batch_util.log_error('SHIPMENTS', SQLERRM);
      RAISE;
  END export_shipments;

END shipping_pkg;
/
