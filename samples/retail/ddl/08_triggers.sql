CREATE OR REPLACE TRIGGER retail.trg_price_list_au
AFTER UPDATE OF list_price ON retail.price_list
FOR EACH ROW
WHEN (new.list_price <> old.list_price)
BEGIN
  INSERT INTO retail.price_audit (audit_id, product_id, old_price, new_price, changed_by, changed_at)
  VALUES (retail.seq_price_audit.NEXTVAL, :new.product_id, :old.list_price, :new.list_price, USER, SYSDATE);
END trg_price_list_au;
/

CREATE OR REPLACE TRIGGER retail.trg_customers_biu
BEFORE INSERT OR UPDATE OF email ON retail.customers
FOR EACH ROW
BEGIN
  -- メールアドレスは小文字で保存する
  :new.email := LOWER(TRIM(:new.email));
END trg_customers_biu;
/
