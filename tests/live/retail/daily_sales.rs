//! `sales_pkg.load_daily_sales`, run for every day there is: a replaced period follows its
//! sources, so the table always holds what a run for each day would write now.

use super::{amount, column, json, stored};
use crate::exact::Json;
use crate::oracle::{Database, Row, Value};
use crate::table::Table;
use bigdecimal::BigDecimal;
use std::collections::{BTreeMap, BTreeSet};

/// Sums of one day, store and category.
#[derive(Default)]
struct Group {
    qty: BigDecimal,
    net_amount: BigDecimal,
    orders: BTreeSet<Value>,
}

/// The rows of DAILY_SALES.
pub fn run(db: &Database) -> Table {
    let mut groups: BTreeMap<(Value, Value, Value), Group> = BTreeMap::new();
    for line in db.rows("ORDER_LINES") {
        let Some((order, product)) = parents(db, line) else {
            continue;
        };
        // A NULL status is not "other than CANCELLED": Oracle's comparison is unknown.
        let Some(status) = column(order, "STATUS").as_text() else {
            continue;
        };
        if status == "CANCELLED" {
            continue;
        }
        let day = column(order, "ORDERED_AT")
            .as_time()
            .map_or(Value::Null, |t| Value::Time(t.date().into()));
        let key = (
            day,
            column(order, "STORE_ID").clone(),
            column(product, "CATEGORY_ID").clone(),
        );
        let group = groups.entry(key).or_default();
        let qty = amount(line, "QTY");
        group.net_amount += &qty * amount(line, "UNIT_PRICE") - amount(line, "DISCOUNT");
        group.qty += qty;
        group.orders.insert(column(line, "ORDER_ID").clone());
    }
    groups
        .into_iter()
        .map(|(key, group)| result(key, &group))
        .collect()
}

/// The order and the product of a line: both joins are inner.
fn parents<'a>(db: &'a Database, line: &Row) -> Option<(&'a Row, &'a Row)> {
    Some((
        db.get("ORDERS", &[column(line, "ORDER_ID").clone()])?,
        db.get("PRODUCTS", &[column(line, "PRODUCT_ID").clone()])?,
    ))
}

fn result((day, store, category): (Value, Value, Value), group: &Group) -> (Json, Json) {
    let key = BTreeMap::from([
        ("SALES_DATE".to_owned(), json(&day)),
        ("STORE_ID".to_owned(), json(&store)),
        ("CATEGORY_ID".to_owned(), json(&category)),
    ]);
    let mut row = key.clone();
    row.insert("QTY".to_owned(), stored(&group.qty, 3));
    row.insert("NET_AMOUNT".to_owned(), stored(&group.net_amount, 2));
    row.insert(
        "ORDER_COUNT".to_owned(),
        Json::Number(BigDecimal::from(group.orders.len() as u64)),
    );
    (Json::Object(key), Json::Object(row))
}
