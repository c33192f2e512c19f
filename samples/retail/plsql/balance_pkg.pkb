CREATE OR REPLACE PACKAGE BODY retail.balance_pkg AS

  PROCEDURE refresh_customer_balance IS
  BEGIN
    MERGE INTO customer_balance b
    USING (SELECT c.customer_id,
                  NVL(o.ordered, 0)  AS ordered_amount,
                  NVL(p.paid, 0)     AS paid_amount,
                  NVL(r.refunded, 0) AS refunded_amount,
                  NVL(o.ordered, 0) - NVL(p.paid, 0) - NVL(r.refunded, 0) AS balance
             FROM customers c
             LEFT JOIN (SELECT customer_id, SUM(total_amount) AS ordered
                          FROM orders
                         WHERE status <> 'CANCELLED'
                         GROUP BY customer_id) o ON o.customer_id = c.customer_id
             LEFT JOIN (SELECT customer_id, SUM(amount) AS paid
                          FROM payments
                         GROUP BY customer_id) p ON p.customer_id = c.customer_id
             LEFT JOIN (SELECT customer_id, SUM(refund_amount) AS refunded
                          FROM returns
                         GROUP BY customer_id) r ON r.customer_id = c.customer_id) s
       ON (b.customer_id = s.customer_id)
     WHEN MATCHED THEN
       UPDATE SET b.ordered_amount  = s.ordered_amount,
                  b.paid_amount     = s.paid_amount,
                  b.refunded_amount = s.refunded_amount,
                  b.balance         = s.balance,
                  b.updated_at      = SYSDATE
     WHEN NOT MATCHED THEN
       INSERT (customer_id, ordered_amount, paid_amount, refunded_amount, balance, updated_at)
       VALUES (s.customer_id, s.ordered_amount, s.paid_amount, s.refunded_amount, s.balance, SYSDATE);

    batch_util.log_info('CUSTOMER_BALANCE', 'merged', SQL%ROWCOUNT);
    COMMIT;
  END refresh_customer_balance;

END balance_pkg;
/
