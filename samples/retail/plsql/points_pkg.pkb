CREATE OR REPLACE PACKAGE BODY retail.points_pkg AS

  c_limit CONSTANT PLS_INTEGER := 500;

  e_bulk_errors EXCEPTION;
  PRAGMA EXCEPTION_INIT(e_bulk_errors, -24381);

  PROCEDURE load_point_events IS
    CURSOR c_events IS
      SELECT e.event_no, e.customer_no, e.occurred_txt, e.points_txt
        FROM stg_point_events e
       WHERE NOT EXISTS (SELECT 1
                           FROM point_ledger l
                          WHERE l.event_no = e.event_no);

    TYPE t_events IS TABLE OF c_events%ROWTYPE INDEX BY PLS_INTEGER;
    v_events   t_events;
    v_index    PLS_INTEGER;
    v_key      load_errors.source_key%TYPE;
    v_code     load_errors.error_code%TYPE;
    v_text     load_errors.error_text%TYPE;
  BEGIN
    OPEN c_events;
    LOOP
      FETCH c_events BULK COLLECT INTO v_events LIMIT c_limit;
      EXIT WHEN v_events.COUNT = 0;

      BEGIN
        FORALL i IN 1 .. v_events.COUNT SAVE EXCEPTIONS
          INSERT INTO point_ledger (event_no, customer_id, occurred_at, points)
          VALUES (v_events(i).event_no,
                  TO_NUMBER(v_events(i).customer_no),
                  TO_TIMESTAMP(v_events(i).occurred_txt, 'YYYY-MM-DD HH24:MI:SS.FF3'),
                  TO_NUMBER(v_events(i).points_txt));
      EXCEPTION
        WHEN e_bulk_errors THEN
          -- 不正な明細はエラー表へ。残りは登録済み
          FOR j IN 1 .. SQL%BULK_EXCEPTIONS.COUNT LOOP
            v_index := SQL%BULK_EXCEPTIONS(j).ERROR_INDEX;
            v_code  := SQL%BULK_EXCEPTIONS(j).ERROR_CODE;
            v_text  := SQLERRM(-SQL%BULK_EXCEPTIONS(j).ERROR_CODE);
            v_key   := v_events(v_index).event_no;

            INSERT INTO load_errors (error_id, source_table, source_key, error_code, error_text, logged_at)
            VALUES (seq_load_error.NEXTVAL, 'STG_POINT_EVENTS', v_key, v_code, v_text, SYSDATE);
          END LOOP;
      END;
      COMMIT;
    END LOOP;
    CLOSE c_events;
  EXCEPTION
    WHEN OTHERS THEN
      IF c_events%ISOPEN THEN
        CLOSE c_events;
      END IF;
      RAISE;
  END load_point_events;

END points_pkg;
/
