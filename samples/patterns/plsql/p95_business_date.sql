--! pattern = "the batch date is a row of a control table"
--! [[write]]
--! statement = "DELETE P95_DAY"
--! outcome = "assumed"
--! class = "replace_period"
--! key = ["SALES_DATE", "CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P95_DAY"
--! outcome = "assumed"
--! class = "replace_period"
--! key = ["SALES_DATE", "CUSTOMER_ID"]
CREATE TABLE p95_day (sales_date DATE, customer_id NUMBER(10), amount NUMBER(16,2), CONSTRAINT p95_pk PRIMARY KEY (sales_date, customer_id));
CREATE TABLE p95_calendar (name VARCHAR2(10) PRIMARY KEY, business_date DATE NOT NULL);
CREATE OR REPLACE PROCEDURE p95_business_date IS
  v_day DATE;
BEGIN
  SELECT business_date INTO v_day FROM p95_calendar WHERE name = 'SALES';
  DELETE FROM p95_day WHERE sales_date = v_day;
  INSERT INTO p95_day (sales_date, customer_id, amount)
  SELECT TRUNC(ordered_at), customer_id, SUM(total_amount) FROM orders
   WHERE ordered_at >= v_day AND ordered_at < v_day + 1
   GROUP BY TRUNC(ordered_at), customer_id;
  COMMIT;
END p95_business_date;
/
