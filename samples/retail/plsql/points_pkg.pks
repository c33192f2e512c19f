CREATE OR REPLACE PACKAGE retail.points_pkg AS
  -- カード端末のポイント明細を取り込む
  PROCEDURE load_point_events;
END points_pkg;
/
