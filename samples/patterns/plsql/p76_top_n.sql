--! pattern = "10 top-N by ROW_NUMBER"
--! [[write]]
--! statement = "DELETE P76_TOP"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CATEGORY_ID", "RANK_NO"]
--! [[write]]
--! statement = "INSERT P76_TOP"
--! outcome = "planned"
--! class = "replace_all"
--! key = ["CATEGORY_ID", "RANK_NO"]
CREATE TABLE p76_top (category_id NUMBER(6), rank_no NUMBER(4), product_id NUMBER(10), CONSTRAINT p76_pk PRIMARY KEY (category_id, rank_no));
CREATE OR REPLACE PROCEDURE p76_top_n IS
BEGIN
  DELETE FROM p76_top;
  INSERT INTO p76_top (category_id, rank_no, product_id)
  SELECT category_id, rn, product_id
    FROM (SELECT category_id, product_id,
                 ROW_NUMBER() OVER (PARTITION BY category_id ORDER BY list_price DESC, product_id) rn
            FROM products)
   WHERE rn <= 3;
END p76_top_n;
/
