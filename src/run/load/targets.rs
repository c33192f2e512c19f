//! The targets of a load: connected, checked against the specification, ready for lanes. A build without the engine
//! that a specification needs says which feature is missing.

use std::path::Path;

use super::{Options, fingerprint};
#[cfg(feature = "cassandra")]
use super::{patience, plan};
use crate::diag::Code;
use crate::plan::model::{BackfillSpec, KafkaTarget, TopicColumn};
#[cfg(feature = "kafka")]
use crate::run::convert::json::EnvelopeSource;
use crate::run::convert::{ConvertError, Encoder, JsonEncoder, Recipe, TargetTable, TextForms};
use crate::run::error::RunError;
use crate::run::manifest::Header;
use crate::run::sink::Sink;
use crate::run::sink::file::FileSink;
use crate::run::source::RowSource;
use crate::run::spec::Loaded;

/// Everything a load writes to.
pub struct Targets {
    /// The sinks, in the order of the specification.
    pub sinks: Vec<Box<dyn Sink>>,
    /// Things to know before trusting the load.
    pub warnings: Vec<RunError>,
    #[cfg(any(feature = "cassandra", feature = "kafka"))]
    _runtime: Option<crate::run::runtime::Runtime>,
}

impl From<ConvertError> for RunError {
    fn from(error: ConvertError) -> Self {
        RunError::new(error.code(), error.to_string()).help(error.help())
    }
}

impl Targets {
    /// Connects to what the specification names, or opens the folder that stands in for it.
    pub fn open(
        loaded: &Loaded<BackfillSpec>,
        source: &dyn RowSource,
        header: &Header,
        options: &Options,
    ) -> Result<Targets, RunError> {
        let spec = &loaded.spec;
        if let Some(folder) = &options.files {
            return Targets::files(spec, source, folder);
        }
        if spec.cassandra.is_none() && spec.kafka.is_none() {
            let message = format!("the load of {} has no target", spec.table);
            return Err(RunError::new(Code::SpecInvalid, message)
                .help("add [cassandra] or [kafka], or write files with --to-files"));
        }
        let mut targets = Targets {
            sinks: Vec::new(),
            warnings: Vec::new(),
            #[cfg(any(feature = "cassandra", feature = "kafka"))]
            _runtime: None,
        };
        if let Some(target) = &spec.cassandra {
            targets.cassandra(spec, target, source, header, options)?;
        }
        if let Some(target) = &spec.kafka {
            targets.kafka(spec, target, source, header)?;
        }
        Ok(targets)
    }

    fn files(
        spec: &BackfillSpec,
        source: &dyn RowSource,
        folder: &Path,
    ) -> Result<Targets, RunError> {
        let encoder = json_encoder(spec, source)?;
        Ok(Targets {
            sinks: vec![Box::new(FileSink::create(folder, encoder)?)],
            warnings: Vec::new(),
            #[cfg(any(feature = "cassandra", feature = "kafka"))]
            _runtime: None,
        })
    }

    #[cfg(feature = "cassandra")]
    fn cassandra(
        &mut self,
        spec: &BackfillSpec,
        target: &crate::plan::model::CassandraTarget,
        source: &dyn RowSource,
        header: &Header,
        options: &Options,
    ) -> Result<(), RunError> {
        use crate::run::sink::cassandra::{CassandraSink, Cluster};
        let runtime = crate::run::runtime::Runtime::start()?;
        let cluster = Cluster::connect(target, runtime.handle())?;
        self._runtime = Some(runtime);
        let durability = cluster.durability();
        if let Some(text) = durability.warning() {
            self.warnings.push(
                RunError::new(Code::NotDurable, text)
                    .help("run `ora2stream backfill verify` after the load, a minute later"),
            );
        }
        for part in parts(spec, &target.table) {
            let live = cluster.table(part.table)?;
            plan::check_age(header, live.gc_grace_seconds, options.allow_old)?;
            let table = crate::run::sink::cassandra::bind(&live, part.table, part.planned())?;
            let encoder = part.encoder(source, table, spec)?;
            let sink =
                CassandraSink::prepare(&cluster, encoder, header.write_time, patience(spec))?
                    .whole(options.whole);
            self.sinks.push(Box::new(sink));
        }
        Ok(())
    }

    #[cfg(not(feature = "cassandra"))]
    fn cassandra(
        &mut self,
        _: &BackfillSpec,
        _: &crate::plan::model::CassandraTarget,
        _: &dyn RowSource,
        _: &Header,
        _: &Options,
    ) -> Result<(), RunError> {
        Err(missing_engine("cassandra"))
    }

    #[cfg(feature = "kafka")]
    fn kafka(
        &mut self,
        spec: &BackfillSpec,
        target: &KafkaTarget,
        source: &dyn RowSource,
        header: &Header,
    ) -> Result<(), RunError> {
        let encoder = json_encoder(spec, source)?;
        let from = envelope(spec, target, header);
        let sink =
            crate::run::sink::kafka::KafkaSink::connect(target, &spec.limits, encoder, from)?;
        self.sinks.push(Box::new(sink));
        Ok(())
    }

    #[cfg(not(feature = "kafka"))]
    fn kafka(
        &mut self,
        _: &BackfillSpec,
        _: &KafkaTarget,
        _: &dyn RowSource,
        _: &Header,
    ) -> Result<(), RunError> {
        Err(missing_engine("kafka"))
    }
}

#[cfg(not(all(feature = "cassandra", feature = "kafka")))]
fn missing_engine(feature: &str) -> RunError {
    let message = format!("this build has no engine for {feature}");
    RunError::new(Code::EngineMissing, message).help(format!(
        "build with `--features {feature}`, or write files with --to-files"
    ))
}

/// A table that rows go to: the specification's own, or a further one.
pub(super) struct Part<'a> {
    pub table: &'a str,
    recipe: Recipe<'a>,
}

/// All tables of a load.
pub(super) fn parts<'a>(spec: &'a BackfillSpec, table: &'a str) -> Vec<Part<'a>> {
    let own = Part {
        table,
        recipe: Recipe {
            columns: &spec.columns,
            derived: &spec.derived,
            null_as: &spec.null_as,
        },
    };
    let also = spec.also.iter().map(|a| Part {
        table: &a.table,
        recipe: Recipe {
            columns: &a.columns,
            derived: &a.derived,
            null_as: &a.null_as,
        },
    });
    std::iter::once(own).chain(also).collect()
}

impl<'a> Part<'a> {
    /// Columns with their types.
    #[cfg(feature = "cassandra")]
    fn planned(&self) -> impl Iterator<Item = (&'a str, crate::plan::model::CqlType)> + use<'a> {
        let columns = self.recipe.columns.iter().map(|c| (c.to.as_str(), c.cql));
        columns.chain(self.recipe.derived.iter().map(|d| (d.to.as_str(), d.cql)))
    }

    /// The encoder for rows of this table.
    pub(super) fn encoder(
        &self,
        source: &dyn RowSource,
        table: TargetTable,
        spec: &BackfillSpec,
    ) -> Result<Encoder, RunError> {
        let forms = TextForms::of(&spec.source)?;
        Ok(Encoder::new(source.columns(), self.recipe, table, &forms)?)
    }

    /// The table as the specification alone describes it.
    pub(super) fn of_spec(&self, key: &[String]) -> TargetTable {
        let columns = self.recipe.columns;
        let named = |k: &String| {
            let found = columns.iter().find(|c| c.from == *k);
            found.map(|c| c.to.clone())
        };
        let key: Vec<String> = key.iter().filter_map(named).collect();
        TargetTable::of_spec(self.table, columns, self.recipe.derived, &key, &[])
    }
}

/// The columns of JSON rows: the topic's own, else those that Cassandra gets.
fn topic_columns(spec: &BackfillSpec) -> Vec<TopicColumn> {
    let own = spec.kafka.as_ref().map(|k| k.columns.clone());
    match own {
        Some(columns) if !columns.is_empty() => columns,
        Some(_) | None => {
            let column = |c: &crate::plan::model::ColumnMap| TopicColumn {
                name: c.from.clone(),
                oracle: c.oracle.clone(),
            };
            spec.columns.iter().map(column).collect()
        }
    }
}

fn json_encoder(spec: &BackfillSpec, source: &dyn RowSource) -> Result<JsonEncoder, RunError> {
    let forms = TextForms::of(&spec.source)?;
    let columns = topic_columns(spec);
    Ok(JsonEncoder::new(
        source.columns(),
        &columns,
        &spec.key,
        &forms,
    )?)
}

/// What the envelopes say of their origin. The topic is `<prefix>.<SCHEMA>.<TABLE>`.
#[cfg(feature = "kafka")]
fn envelope(spec: &BackfillSpec, target: &KafkaTarget, header: &Header) -> EnvelopeSource {
    let suffix = format!(".{}", spec.table);
    let prefix = target.topic.strip_suffix(&suffix);
    EnvelopeSource {
        name: prefix.unwrap_or(&target.topic).to_owned(),
        db: super::open::database(&spec.source),
        schema: spec.table.schema.clone(),
        table: spec.table.name.clone(),
        scn: header.scn,
        millis: header.write_time.div_euclid(1000),
    }
}

/// Checks what can be checked without a cluster: for `--dry-run`.
pub(super) fn describe(spec: &BackfillSpec) -> String {
    fingerprint::target(spec)
}
