--! pattern = "10 PIVOT"
--! [[write]]
--! statement = "DELETE P81_CHANNELS"
--! outcome = "residual"
--! reason = "not_lowered"
--! [[write]]
--! statement = "INSERT P81_CHANNELS"
--! outcome = "residual"
--! reason = "not_lowered"
CREATE TABLE p81_channels (customer_id NUMBER(10) PRIMARY KEY, web NUMBER(16,2), phone NUMBER(16,2));
CREATE OR REPLACE PROCEDURE p81_pivot IS
BEGIN
  DELETE FROM p81_channels;
  INSERT INTO p81_channels (customer_id, web, phone)
  SELECT customer_id, web, phone
    FROM (SELECT customer_id, channel, total_amount FROM orders)
   PIVOT (SUM(total_amount) FOR channel IN ('WEB' AS web, 'PHONE' AS phone));
END p81_pivot;
/
