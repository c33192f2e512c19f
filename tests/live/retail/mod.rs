//! The retail sample as a running business: its tables, what happens to them, and what its
//! batches make of them, computed here from the rows alone. Nothing in this folder uses the
//! library under test.

pub mod customer_balance;
pub mod daily_sales;
pub mod play;
pub mod sample;
pub mod scenario;

use crate::exact::Json;
use crate::oracle::{Row, Value};
use bigdecimal::{BigDecimal, RoundingMode};

/// Schema of the sample.
pub const SCHEMA: &str = "RETAIL";

/// The tables that the two jobs compared step by step read.
pub const SOURCES: [&str; 6] = [
    "ORDERS",
    "ORDER_LINES",
    "PRODUCTS",
    "CUSTOMERS",
    "PAYMENTS",
    "RETURNS",
];

/// A column, NULL when the row lacks it.
fn column<'a>(row: &'a Row, name: &str) -> &'a Value {
    row.get(name).unwrap_or(&Value::Null)
}

/// A number, with NULL as zero.
fn amount(row: &Row, name: &str) -> BigDecimal {
    column(row, name).as_number().cloned().unwrap_or_default()
}

/// A number as a column with this scale holds it: Oracle rounds half away from zero.
fn stored(number: &BigDecimal, scale: i64) -> Json {
    Json::Number(number.with_scale_round(scale, RoundingMode::HalfUp))
}

/// A value as result topics write it.
fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Number(n) => Json::Number(n.clone()),
        Value::Text(t) => Json::Text(t.clone()),
        Value::Time(t) => {
            let text = t.format("%Y-%m-%d %H:%M:%S%.f").to_string();
            let bare = match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.'),
                false => text.as_str(),
            };
            Json::Text(bare.to_owned())
        }
    }
}
