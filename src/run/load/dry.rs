//! The first rows as they would be written, column by column: text of the source, bound value. Connects to no target.

use std::path::PathBuf;

use serde::Serialize;

use super::targets::{describe, parts};
use super::{Options, show};
use crate::plan::model::BackfillSpec;
use crate::run::convert::values;
use crate::run::deadletter::{Dead, Why};
use crate::run::error::RunError;
use crate::run::row::{Position, RowBatch};
use crate::run::source::RowSource;
use crate::run::spec::Loaded;

/// A cell, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SampleCell {
    /// Table that it is written to.
    pub table: String,
    /// Column of the source; None where it is computed.
    pub from: Option<String>,
    /// Text of the source; None for NULL.
    pub text: Option<String>,
    /// Column of the table.
    pub to: String,
    /// CQL type.
    pub cql: String,
    /// Value; None where nothing is written.
    pub value: Option<String>,
}

/// A row, before and after.
#[derive(Clone, Debug, Serialize)]
pub struct SampleRow {
    /// Where it comes from.
    pub position: Position,
    /// Its cells.
    pub cells: Vec<SampleCell>,
}

/// The first rows of a load.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// Table.
    pub table: String,
    /// Targets.
    pub target: String,
    /// Rows that would be written.
    pub rows: Vec<SampleRow>,
    /// Rows that would be rejected.
    pub rejected: Vec<Dead>,
    /// State folder that a run would use.
    pub state: PathBuf,
}

/// Converts the first rows of a source.
pub fn sample(
    loaded: &Loaded<BackfillSpec>,
    options: &Options,
    wanted: usize,
) -> Result<Sample, RunError> {
    let spec = &loaded.spec;
    let source = super::open::source(loaded)?;
    let scn = source.snapshot()?.map(|s| s.scn);
    let mut sample = Sample {
        table: spec.table.to_string(),
        target: describe(spec),
        rows: Vec::new(),
        rejected: Vec::new(),
        state: super::state_folder(loaded, options.state.as_deref()),
    };
    let table = spec.cassandra.as_ref().map_or("", |c| c.table.as_str());
    let mut encoders = Vec::new();
    for part in parts(spec, table) {
        let target = part.of_spec(&spec.key);
        encoders.push(part.encoder(source.as_ref(), target, spec)?);
    }
    let mut batch = RowBatch::new();
    for range in source.plan_chunks(1)? {
        let mut reader = source.open(&range, scn)?;
        while reader.next(&mut batch)? {
            sample
                .rejected
                .extend(batch.bad().iter().map(|b| Dead::of_bad((None, 0), b)));
            for row in 0..batch.len() {
                if sample.rows.len() + sample.rejected.len() >= wanted {
                    return Ok(sample);
                }
                match cells(&encoders, source.as_ref(), spec, &batch, row) {
                    Ok(cells) => sample.rows.push(SampleRow {
                        position: batch.position(row),
                        cells,
                    }),
                    Err(why) => {
                        let columns = source.columns();
                        let dead = Dead::of_row((None, 0), &batch, row, columns, why);
                        sample.rejected.push(dead);
                    }
                }
            }
        }
    }
    Ok(sample)
}

fn cells(
    encoders: &[crate::run::convert::Encoder],
    source: &dyn RowSource,
    spec: &BackfillSpec,
    batch: &RowBatch,
    row: usize,
) -> Result<Vec<SampleCell>, Why> {
    let mut cells = Vec::new();
    let mut bytes = Vec::new();
    for encoder in encoders {
        bytes.clear();
        encoder.encode(batch, row, &mut bytes)?;
        let table = encoder.table();
        for (column, value) in table.columns.iter().zip(values(&bytes)) {
            let also = spec.also.iter().filter(|a| a.table == table.name);
            let mut maps = spec.columns.iter().chain(also.flat_map(|a| &a.columns));
            let from = maps.find(|m| m.to == column.name).map(|m| m.from.clone());
            let index = from
                .as_ref()
                .and_then(|f| source.columns().iter().position(|c| c.name == *f));
            let text = index.and_then(|c| batch.cell(row, c));
            cells.push(SampleCell {
                table: table.name.clone(),
                text: text.map(|t| String::from_utf8_lossy(t).into_owned()),
                from,
                to: column.name.clone(),
                cql: format!("{:?}", column.ty).to_lowercase(),
                value: value.map(|v| show::text(column.ty, v)),
            });
        }
    }
    Ok(cells)
}
