//! The scenario played into a broker, and what must come of it.

use super::sample::Sample;
use super::{SCHEMA, SOURCES, customer_balance, daily_sales, scenario};
use crate::exact::Json;
use crate::flink::Running;
use crate::harness::{Live, failed};
use crate::kafka::Client;
use crate::oracle::Database;
use crate::settle;
use crate::table::{self, OnDelete, Table};

/// The business, its broker and the tables that its batches would have written by now.
pub struct Play {
    client: Client,
    prefix: String,
    db: Database,
    balances: Table,
}

/// What one result topic must hold.
struct Expected<'a> {
    topic: String,
    rows: Table,
    on_delete: OnDelete,
    /// Columns that no stream can repeat.
    audit: &'a [&'a str],
}

impl Play {
    /// Nothing has happened yet; topics have this prefix.
    pub fn new(client: Client, prefix: &str) -> Live<Self> {
        let sample = Sample::read("retail")?;
        let sources = SOURCES.iter().map(|t| sample.table(t).cloned());
        Ok(Self {
            client,
            prefix: prefix.to_owned(),
            db: Database::new(prefix, sources.collect::<Live<Vec<_>>>()?),
            balances: Table::new(),
        })
    }

    /// The topics that the two jobs write.
    pub fn results(&self) -> Vec<String> {
        self.expected().map(|e| e.topic).to_vec()
    }

    fn expected(&self) -> [Expected<'static>; 2] {
        let topic = |table: &str| format!("{}.result.{}.{table}", self.prefix, SCHEMA);
        [
            Expected {
                topic: topic("DAILY_SALES"),
                rows: daily_sales::run(&self.db),
                on_delete: OnDelete::Delete,
                audit: &[],
            },
            Expected {
                topic: topic("CUSTOMER_BALANCE"),
                rows: self.balances.clone(),
                on_delete: OnDelete::Keep,
                audit: customer_balance::AUDIT,
            },
        ]
    }

    /// Plays one step: rows change, records are written, the batches run.
    pub fn step(&mut self, step: &scenario::Step) -> Live<()> {
        let records = (step.apply)(&mut self.db)?;
        self.client.produce(&records)?;
        customer_balance::run(&self.db, &mut self.balances);
        Ok(())
    }

    /// Fails unless the topics hold what the batches wrote.
    pub fn check(&self) -> Live<()> {
        match self.difference(&[])? {
            None => Ok(()),
            Some(text) => Err(failed(text)),
        }
    }

    /// What differs; rows with one of the keys `but` need only be there.
    fn difference(&self, but: &[Json]) -> Live<Option<String>> {
        for mut expected in self.expected() {
            let state = table::latest(&self.client.read(&expected.topic)?, expected.on_delete)?;
            let state = table::without(&state, expected.audit);
            for (key, row) in &mut expected.rows {
                if let (true, Some(found)) = (but.contains(key), state.get(key)) {
                    *row = found.clone();
                }
            }
            if let Some(text) = table::difference(&expected.rows, &state) {
                return Ok(Some(format!("{}:\n{text}", expected.topic)));
            }
        }
        Ok(None)
    }

    /// Plays the whole scenario against running jobs; after each step the topics must
    /// settle at what the batches wrote.
    pub fn all_steps(&mut self, running: &Running<'_>) -> Live<()> {
        for step in scenario::steps() {
            self.play(&step, running, &[])?;
        }
        Ok(())
    }

    /// Plays a step and waits; rows with one of the keys `but` may differ from the batch's.
    pub fn play(&mut self, step: &scenario::Step, running: &Running<'_>, but: &[Json]) -> Live<()> {
        self.step(step)?;
        settle::until(|| {
            running.expect_running()?;
            self.difference(but)
        })
        .map_err(|e| failed(format!("step \"{}\", {e}", step.name)))
    }
}
