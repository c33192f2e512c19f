--! pattern = "8 SAVE EXCEPTIONS and %BULK_EXCEPTIONS"
--! [[write]]
--! statement = "DELETE P68_SALES"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["SALE_NO"]
--! assumes = ["loop-independent"]
--! [[write]]
--! statement = "INSERT P68_SALES"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["SALE_NO"]
--! assumes = ["loop-independent"]
--! [[write]]
--! statement = "INSERT ETL_ERRORS"
--! outcome = "control"
CREATE TABLE p68_sales (sale_no NUMBER(12) PRIMARY KEY, amount NUMBER(14,2) NOT NULL);
CREATE OR REPLACE PROCEDURE p68_save_exceptions IS
  TYPE t_row IS RECORD (sale_no NUMBER(12), amount NUMBER(14,2));
  TYPE t_rows IS TABLE OF t_row;
  l_rows t_rows;
  e_bulk EXCEPTION;
  PRAGMA EXCEPTION_INIT(e_bulk, -24381);
BEGIN
  DELETE FROM p68_sales;
  SELECT sale_no, amount BULK COLLECT INTO l_rows FROM stg_sales;
  BEGIN
    FORALL i IN 1 .. l_rows.COUNT SAVE EXCEPTIONS
      INSERT INTO p68_sales (sale_no, amount) VALUES (l_rows(i).sale_no, l_rows(i).amount);
  EXCEPTION
    WHEN e_bulk THEN
      FOR j IN 1 .. SQL%BULK_EXCEPTIONS.COUNT LOOP
        INSERT INTO etl_errors (job_name, row_key, error_text, failed_at)
        VALUES ('P68', SQL%BULK_EXCEPTIONS(j).ERROR_INDEX, SQLERRM(-SQL%BULK_EXCEPTIONS(j).ERROR_CODE), SYSDATE);
      END LOOP;
  END;
  COMMIT;
END p68_save_exceptions;
/
