//! Source tables of a script: change events as Flink tables, with the columns that its jobs read.

use std::collections::{BTreeMap, BTreeSet};

use super::frame::{Column, CreateTable, Definition};
use super::options;
use super::types::{Carried, carried, from_text, type_text};
use crate::emit::EmitError;
use crate::emit::fragment::FlinkSql;
use crate::emit::sql::{Kind, Tables};
use crate::plan::model::{Capture, JobGroup, KeyOrigin, Plan, Source};
use crate::rel::{DataType, TableName};

/// The source tables of one group.
#[derive(Debug, Default)]
pub struct Sources {
    tables: BTreeMap<TableName, SourceTable>,
}

#[derive(Debug)]
struct SourceTable {
    name: String,
    columns: BTreeMap<String, (String, Kind)>,
    create: CreateTable,
}

impl Tables for Sources {
    fn table(&self, table: &TableName) -> Option<String> {
        self.tables.get(table).map(|t| t.name.clone())
    }

    fn column(&self, table: &TableName, column: &str) -> Option<(String, Kind)> {
        self.tables.get(table)?.columns.get(column).cloned()
    }
}

impl Sources {
    /// Declares what the jobs of `group` read.
    pub fn of(plan: &Plan, group: &JobGroup) -> Result<Self, EmitError> {
        let mut sources = Sources::default();
        for (table, columns) in reads(group) {
            let name = sources.free_name(&table);
            let source = plan
                .sources
                .iter()
                .find(|s| s.table == table)
                .ok_or_else(|| {
                    inconsistent(&table, "it is read, but it is no source of the plan")
                })?;
            let declared = declared(plan, source, name, &columns)?;
            sources.tables.insert(table, declared);
        }
        Ok(sources)
    }

    /// CREATE TABLEs in order of name.
    pub fn creates(&self) -> impl Iterator<Item = &CreateTable> {
        self.tables.values().map(|t| &t.create)
    }

    /// The table's own name, with its schema where another schema has one of the same name.
    fn free_name(&self, table: &TableName) -> String {
        let taken = |n: &str| self.tables.values().any(|t| t.name == n);
        if taken(&table.name) {
            return format!("{}_{}", table.schema, table.name);
        }
        table.name.clone()
    }
}

fn reads(group: &JobGroup) -> BTreeMap<TableName, BTreeSet<String>> {
    let mut reads: BTreeMap<TableName, BTreeSet<String>> = BTreeMap::new();
    for job in &group.jobs {
        for scan in job.write.query.scans() {
            let columns = reads.entry(scan.table.clone()).or_default();
            columns.extend(scan.columns.iter().map(|c| c.name.clone()));
        }
    }
    reads
}

fn inconsistent(table: &TableName, what: impl Into<String>) -> EmitError {
    EmitError::Inconsistent {
        emitter: "flink",
        item: table.to_string(),
        what: what.into(),
    }
}

fn declared(
    plan: &Plan,
    source: &Source,
    name: String,
    used: &BTreeSet<String>,
) -> Result<SourceTable, EmitError> {
    let has_key = !source.key.is_empty() && source.key_origin != KeyOrigin::None;
    let (key, options) = match source.capture {
        // lines of files are inserts only, for which the connector takes no key
        Capture::File => (Vec::new(), options::append_source(plan, &source.topic)),
        Capture::Cdc if has_key => (
            source.key.clone(),
            options::changelog_source(plan, &source.topic),
        ),
        Capture::Result if has_key => (
            source.key.clone(),
            options::upsert_source(plan, &source.topic),
        ),
        Capture::Cdc | Capture::Result => {
            return Err(EmitError::Unsupported {
                emitter: "flink",
                item: source.table.to_string(),
                what: "a changelog source needs a key; name one in ora2stream.toml".into(),
            });
        }
    };
    let wanted = |n: &String| used.contains(n) || key.contains(n);
    let mut columns = Vec::new();
    for column in source.columns.iter().filter(|c| wanted(&c.name)) {
        let declaration = match source.capture {
            Capture::Cdc => carried(&column.name, &column.ty),
            Capture::Result => result_column(&column.ty),
            Capture::File => field(&column.name, &column.ty),
        };
        columns.extend(declaration.map(|c| (column.name.clone(), c)));
    }
    if let Some(k) = key.iter().find(|k| !columns.iter().any(|(n, _)| n == *k)) {
        let what = format!("key column {k} is not among the columns that can be read");
        return Err(inconsistent(&source.table, what));
    }
    Ok(declare(name, columns, key, options))
}

fn declare(
    name: String,
    carried: Vec<(String, Carried)>,
    primary_key: Vec<String>,
    options: Vec<(String, String)>,
) -> SourceTable {
    let taken: BTreeSet<String> = carried.iter().map(|(n, _)| n.clone()).collect();
    let mut columns = BTreeMap::new();
    let mut physical = Vec::new();
    let mut computed = Vec::new();
    for (column, c) in carried {
        let value = match c.computed {
            None => column.clone(),
            Some(expr) => {
                let value = free_column(&column, &taken);
                let definition = Definition::Computed(FlinkSql::printed(expr.to_string()));
                computed.push(Column {
                    name: value.clone(),
                    definition,
                    remark: None,
                });
                value
            }
        };
        physical.push(Column {
            name: column.clone(),
            definition: Definition::Physical {
                ty: c.physical,
                not_null: primary_key.contains(&column),
            },
            remark: c.remark,
        });
        columns.insert(column, (value, c.kind));
    }
    physical.extend(computed);
    let create = CreateTable {
        name: name.clone(),
        columns: physical,
        primary_key,
        options,
    };
    SourceTable {
        name,
        columns,
        create,
    }
}

fn free_column(column: &str, taken: &BTreeSet<String>) -> String {
    let mut name = format!("{column}_TS");
    while taken.contains(&name) {
        name.push('_');
    }
    name
}

/// Result topics carry numbers as numbers and dates as text, which the JSON format reads as they are.
fn result_column(ty: &DataType) -> Option<Carried> {
    let kind = match Kind::of(ty) {
        Kind::Decimal(_, s) => Kind::Decimal(38, s),
        other => other,
    };
    Some(Carried {
        physical: FlinkSql::printed(type_text(kind)?),
        computed: None,
        kind,
        remark: None,
    })
}

/// Fields of shipped files are text; the format reads numbers from it, dates are read here.
fn field(name: &str, ty: &DataType) -> Option<Carried> {
    let kind = Kind::of(ty);
    let computed = match kind {
        Kind::Timestamp(_) => Some(from_text(name, kind)?),
        _ => None,
    };
    let physical = match computed {
        Some(_) => "STRING".to_string(),
        None => type_text(kind)?,
    };
    Some(Carried {
        physical: FlinkSql::printed(physical),
        remark: computed
            .is_some()
            .then(|| "text yyyy-MM-dd HH:mm:ss".into()),
        computed,
        kind,
    })
}
