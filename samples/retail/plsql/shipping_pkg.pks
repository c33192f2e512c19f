CREATE OR REPLACE PACKAGE retail.shipping_pkg AS
  -- 出荷待ちを運送会社へ渡す (writes a file to directory SHIP_OUT)
  PROCEDURE export_shipments;
END shipping_pkg;
/
