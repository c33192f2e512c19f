CREATE OR REPLACE PACKAGE retail.batch_util AS
  -- バッチ共通: 開始・終了・ログ
  PROCEDURE start_batch(p_name IN VARCHAR2, p_date IN DATE);
  PROCEDURE end_batch(p_name IN VARCHAR2, p_status IN VARCHAR2 DEFAULT 'DONE');

  PROCEDURE log_info(p_name IN VARCHAR2, p_message IN VARCHAR2, p_rows IN NUMBER DEFAULT NULL);
  PROCEDURE log_error(p_name IN VARCHAR2, p_message IN VARCHAR2);
END batch_util;
/
