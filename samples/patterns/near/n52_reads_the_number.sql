--! pattern = "a number that the batch draws from a sequence is read by the next load"
--! [[write]]
--! statement = "INSERT T_N52_FACT"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "DELETE T_N52_FACT"
--! outcome = "residual"
--! reason = "non_deterministic"
CREATE TABLE t_n52_fact (order_id NUMBER(12) PRIMARY KEY, city_id NUMBER(10));
CREATE OR REPLACE PROCEDURE n52_reads_the_number IS
BEGIN
  DELETE FROM t_n52_fact;
  INSERT INTO t_n52_fact (order_id, city_id)
  SELECT o.order_id, d.city_id FROM orders o LEFT JOIN r03_city d ON d.city_name = o.channel;
END n52_reads_the_number;
/
