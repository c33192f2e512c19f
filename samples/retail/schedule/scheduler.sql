-- DBMS_SCHEDULER objects of schema RETAIL.
-- The tills of the remote stores deliver their last receipts until five in the morning. That is why the
-- morning chain builds yesterday's sales once more and then everything that depends on them.

BEGIN
  DBMS_SCHEDULER.CREATE_SCHEDULE(
    schedule_name   => 'RETAIL.MORNING_SCHEDULE',
    start_date      => TO_TIMESTAMP_TZ('2024-04-01 05:30:00 Asia/Tokyo', 'YYYY-MM-DD HH24:MI:SS TZR'),
    repeat_interval => 'FREQ=DAILY;BYHOUR=5;BYMINUTE=30;BYSECOND=0',
    comments        => '毎朝 5:30');

  DBMS_SCHEDULER.CREATE_PROGRAM(
    program_name   => 'RETAIL.DAILY_SALES_PRG',
    program_type   => 'PLSQL_BLOCK',
    program_action => 'BEGIN retail.sales_pkg.load_daily_sales(TRUNC(SYSDATE) - 1); END;',
    enabled        => TRUE,
    comments       => '日別売上 (前日分)');

  DBMS_SCHEDULER.CREATE_PROGRAM(
    program_name   => 'RETAIL.CUSTOMER_BALANCE_PRG',
    program_type   => 'STORED_PROCEDURE',
    program_action => 'RETAIL.BALANCE_PKG.REFRESH_CUSTOMER_BALANCE',
    enabled        => TRUE);

  DBMS_SCHEDULER.CREATE_PROGRAM(
    program_name   => 'RETAIL.TOP_PRODUCTS_PRG',
    program_type   => 'STORED_PROCEDURE',
    program_action => 'RETAIL.SALES_PKG.REFRESH_TOP_PRODUCTS',
    enabled        => TRUE);
END;
/

BEGIN
  DBMS_SCHEDULER.CREATE_CHAIN(
    chain_name => 'RETAIL.MORNING_CHAIN',
    comments   => 'sales, then balances and ranking side by side');

  DBMS_SCHEDULER.DEFINE_CHAIN_STEP('RETAIL.MORNING_CHAIN', 'STEP_SALES', 'RETAIL.DAILY_SALES_PRG');
  DBMS_SCHEDULER.DEFINE_CHAIN_STEP('RETAIL.MORNING_CHAIN', 'STEP_BALANCE', 'RETAIL.CUSTOMER_BALANCE_PRG');
  DBMS_SCHEDULER.DEFINE_CHAIN_STEP('RETAIL.MORNING_CHAIN', 'STEP_TOP', 'RETAIL.TOP_PRODUCTS_PRG');

  DBMS_SCHEDULER.DEFINE_CHAIN_RULE(
    chain_name => 'RETAIL.MORNING_CHAIN',
    condition  => 'TRUE',
    action     => 'START STEP_SALES',
    rule_name  => 'RETAIL.MORNING_RULE_1');
  DBMS_SCHEDULER.DEFINE_CHAIN_RULE(
    chain_name => 'RETAIL.MORNING_CHAIN',
    condition  => 'STEP_SALES SUCCEEDED',
    action     => 'START STEP_BALANCE, STEP_TOP',
    rule_name  => 'RETAIL.MORNING_RULE_2');
  DBMS_SCHEDULER.DEFINE_CHAIN_RULE(
    chain_name => 'RETAIL.MORNING_CHAIN',
    condition  => 'STEP_BALANCE SUCCEEDED AND STEP_TOP SUCCEEDED',
    action     => 'END',
    rule_name  => 'RETAIL.MORNING_RULE_3');
  DBMS_SCHEDULER.DEFINE_CHAIN_RULE(
    chain_name => 'RETAIL.MORNING_CHAIN',
    condition  => 'STEP_SALES FAILED OR STEP_BALANCE FAILED OR STEP_TOP FAILED',
    action     => 'END 1',
    rule_name  => 'RETAIL.MORNING_RULE_4');

  DBMS_SCHEDULER.ENABLE('RETAIL.MORNING_CHAIN');

  DBMS_SCHEDULER.CREATE_JOB(
    job_name      => 'RETAIL.MORNING_JOB',
    job_type      => 'CHAIN',
    job_action    => 'RETAIL.MORNING_CHAIN',
    schedule_name => 'RETAIL.MORNING_SCHEDULE',
    enabled       => TRUE,
    auto_drop     => FALSE,
    comments      => '遅れて届いたレシートを取り込んだ後の再集計');
END;
/
