//! Captured tables as views: which members of the change event are read, in which JSON type, and what they mean.

use std::collections::{BTreeMap, BTreeSet};

use super::dialect::Spark;
use crate::emit::EmitError;
use crate::emit::fragment::SparkSql;
use crate::emit::sql::{Dialect, Kind, Tables};
use crate::plan::model::{Capture, Plan, StreamJob};
use crate::rel::{DataType, TableName};

/// A captured table.
#[derive(Clone, Debug)]
pub struct View {
    /// Name of the view.
    pub name: String,
    /// Topic.
    pub topic: String,
    /// Key columns.
    pub key: Vec<String>,
    /// Columns.
    pub columns: Vec<Column>,
}

/// A column of a view.
#[derive(Clone, Debug)]
pub struct Column {
    /// Name.
    pub name: String,
    /// JSON type: text, integer, float, truth.
    pub json: &'static str,
    /// `expression AS name`.
    pub value: SparkSql,
    /// Engine type.
    pub kind: Kind,
}

/// The views of some jobs.
#[derive(Clone, Debug, Default)]
pub struct Views {
    /// By table.
    pub views: BTreeMap<TableName, View>,
}

impl Tables for Views {
    fn table(&self, table: &TableName) -> Option<String> {
        self.views.get(table).map(|v| v.name.clone())
    }

    fn column(&self, table: &TableName, column: &str) -> Option<(String, Kind)> {
        let view = self.views.get(table)?;
        let column = view.columns.iter().find(|c| c.name == column)?;
        Some((column.name.clone(), column.kind))
    }
}

impl Views {
    /// Adds what a job reads.
    pub fn add(&mut self, plan: &Plan, job: &StreamJob) -> Result<(), EmitError> {
        let mut used: BTreeMap<&TableName, BTreeSet<&str>> = BTreeMap::new();
        for scan in job.write.query.scans() {
            let names = scan.columns.iter().map(|c| c.name.as_str());
            used.entry(&scan.table).or_default().extend(names);
        }
        for (table, columns) in used {
            self.add_table(plan, job, table, &columns)?;
        }
        Ok(())
    }

    fn add_table(
        &mut self,
        plan: &Plan,
        job: &StreamJob,
        table: &TableName,
        used: &BTreeSet<&str>,
    ) -> Result<(), EmitError> {
        let refuse = |what: String| EmitError::Unsupported {
            emitter: "spark",
            item: job.id.clone(),
            what,
        };
        let source = plan.sources.iter().find(|s| s.table == *table);
        let source = source.ok_or_else(|| refuse(format!("{table} is no source of the plan")))?;
        if source.capture != Capture::Cdc || source.key.is_empty() {
            return Err(refuse(format!("{table} is not captured with a key")));
        }
        let free = self.free_name(table);
        let view = self.views.entry(table.clone()).or_insert_with(|| View {
            name: free,
            topic: source.topic.clone(),
            key: source.key.clone(),
            columns: Vec::new(),
        });
        for c in &source.columns {
            let wanted = used.contains(c.name.as_str()) || source.key.contains(&c.name);
            if wanted && !view.columns.iter().any(|known| known.name == c.name) {
                let column = column(&c.name, &c.ty).ok_or_else(|| {
                    refuse(format!(
                        "{table}.{} is of a type that Spark cannot hold exactly",
                        c.name
                    ))
                })?;
                view.columns.push(column);
            }
        }
        Ok(())
    }

    /// Lower snake case, so that Spark's own parser of view names has nothing to quote.
    fn free_name(&self, table: &TableName) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        };
        let base: String = table.name.chars().map(plain).collect();
        let base = format!("t_{base}");
        let taken = |n: &String| self.views.iter().any(|(t, v)| v.name == *n && t != table);
        let mut name = base.clone();
        let mut n = 1;
        while taken(&name) {
            n += 1;
            name = format!("{base}_{n}");
        }
        name
    }
}

fn column(name: &str, ty: &DataType) -> Option<Column> {
    let q = SparkSql::ident(name);
    let kind = Kind::of(ty);
    let (json, value) = match (ty, kind) {
        (DataType::Date, _) | (DataType::Timestamp { precision: 0..=3 }, _) => {
            ("integer", format!("TIMESTAMP_MILLIS({q})"))
        }
        (DataType::Timestamp { precision: 4..=6 }, _) => {
            ("integer", format!("TIMESTAMP_MICROS({q})"))
        }
        (_, Kind::Decimal(..)) => {
            let ty = Spark.cast_type(ty)?;
            ("text", format!("CAST({q} AS {ty})"))
        }
        (_, Kind::Double) => ("float", q.to_string()),
        (_, Kind::Text) => ("text", q.to_string()),
        (_, Kind::Boolean) => ("truth", q.to_string()),
        (_, Kind::Timestamp(_) | Kind::Integer | Kind::Number | Kind::Other) => return None,
    };
    Some(Column {
        name: name.into(),
        json,
        value: SparkSql::printed(format!("{value} AS {q}")),
        kind,
    })
}
