//! Comparisons from specifications: of a load (`backfill/*.toml`), or of a batch's own output (`verify/*.toml`).

use std::path::Path;
use std::time::Duration;

use super::{Options, Report};
use crate::diag::Code;
use crate::plan::model::{BackfillSpec, CassandraTarget, ColumnMap, VerifySpec};
use crate::run::convert::{Recipe, TextForms};
use crate::run::error::RunError;
use crate::run::load;
use crate::run::manifest::Journal;
use crate::run::source::{RowSource, Wanted};
use crate::run::spec::Loaded;
use crate::value::moment::Moment;

/// What a user asks of a comparison.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Differences that are told in full.
    pub max_differences: usize,
    /// Pause before the second look.
    pub settle: Duration,
    /// Compare only rows whose period column lies before this, as ISO text.
    pub until: Option<String>,
    /// State folder of the load, where it is not beside the specification.
    pub state: Option<std::path::PathBuf>,
}

impl Asked {
    fn options(&self) -> Options {
        Options {
            max_differences: self.max_differences,
            settle: self.settle,
            ..Options::default()
        }
    }
}

/// One comparison.
struct Job<'a> {
    source: &'a dyn RowSource,
    target: &'a CassandraTarget,
    table: &'a str,
    recipe: Recipe<'a>,
    forms: TextForms,
    scn: Option<u64>,
    until: Option<(usize, i64)>,
}

/// Compares what a load has read with what it has written, table by table.
pub fn load(loaded: &Loaded<BackfillSpec>, asked: &Asked) -> Result<Vec<Report>, RunError> {
    let spec = &loaded.spec;
    let Some(target) = &spec.cassandra else {
        let message = format!("the load of {} has no table in Cassandra", spec.table);
        return Err(RunError::new(Code::SpecInvalid, message)
            .help("topics are not compared: compare the tables that are filled from them"));
    };
    let source = Wanted::by_load(spec).open(base(&loaded.path))?;
    let folder = load::state_folder(loaded, asked.state.as_deref());
    let scn = match Journal::exists(&folder) {
        true => Journal::read(&folder)?.header.scn,
        false => None,
    };
    let own = (
        target.table.as_str(),
        &spec.columns,
        &spec.derived,
        &spec.null_as,
    );
    let also = spec
        .also
        .iter()
        .map(|a| (a.table.as_str(), &a.columns, &a.derived, &a.null_as));
    let tables = std::iter::once(own).chain(also);
    tables
        .map(|(table, columns, derived, null_as)| {
            let job = Job {
                source: source.as_ref(),
                target,
                table,
                recipe: Recipe {
                    columns,
                    derived,
                    null_as,
                },
                forms: TextForms::of(&spec.source)?,
                scn,
                until: None,
            };
            job.run(asked)
        })
        .collect()
}

/// Compares a batch's own output with the stream's.
pub fn output(loaded: &Loaded<VerifySpec>, asked: &Asked) -> Result<Report, RunError> {
    let spec = &loaded.spec;
    let source = Wanted::by_comparison(spec).open(base(&loaded.path))?;
    let until = match (&asked.until, &spec.closed_periods_of) {
        (None, _) => None,
        (Some(text), Some(column)) => Some(bound(text, column, &spec.columns)?),
        (Some(_), None) => {
            let message = "--until needs `closed_periods_of` in the specification";
            return Err(RunError::new(Code::SpecInvalid, message)
                .help("name the column that holds the period"));
        }
    };
    let job = Job {
        source: source.as_ref(),
        target: &spec.cassandra,
        table: &spec.cassandra.table,
        recipe: Recipe {
            columns: &spec.columns,
            derived: &spec.derived,
            null_as: &spec.null_as,
        },
        forms: TextForms::of(&spec.source)?,
        scn: None,
        until,
    };
    job.run(asked)
}

fn base(spec: &Path) -> &Path {
    spec.parent().unwrap_or(Path::new("."))
}

/// The period column's place and the bound in milliseconds.
fn bound(text: &str, column: &str, columns: &[ColumnMap]) -> Result<(usize, i64), RunError> {
    let wrong = |message: String| {
        RunError::new(Code::SpecInvalid, message).help("for example --until 2024-04-01")
    };
    let place = columns.iter().position(|c| c.from == column);
    let place = place.ok_or_else(|| wrong(format!("`columns` does not hold {column}")))?;
    if columns[place].cql != crate::plan::model::CqlType::Timestamp {
        return Err(wrong(format!(
            "{column} is no timestamp, --until cannot be used"
        )));
    }
    let moment = Moment::parse_iso(text.as_bytes());
    let moment = moment.map_err(|e| wrong(format!("--until {text}: {e}")))?;
    Ok((place, moment.epoch_milli()))
}

/// Chunks of a comparison: small enough that threads end together.
#[cfg(feature = "cassandra")]
const CHUNKS: usize = 64;

impl Job<'_> {
    #[cfg(feature = "cassandra")]
    fn run(self, asked: &Asked) -> Result<Report, RunError> {
        use super::cassandra::CassandraTable;
        use super::{Shape, SourceSide, compare};
        use crate::run::convert::Encoder;
        use crate::run::runtime::Runtime;
        use crate::run::sink::cassandra::{Cluster, bind};
        let runtime = Runtime::start()?;
        let cluster = Cluster::connect(self.target, runtime.handle())?;
        let live = cluster.table(self.table)?;
        let carried = self.recipe.columns.iter().map(|c| (c.to.as_str(), c.cql));
        let derived = self.recipe.derived.iter().map(|d| (d.to.as_str(), d.cql));
        let table = bind(&live, self.table, carried.chain(derived))?;
        let encoder = Encoder::new(self.source.columns(), self.recipe, table, &self.forms)?;
        let keyspace = &self.target.keyspace;
        let target = CassandraTable::prepare(
            cluster.session(),
            runtime.handle(),
            keyspace,
            encoder.table(),
        )?;
        let chunks = self.source.plan_chunks(CHUNKS)?;
        let shape = Shape::new(encoder.table().clone(), self.until);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let side = SourceSide {
            source: self.source,
            chunks: &chunks,
            encoder: &encoder,
            shape: &shape,
            scn: self.scn,
            readers: processors.min(4),
        };
        compare(side, &target, &asked.options())
    }

    #[cfg(not(feature = "cassandra"))]
    fn run(self, asked: &Asked) -> Result<Report, RunError> {
        let _ = (
            self.source,
            self.table,
            self.recipe,
            self.forms,
            self.scn,
            self.until,
        );
        let _ = (asked.options(), &self.target.keyspace);
        let message = "this build has no engine for cassandra";
        Err(RunError::new(Code::EngineMissing, message).help("build with `--features cassandra`"))
    }
}
