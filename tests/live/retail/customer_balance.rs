//! `balance_pkg.refresh_customer_balance`: a MERGE into a table that stays from run to run
//! and never loses a customer.

use super::{amount, column, json, stored};
use crate::exact::Json;
use crate::oracle::{Database, Row, Value};
use crate::table::Table;
use bigdecimal::BigDecimal;
use std::collections::BTreeMap;

/// The column that holds the time of the run, which no stream can repeat.
pub const AUDIT: &[&str] = &["UPDATED_AT"];

/// One run of the batch on the present rows, into `target`.
pub fn run(db: &Database, target: &mut Table) {
    let ordered = totals(db, "ORDERS", "TOTAL_AMOUNT", |order| {
        column(order, "STATUS")
            .as_text()
            .is_some_and(|s| s != "CANCELLED")
    });
    let paid = totals(db, "PAYMENTS", "AMOUNT", |_| true);
    let refunded = totals(db, "RETURNS", "REFUND_AMOUNT", |_| true);
    for customer in db.rows("CUSTOMERS") {
        let id = column(customer, "CUSTOMER_ID");
        let of = |sums: &BTreeMap<Value, BigDecimal>| sums.get(id).cloned().unwrap_or_default();
        let (ordered, paid, refunded) = (of(&ordered), of(&paid), of(&refunded));
        let balance = &ordered - &paid - &refunded;
        let key = BTreeMap::from([("CUSTOMER_ID".to_owned(), json(id))]);
        let mut row = key.clone();
        for (name, value) in [
            ("ORDERED_AMOUNT", ordered),
            ("PAID_AMOUNT", paid),
            ("REFUNDED_AMOUNT", refunded),
            ("BALANCE", balance),
        ] {
            row.insert(name.to_owned(), stored(&value, 2));
        }
        target.insert(Json::Object(key), Json::Object(row));
    }
}

/// Sums by customer over the rows that count; rows without a customer form no group that
/// any customer could join.
fn totals(
    db: &Database,
    table: &str,
    of: &str,
    counts: impl Fn(&Row) -> bool,
) -> BTreeMap<Value, BigDecimal> {
    let mut sums: BTreeMap<Value, BigDecimal> = BTreeMap::new();
    for row in db.rows(table).filter(|row| counts(row)) {
        let customer = column(row, "CUSTOMER_ID");
        if *customer != Value::Null {
            *sums.entry(customer.clone()).or_default() += amount(row, of);
        }
    }
    sums
}
