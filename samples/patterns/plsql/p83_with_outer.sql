--! pattern = "10 WITH, old outer joins, DECODE and NVL2"
--! [[write]]
--! statement = "DELETE P83_OVERVIEW"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P83_OVERVIEW"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p83_overview (customer_id NUMBER(10) PRIMARY KEY, region_name VARCHAR2(60), class VARCHAR2(8), paid NUMBER(16,2));
CREATE OR REPLACE PROCEDURE p83_with_outer IS
BEGIN
  DELETE FROM p83_overview;
  INSERT INTO p83_overview (customer_id, region_name, class, paid)
  WITH paid AS (SELECT customer_id, SUM(amount) total FROM payments GROUP BY customer_id)
  SELECT c.customer_id, r.region_name, DECODE(c.status, 'ACTIVE', 'live', 'CLOSED', 'gone', 'other'), NVL2(p.total, p.total, 0)
    FROM customers c, regions r, paid p
   WHERE r.region_code (+) = c.region_code
     AND p.customer_id (+) = c.customer_id;
END p83_with_outer;
/
