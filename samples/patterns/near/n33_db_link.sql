--! pattern = "rows over a database link"
--! [[write]]
--! statement = "DELETE T_N33_DB_LINK"
--! outcome = "residual"
--! reason = "db_link"
--! [[write]]
--! statement = "INSERT T_N33_DB_LINK"
--! outcome = "residual"
--! reason = "db_link"
CREATE TABLE t_n33_db_link (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n33_db_link IS
BEGIN
  DELETE FROM t_n33_db_link;
  INSERT INTO t_n33_db_link (customer_id, v) SELECT customer_id, credit_limit FROM customers@remote_site;
END n33_db_link;
/
