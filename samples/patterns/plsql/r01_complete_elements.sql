--! pattern = "2+5 elements completed by lookups that take any row, defaults afterwards, FORALL"
--! [[write]]
--! statement = "DELETE R01_ADDRESS"
--! outcome = "assumed"
--! class = "replace_all"
--! [[write]]
--! statement = "INSERT R01_ADDRESS"
--! outcome = "assumed"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! assumes = ["key-assumed"]
CREATE TABLE r01_country (region_code VARCHAR2(4), country VARCHAR2(30));
CREATE TABLE r01_address (customer_id NUMBER(10) PRIMARY KEY, region VARCHAR2(4), country VARCHAR2(30), created DATE, source_system VARCHAR2(10));
CREATE OR REPLACE PROCEDURE r01_complete_elements IS
  TYPE t_rows IS TABLE OF r01_address%ROWTYPE INDEX BY BINARY_INTEGER;
  l_rows t_rows;
  c_size NUMBER := 10000;
  CURSOR c1 IS SELECT customer_id, region_code, NULL, created_at, 'OLD' FROM customers;
BEGIN
  DELETE FROM r01_address;
  OPEN c1;
  LOOP
    FETCH c1 BULK COLLECT INTO l_rows LIMIT c_size;
    FOR i IN 1 .. l_rows.COUNT LOOP
      BEGIN
        SELECT country INTO l_rows(i).country FROM r01_country WHERE region_code = l_rows(i).region AND ROWNUM <= 1;
      EXCEPTION
        WHEN OTHERS THEN NULL;
        l_rows(i).country := 'USA';
      END;
    END LOOP;
    FOR i IN 1 .. l_rows.COUNT LOOP
      IF l_rows(i).created IS NULL THEN
        l_rows(i).created := SYSDATE;
      END IF;
    END LOOP;
    FORALL i IN l_rows.FIRST .. l_rows.LAST
      INSERT INTO r01_address VALUES l_rows(i);
    EXIT WHEN c1%NOTFOUND;
  END LOOP;
  CLOSE c1;
  COMMIT;
END r01_complete_elements;
/
