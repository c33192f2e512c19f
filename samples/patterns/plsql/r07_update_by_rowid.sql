--! pattern = "a loop over the table itself changes each row, found by its ROWID"
--! [[write]]
--! statement = "UPDATE R07_LIST"
--! outcome = "assumed"
--! class = "upsert"
--! key = ["ID"]
CREATE TABLE r07_list (id NUMBER(10) PRIMARY KEY, price NUMBER(12,2), gross NUMBER(14,2));
CREATE OR REPLACE PROCEDURE r07_update_by_rowid IS
BEGIN
  FOR r IN (SELECT l.*, l.ROWID rid FROM r07_list l WHERE l.price > 0) LOOP
    UPDATE r07_list SET gross = r.price * 1.1 WHERE ROWID = r.rid;
  END LOOP;
  COMMIT;
END r07_update_by_rowid;
/
