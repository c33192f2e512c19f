CREATE OR REPLACE PACKAGE retail.loyalty_pkg AS
  -- 会員ランクを判定する
  PROCEDURE evaluate_tiers;
END loyalty_pkg;
/
