--! pattern = "a value that may be missing says nothing about the row"
--! [[write]]
--! statement = "INSERT T_N50_CITY"
--! outcome = "residual"
--! reason = "non_deterministic"
--! [[write]]
--! statement = "UPDATE T_N50_CITY"
--! outcome = "residual"
--! reason = "self_read"
CREATE SEQUENCE seq_n50;
CREATE TABLE t_n50_city (city_id NUMBER(10) PRIMARY KEY, city_name VARCHAR2(100), mayor VARCHAR2(100));
CREATE OR REPLACE PROCEDURE n50_missing_value_no_missing_row IS
BEGIN
  FOR r IN (SELECT s.full_name, t.city_id, t.mayor FROM stg_customers s LEFT JOIN t_n50_city t ON t.city_name = s.full_name) LOOP
    IF r.mayor IS NULL THEN
      INSERT INTO t_n50_city (city_id, city_name, mayor) VALUES (seq_n50.NEXTVAL, r.full_name, 'nobody');
    ELSE
      UPDATE t_n50_city SET mayor = 'somebody' WHERE city_id = r.city_id;
    END IF;
  END LOOP;
END n50_missing_value_no_missing_row;
/
