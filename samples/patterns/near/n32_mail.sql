--! pattern = "a mail for every row"
--! [[write]]
--! statement = "DELETE T_N32_MAIL"
--! outcome = "residual"
--! reason = "side_effect"
--! [[write]]
--! statement = "INSERT T_N32_MAIL"
--! outcome = "residual"
--! reason = "side_effect"
CREATE TABLE t_n32_mail (customer_id NUMBER(10) PRIMARY KEY, v NUMBER(18,4));
CREATE OR REPLACE PROCEDURE n32_mail IS
BEGIN
  DELETE FROM t_n32_mail;
  FOR r IN (SELECT customer_id, credit_limit, region_code, status FROM customers) LOOP
    UTL_MAIL.SEND('a@b', r.status, NULL, NULL, 'x', 'y');
    INSERT INTO t_n32_mail (customer_id, v) VALUES (r.customer_id, 1);
  END LOOP;
END n32_mail;
/
