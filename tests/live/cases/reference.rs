//! The references against each other: what this test computes from the sample's rows must be
//! what the sample says that its batches wrote. Needs no system.

use super::Case;
use crate::harness::{Live, failed};
use crate::oracle::Database;
use crate::retail::sample::{self, Sample};
use crate::retail::{SOURCES, customer_balance, daily_sales};
use crate::stack::Stack;
use crate::table::{Table, difference, without};

pub fn cases() -> [(&'static str, Case); 2] {
    [
        ("reference::daily_sales_of_the_sample", sales),
        ("reference::customer_balance_of_the_sample", balances),
    ]
}

/// A database with the sample's source rows.
fn database(sample: &Sample) -> Live<Database> {
    let defs = SOURCES.iter().map(|t| sample.table(t).cloned());
    let mut db = Database::new("ref", defs.collect::<Live<Vec<_>>>()?);
    for table in SOURCES {
        for row in sample.rows(table)? {
            db.snapshot(table, row)?;
        }
    }
    Ok(db)
}

fn same(sample: &Sample, table: &str, computed: &Table, audit: &[&str]) -> Live<()> {
    let def = sample.table(table)?;
    let rows = sample.rows(table)?;
    let stated: Table = rows.iter().map(|r| sample::result_row(def, r)).collect();
    match difference(&without(&stated, audit), computed) {
        None => Ok(()),
        Some(text) => Err(failed(format!(
            "{table} (stated against computed):\n{text}"
        ))),
    }
}

fn sales(_: &Stack) -> Live<()> {
    let sample = Sample::read("retail")?;
    same(
        &sample,
        "DAILY_SALES",
        &daily_sales::run(&database(&sample)?),
        &[],
    )
}

fn balances(_: &Stack) -> Live<()> {
    let sample = Sample::read("retail")?;
    let mut computed = Table::new();
    customer_balance::run(&database(&sample)?, &mut computed);
    same(
        &sample,
        "CUSTOMER_BALANCE",
        &computed,
        customer_balance::AUDIT,
    )
}
