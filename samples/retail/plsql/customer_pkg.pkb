CREATE OR REPLACE PACKAGE BODY retail.customer_pkg AS

  c_commit_rows CONSTANT PLS_INTEGER := 1000;

  PROCEDURE build_mailing_list IS
    v_rows PLS_INTEGER := 0;
  BEGIN
    DELETE FROM mailing_list;
    COMMIT;

    FOR r IN (SELECT c.customer_id, c.customer_name, c.email, c.birth_date, c.dm_allowed
                FROM customers c)
    LOOP
      IF r.dm_allowed = 'Y' AND r.email IS NOT NULL THEN
        INSERT INTO mailing_list (customer_id, email, salutation, birth_month)
        VALUES (r.customer_id, LOWER(r.email), r.customer_name || ' 様', EXTRACT(MONTH FROM r.birth_date));

        v_rows := v_rows + 1;
        -- UNDO 表領域が小さいため 1000 件ごとに COMMIT する
        IF MOD(v_rows, c_commit_rows) = 0 THEN
          COMMIT;
        END IF;
      END IF;
    END LOOP;
    COMMIT;

    batch_util.log_info('MAILING_LIST', 'rows written', v_rows);
  END build_mailing_list;

END customer_pkg;
/
