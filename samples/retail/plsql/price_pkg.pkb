CREATE OR REPLACE PACKAGE BODY retail.price_pkg AS

  PROCEDURE track_price_changes(p_date IN DATE) IS
  BEGIN
    -- close the versions that are no longer true
    UPDATE price_history h
       SET h.valid_to   = p_date,
           h.is_current = 'N'
     WHERE h.is_current = 'Y'
       AND h.valid_from < p_date
       AND EXISTS (SELECT 1
                     FROM price_list l
                    WHERE l.product_id = h.product_id
                      AND (l.list_price <> h.list_price OR l.currency <> h.currency));

    -- open a version for every product that has none
    INSERT INTO price_history (product_id, valid_from, valid_to, list_price, currency, is_current)
    SELECT l.product_id, p_date, NULL, l.list_price, l.currency, 'Y'
      FROM price_list l
     WHERE NOT EXISTS (SELECT 1
                         FROM price_history h
                        WHERE h.product_id = l.product_id
                          AND h.is_current = 'Y');

    batch_util.log_info('PRICE_HISTORY', 'new versions', SQL%ROWCOUNT);
    COMMIT;
  END track_price_changes;

END price_pkg;
/
