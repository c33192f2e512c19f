--! pattern = "11 dimension: joined by its natural key, inserted with a number or updated by it"
--! [[write]]
--! statement = "INSERT R03_CITY"
--! outcome = "assumed"
--! class = "upsert"
--! key = ["CITY_NAME"]
--! assumes = ["surrogate-key"]
--! [[write]]
--! statement = "UPDATE R03_CITY"
--! outcome = "assumed"
--! class = "upsert"
CREATE SEQUENCE seq_r03;
CREATE TABLE r03_clean (city_name VARCHAR2(100) NOT NULL, region_name VARCHAR2(100) NOT NULL, CONSTRAINT r03_clean_pk PRIMARY KEY (city_name));
CREATE TABLE r03_city (city_id NUMBER(10) PRIMARY KEY, city_name VARCHAR2(100), region_name VARCHAR2(100), insert_dt DATE, update_dt DATE);
CREATE OR REPLACE PROCEDURE r03_dimension_by_number IS
  TYPE t_names IS TABLE OF VARCHAR2(100);
  TYPE t_ids IS TABLE OF NUMBER(10);
  TYPE t_cursor IS REF CURSOR;
  l_ids t_ids;
  l_names t_names;
  l_regions t_names;
  c t_cursor;
BEGIN
  OPEN c FOR
    SELECT s.city_name, t.city_id, s.region_name
      FROM (SELECT DISTINCT * FROM r03_clean) s
      LEFT JOIN r03_city t ON (s.city_name = t.city_name);
  FETCH c BULK COLLECT INTO l_names, l_ids, l_regions;
  CLOSE c;
  FOR i IN l_ids.FIRST .. l_ids.LAST LOOP
    IF (l_ids(i) IS NULL) THEN
      INSERT INTO r03_city (city_id, city_name, region_name, insert_dt, update_dt)
      VALUES (seq_r03.NEXTVAL, l_names(i), l_regions(i), SYSDATE, NULL);
      COMMIT;
    ELSE
      UPDATE r03_city
         SET city_name = l_names(i), region_name = l_regions(i), update_dt = SYSDATE
       WHERE r03_city.city_id = l_ids(i);
      COMMIT;
    END IF;
  END LOOP;
END r03_dimension_by_number;
/
