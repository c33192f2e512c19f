--! pattern = "1 one procedure empties the table, another fills it"
--! [[write]]
--! statement = "TRUNCATE R05_COPY"
--! outcome = "assumed"
--! class = "replace_all"
--! [[write]]
--! statement = "INSERT R05_COPY"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["ORDER_ID"]
--! assumes = ["empties-target-before"]
CREATE TABLE r05_copy (order_id NUMBER(12) PRIMARY KEY, region_name VARCHAR2(60));
CREATE OR REPLACE PACKAGE r05_emptied_elsewhere AS
  PROCEDURE run;
END r05_emptied_elsewhere;
/
CREATE OR REPLACE PACKAGE BODY r05_emptied_elsewhere AS
  PROCEDURE clear_all IS
  BEGIN
    EXECUTE IMMEDIATE 'TRUNCATE TABLE r05_copy';
  END clear_all;

  PROCEDURE fill IS
  BEGIN
    INSERT INTO r05_copy (order_id, region_name)
    SELECT o.order_id, r.region_name
      FROM orders o, customers c, regions r
     WHERE c.customer_id = o.customer_id AND r.region_code = c.region_code;
    COMMIT;
  END fill;

  PROCEDURE run IS
  BEGIN
    clear_all;
    fill;
  END run;
END r05_emptied_elsewhere;
/
