#!/bin/bash
# ƒKƒXŒŸj‚ÌŽæž: SQL*Loader ‚Ì‚ ‚Æ READINGS ‚Ö”½‰f
export NLS_LANG=Japanese_Japan.JA16SJISTILDE

sqlldr userid=/@METER_BATCH control=/opt/meter/load/gas_readings.ctl log=/data/meter/bad/gas_readings.log
rc=$?
if [ "$rc" -ne 0 ] && [ "$rc" -ne 2 ]; then
  echo "sqlldr ˆÙíI—¹ rc=$rc" >&2
  exit "$rc"
fi

sqlplus -s -L /@METER_BATCH <<END_SQL
WHENEVER SQLERROR EXIT SQL.SQLCODE ROLLBACK
EXECUTE meter.load_pkg.load_gas
EXIT
END_SQL
