--! pattern = "the table is emptied when it has been filled and read: a queue, no load"
--! [[write]]
--! statement = "INSERT T_N47_STAGE"
--! outcome = "residual"
--! reason = "period_not_understood"
--! [[write]]
--! statement = "TRUNCATE T_N47_STAGE"
--! outcome = "residual"
--! reason = "not_lowered"
CREATE TABLE t_n47_stage (region_code VARCHAR2(4) PRIMARY KEY, amount NUMBER(16,2));
CREATE OR REPLACE PACKAGE n47_emptied_after AS
  PROCEDURE run;
END n47_emptied_after;
/
CREATE OR REPLACE PACKAGE BODY n47_emptied_after AS
  PROCEDURE fill IS
  BEGIN
    INSERT INTO t_n47_stage (region_code, amount)
    SELECT c.region_code, SUM(o.total_amount) FROM orders o JOIN customers c ON c.customer_id = o.customer_id GROUP BY c.region_code;
  END fill;

  PROCEDURE clear_all IS
  BEGIN
    EXECUTE IMMEDIATE 'TRUNCATE TABLE t_n47_stage';
  END clear_all;

  PROCEDURE run IS
  BEGIN
    fill;
    clear_all;
  END run;
END n47_emptied_after;
/
