--! pattern = "2 elements of a collection completed one by one before a FORALL"
--! [[write]]
--! statement = "DELETE P14_TAXED"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
--! [[write]]
--! statement = "INSERT P14_TAXED"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CUSTOMER_ID"]
CREATE TABLE p14_taxed (customer_id NUMBER(10) PRIMARY KEY, tax_rate NUMBER(5,4), grade VARCHAR2(1));
CREATE OR REPLACE PROCEDURE p14_element_by_element IS
  TYPE t_rec IS RECORD (customer_id customers.customer_id%TYPE, region_code customers.region_code%TYPE,
                        credit_limit customers.credit_limit%TYPE, tax_rate NUMBER(5,4), grade VARCHAR2(1));
  TYPE t_tab IS TABLE OF t_rec INDEX BY PLS_INTEGER;
  l_tab t_tab;
BEGIN
  DELETE FROM p14_taxed;
  SELECT customer_id, region_code, credit_limit, NULL, NULL BULK COLLECT INTO l_tab FROM customers;
  FOR i IN 1 .. l_tab.COUNT LOOP
    BEGIN
      SELECT tax_rate INTO l_tab(i).tax_rate FROM regions WHERE region_code = l_tab(i).region_code;
    EXCEPTION
      WHEN NO_DATA_FOUND THEN
        l_tab(i).tax_rate := 0;
    END;
    IF l_tab(i).credit_limit > 10000 THEN
      l_tab(i).grade := 'A';
    ELSE
      l_tab(i).grade := 'B';
    END IF;
  END LOOP;
  FORALL i IN 1 .. l_tab.COUNT
    INSERT INTO p14_taxed (customer_id, tax_rate, grade)
    VALUES (l_tab(i).customer_id, l_tab(i).tax_rate, l_tab(i).grade);
  COMMIT;
END p14_element_by_element;
/
