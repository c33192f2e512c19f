--! pattern = "8 LOG ERRORS"
--! [[write]]
--! statement = "INSERT P66_SALES"
--! outcome = "assumed"
--! class = "append"
--! key = ["SALE_NO"]
--! assumes = ["each-row-once", "source-rows-final"]
CREATE TABLE p66_sales (sale_no NUMBER(12) PRIMARY KEY, amount NUMBER(14,2));
CREATE OR REPLACE PROCEDURE p66_log_errors IS
BEGIN
  INSERT INTO p66_sales (sale_no, amount)
  SELECT sale_no, amount FROM stg_sales
  LOG ERRORS INTO etl_errors ('P66') REJECT LIMIT UNLIMITED;
END p66_log_errors;
/
