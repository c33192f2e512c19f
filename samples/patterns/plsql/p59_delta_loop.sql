--! pattern = "6 delta: x = x + r.amount in a loop over a day"
--! [[write]]
--! statement = "UPDATE P59_ACCOUNTS"
--! outcome = "assumed"
--! class = "delta"
--! key = ["CUSTOMER_ID"]
--! assumes = ["opening-balance"]
CREATE TABLE p59_accounts (customer_id NUMBER(10) PRIMARY KEY, balance NUMBER(18,2) NOT NULL);
CREATE OR REPLACE PROCEDURE p59_delta_loop(p_day IN DATE) IS
BEGIN
  FOR p IN (SELECT customer_id, amount FROM payments WHERE paid_at >= p_day AND paid_at < p_day + 1) LOOP
    UPDATE p59_accounts SET balance = balance + p.amount WHERE customer_id = p.customer_id;
  END LOOP;
  COMMIT;
END p59_delta_loop;
/

BEGIN
  DBMS_SCHEDULER.CREATE_JOB(job_name => 'p59_delta_loop_JOB', job_type => 'PLSQL_BLOCK',
    job_action => 'BEGIN p59_delta_loop(TRUNC(SYSDATE) - 1); END;', repeat_interval => 'FREQ=DAILY;BYHOUR=2', enabled => TRUE);
END;
/
