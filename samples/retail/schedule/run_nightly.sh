#!/bin/bash
# 夜間バッチ: calls RETAIL.NIGHTLY.RUN through SQL*Plus.
# The connect string comes from the wallet alias RETAIL_BATCH; no password is kept here.
set -u

export NLS_LANG=Japanese_Japan.AL32UTF8
export TZ=Asia/Tokyo

sqlplus -s -L /@RETAIL_BATCH <<SQL
WHENEVER SQLERROR EXIT SQL.SQLCODE ROLLBACK
WHENEVER OSERROR EXIT 9
SET SERVEROUTPUT ON SIZE UNLIMITED
BEGIN
  retail.nightly.run;
END;
/
EXIT
SQL
rc=$?

if [ "$rc" -ne 0 ]; then
  echo "$(date '+%F %T') nightly batch failed, rc=$rc" >&2
fi
exit "$rc"
