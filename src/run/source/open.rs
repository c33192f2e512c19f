//! A source from a specification: which columns are wanted, where relative paths begin, what is joined.

use std::path::Path;

use super::csv::CsvRows;
use super::join::Joined;
use super::{RowSource, SourceColumn, SourceError};
use crate::plan::model::{
    BackfillSpec, ColumnMap, Derivation, DerivedColumn, JoinSpec, OracleSource, RowSourceSpec,
    VerifySpec,
};
use crate::rel::{DataType, Scalar, TableName};

/// What a specification says of its rows.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Where rows come from.
    pub source: &'a RowSourceSpec,
    /// Oracle table.
    pub table: &'a TableName,
    /// Its key.
    pub key: &'a [String],
    /// The columns that are used, joined ones included.
    pub columns: Vec<SourceColumn>,
    /// Joins.
    pub join: &'a [JoinSpec],
}

impl<'a> Wanted<'a> {
    /// Of a load.
    pub fn by_load(spec: &'a BackfillSpec) -> Wanted<'a> {
        let mut columns = Columns::default();
        columns.add(&spec.columns, &spec.derived);
        for also in &spec.also {
            columns.add(&also.columns, &also.derived);
        }
        for topic in spec.kafka.iter().flat_map(|k| &k.columns) {
            columns.typed(&topic.name, &topic.oracle);
        }
        Self::new(&spec.source, &spec.table, &spec.key, &spec.join, columns)
    }

    /// Of a comparison.
    pub fn by_comparison(spec: &'a VerifySpec) -> Wanted<'a> {
        let mut columns = Columns::default();
        columns.add(&spec.columns, &spec.derived);
        Self::new(&spec.source, &spec.table, &spec.key, &spec.join, columns)
    }

    fn new(
        source: &'a RowSourceSpec,
        table: &'a TableName,
        key: &'a [String],
        join: &'a [JoinSpec],
        mut columns: Columns,
    ) -> Wanted<'a> {
        for name in key.iter().chain(join.iter().flat_map(|j| &j.on)) {
            columns.named(name);
        }
        Wanted {
            source,
            table,
            key,
            columns: columns.0,
            join,
        }
    }

    /// Opens it. Relative paths begin at `base`, the folder of the specification.
    pub fn open(&self, base: &Path) -> Result<Box<dyn RowSource>, SourceError> {
        let joined = |c: &SourceColumn| self.join.iter().any(|j| j.column(&c.name).is_some());
        let own: Vec<_> = self
            .columns
            .iter()
            .filter(|c| !joined(c))
            .cloned()
            .collect();
        let mut rows = open_one(self.source, self.table, self.key, own, base)?;
        for join in self.join {
            let theirs = self.columns.iter().filter_map(|c| {
                Some(SourceColumn {
                    name: join.column(&c.name)?.to_string(),
                    ty: c.ty.clone(),
                })
            });
            let mut theirs: Vec<SourceColumn> = theirs.collect();
            for key in &join.key {
                if !theirs.iter().any(|c| c.name == *key) {
                    theirs.push(SourceColumn {
                        name: key.clone(),
                        ty: None,
                    });
                }
            }
            let other = open_one(&join.source, &join.table, &join.key, theirs, base)?;
            rows = Box::new(Joined::build(rows, other.as_ref(), join)?);
        }
        Ok(rows)
    }
}

impl JoinSpec {
    /// The other source's column that `<prefix>.<COLUMN>` means.
    pub fn column<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.prefix.as_str())?.strip_prefix('.')
    }
}

fn open_one(
    source: &RowSourceSpec,
    table: &TableName,
    key: &[String],
    columns: Vec<SourceColumn>,
    base: &Path,
) -> Result<Box<dyn RowSource>, SourceError> {
    match source {
        RowSourceSpec::Csv(csv) => Ok(Box::new(CsvRows::open(csv, &columns, base)?)),
        RowSourceSpec::Oracle(oracle) => open_oracle(oracle, table, key, columns),
    }
}

#[cfg(feature = "oracle")]
fn open_oracle(
    spec: &OracleSource,
    table: &TableName,
    key: &[String],
    columns: Vec<SourceColumn>,
) -> Result<Box<dyn RowSource>, SourceError> {
    use super::oracle::{Driver, OracleRows};
    let driver = Box::new(Driver::new(spec)?);
    Ok(Box::new(OracleRows::new(
        driver, spec, table, columns, key,
    )?))
}

#[cfg(not(feature = "oracle"))]
fn open_oracle(
    _: &OracleSource,
    _: &TableName,
    _: &[String],
    _: Vec<SourceColumn>,
) -> Result<Box<dyn RowSource>, SourceError> {
    Err(SourceError::FeatureMissing { feature: "oracle" })
}

/// Columns in the order in which they are first named.
#[derive(Default)]
struct Columns(Vec<SourceColumn>);

impl Columns {
    fn put(&mut self, name: &str, ty: Option<&DataType>) {
        match self.0.iter_mut().find(|c| c.name == name) {
            Some(known) => known.ty = known.ty.take().or(ty.cloned()),
            None => self.0.push(SourceColumn {
                name: name.into(),
                ty: ty.cloned(),
            }),
        }
    }

    fn typed(&mut self, name: &str, ty: &DataType) {
        self.put(name, Some(ty));
    }

    fn named(&mut self, name: &str) {
        self.put(name, None);
    }

    fn add(&mut self, columns: &[ColumnMap], derived: &[DerivedColumn]) {
        for c in columns {
            self.typed(&c.from, &c.oracle);
        }
        for d in derived {
            match &d.value {
                Derivation::Nanos { of }
                | Derivation::Zone { of }
                | Derivation::TimeBucket { of, .. } => {
                    self.named(of);
                }
                Derivation::HashBucket { of, .. } => of.iter().for_each(|c| self.named(c)),
                Derivation::Constant { .. } => {}
                Derivation::Expression { expr } => self.inputs(expr),
            }
        }
    }

    fn inputs(&mut self, expr: &Scalar) {
        // A stack of its own: expressions may be deep.
        let mut open = vec![expr];
        while let Some(e) = open.pop() {
            if let Scalar::Column(c) = e {
                self.typed(&c.name, &c.ty);
            }
            e.for_each_child(&mut |child| open.push(child));
        }
    }
}
