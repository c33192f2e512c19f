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

  DBMS_SCHEDULER.CREATE_PROGRAM(
    program_name   => 'RETAIL.LOYALTY_PRG',
    program_type   => 'STORED_PROCEDURE',
    program_action => 'RETAIL.LOYALTY_PKG.EVALUATE_TIERS',
    enabled        => TRUE);
END;
/

BEGIN
  DBMS_SCHEDULER.CREATE_CHAIN(
    chain_name => 'RETAIL.MORNING_CHAIN',
    comments   => 'sales, then balances and ranking side by side, then loyalty tiers');

  DBMS_SCHEDULER.DEFINE_CHAIN_STEP('RETAIL.MORNING_CHAIN', 'STEP_SALES', 'RETAIL.DAILY_SALES_PRG');
  DBMS_SCHEDULER.DEFINE_CHAIN_STEP('RETAIL.MORNING_CHAIN', 'STEP_BALANCE', 'RETAIL.CUSTOMER_BALANCE_PRG');
  DBMS_SCHEDULER.DEFINE_CHAIN_STEP('RETAIL.MORNING_CHAIN', 'STEP_TOP', 'RETAIL.TOP_PRODUCTS_PRG');
  DBMS_SCHEDULER.DEFINE_CHAIN_STEP('RETAIL.MORNING_CHAIN', 'STEP_LOYALTY', 'RETAIL.LOYALTY_PRG');

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
    action     => 'START STEP_LOYALTY',
    rule_name  => 'RETAIL.MORNING_RULE_3');
  DBMS_SCHEDULER.DEFINE_CHAIN_RULE(
    chain_name => 'RETAIL.MORNING_CHAIN',
    condition  => 'STEP_LOYALTY COMPLETED',
    action     => 'END',
    rule_name  => 'RETAIL.MORNING_RULE_4');
  DBMS_SCHEDULER.DEFINE_CHAIN_RULE(
    chain_name => 'RETAIL.MORNING_CHAIN',
    condition  => 'STEP_SALES FAILED OR STEP_BALANCE FAILED OR STEP_TOP FAILED',
    action     => 'END 1',
    rule_name  => 'RETAIL.MORNING_RULE_5');

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

-- 日中の出荷連携: every quarter of an hour while the carriers collect
BEGIN
  DBMS_SCHEDULER.CREATE_JOB(
    job_name        => 'RETAIL.SHIPMENTS_JOB',
    job_type        => 'STORED_PROCEDURE',
    job_action      => 'RETAIL.SHIPPING_PKG.EXPORT_SHIPMENTS',
    start_date      => TO_TIMESTAMP_TZ('2024-04-01 06:00:00 Asia/Tokyo', 'YYYY-MM-DD HH24:MI:SS TZR'),
    repeat_interval => 'FREQ=MINUTELY;INTERVAL=15;BYHOUR=6,7,8,9,10,11,12,13,14,15,16,17,18,19',
    enabled         => TRUE,
    auto_drop       => FALSE);
END;
/

-- a job that was switched off: costs were once loaded a second time at noon
BEGIN
  DBMS_SCHEDULER.CREATE_JOB(
    job_name        => 'RETAIL.NOON_COSTS_JOB',
    job_type        => 'PLSQL_BLOCK',
    job_action      => q'[BEGIN retail.sales_pkg.load_order_costs(TRUNC(SYSDATE) - 1); END;]',
    start_date      => TO_TIMESTAMP_TZ('2024-04-01 12:00:00 Asia/Tokyo', 'YYYY-MM-DD HH24:MI:SS TZR'),
    repeat_interval => 'FREQ=WEEKLY;BYDAY=MON,TUE,WED,THU,FRI;BYHOUR=12;BYMINUTE=0',
    enabled         => FALSE,
    auto_drop       => FALSE,
    comments        => '2024-09 停止');
END;
/
