//! A pretended Oracle database: tables in memory whose changes come out as the records that
//! Debezium's Oracle connector would write.

pub mod database;
pub mod envelope;
pub mod value;

pub use database::{Database, TableDef};
pub use value::{Kind, Row, Value, date, number, row, text};
