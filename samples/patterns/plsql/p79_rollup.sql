--! pattern = "10 ROLLUP"
--! [[write]]
--! statement = "DELETE P79_CUBE"
--! outcome = "residual"
--! reason = "not_lowered"
--! [[write]]
--! statement = "INSERT P79_CUBE"
--! outcome = "residual"
--! reason = "not_lowered"
CREATE TABLE p79_cube (level_no NUMBER(1), region_code VARCHAR2(4), status VARCHAR2(10), customers NUMBER(9), CONSTRAINT p79_pk PRIMARY KEY (level_no, region_code, status));
CREATE OR REPLACE PROCEDURE p79_rollup IS
BEGIN
  DELETE FROM p79_cube;
  INSERT INTO p79_cube (level_no, region_code, status, customers)
  SELECT GROUPING_ID(region_code, status), NVL(region_code, '*'), NVL(status, '*'), COUNT(*)
    FROM customers
   GROUP BY ROLLUP (region_code, status);
END p79_rollup;
/
