//! Specifications for the runtime: one-shot loads, the sink, and the comparison of a parallel run.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{
    AlsoTable, Backfill, BackfillSpec, BatchMode, CassandraAccess, CassandraTarget, CqlTable,
    KafkaAccess, KafkaTarget, Limits, OracleSource, OracleSplit, Plan, RowSourceSpec, SPEC_VERSION,
    SinkSpec, SinkTable, SinkTableSpec, SinkWrite, StreamJob, TopicColumn, VerifySpec,
    WriteConsistency,
};
use crate::rel::{ColumnRole, Rel, TableName, WriteClass};

/// `backfill/`, `sink/`, `verify/`.
pub struct Specs;

impl Emitter for Specs {
    fn name(&self) -> &'static str {
        "backfill"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        let mut files = Vec::new();
        for b in &plan.backfills {
            let target = b.target.clone().unwrap_or_else(|| file_stem(&b.table.name));
            files.push(file(
                format!("backfill/{target}.toml"),
                BACKFILL,
                &backfill(plan, b),
            )?);
        }
        if !plan.sinks.is_empty() {
            let path = format!("sink/{}.toml", plan.settings.cassandra.keyspace);
            files.push(file(path, SINK, &sink(plan))?);
        }
        let mut seen = std::collections::BTreeSet::new();
        for (job, table) in results(plan) {
            // Several jobs may write one table.
            if !seen.insert(table.name.clone()) {
                continue;
            }
            files.push(file(
                format!("verify/{}.toml", table.name),
                VERIFY,
                &verify(plan, job, table),
            )?);
        }
        Ok(files)
    }
}

const BACKFILL: &str = "\
# One-shot load: `ora2stream backfill run THIS_FILE`. Secrets are read from the environment variables
# named below (or from a file: password_file), never from this file.
#
# [source] may be files instead: kind = \"csv\", files = [\"export/*.csv.gz\"], and as needed separator, quote, null,
#   escape, more_nulls, header = present | absent | ignored, columns, dictionary, skip, encoding, date_format,
#   timestamp_format, timestamp_tz_format, formats.COLUMN (Oracle's format models), session_offset, decimal, group,
#   binary = hex | base64, max_record. For Oracle also: split = auto | rowid | key | whole, lob_limit.
# More, all optional: [null_as] COLUMN = \"text\" for a NULL in a key; [[derived]] to, cql, value = { kind = nanos |
#   zone | hash_bucket | time_bucket | constant | expression, ... }; [[also]] further tables for the same rows;
#   [[join]] table, prefix, on, key, required, memory_mb, source: its columns are named PREFIX.COLUMN.
# [cassandra] also takes: consistency = local_one | local_quorum | each_quorum | all, user_env, password_env,
#   password_file, ca_file (PEM; turns TLS on); batch = auto | partition | replica_set | off.
# [kafka] also takes: user_env, password_env, password_file and [kafka.options] of librdkafka.
# [limits], all optional: rows_per_second, bytes_per_second, memory_mb = 16, in_flight_min = 16,
#   in_flight_max = 128, latency_ms = 250, chunk_mb = 8, readers = 0, retry_seconds = 300.
";
const SINK: &str = "\
# Topics into Cassandra tables: `ora2stream sink run THIS_FILE`; more of them share the work. Secrets are read from
# environment variables (or from a file: password_file), never from this file.
#
# A table with `on_delete = \"keep\"` ignores tombstones, as the batch does; with `write = \"keep_first\"` the first row
# of a key stays. `key`: columns of the record's key. `ignore`: columns of the topic that the table does not have.
# More, all optional: max_record (bytes of the largest record, 4 MiB);
#   [kafka] user_env, password_env, password_file and [kafka.options] of librdkafka (security.protocol, ssl.ca.location);
#   [cassandra] consistency = local_one | local_quorum | each_quorum | all, user_env, password_env, password_file,
#   ca_file (PEM; turns TLS on), batch = auto | partition | replica_set | off;
#   [limits] memory_mb = 64, in_flight_min = 16, in_flight_max = 512, latency_ms = 250, retry_seconds = 300;
#   a table's load = { scn = S1, write_time = T0 } of `backfill status`, so that its loaded rows never beat a change.
";
const VERIFY: &str =
    "# The batch's own output against the stream's: the go or no-go of a parallel run.\n";

fn file(path: String, head: &str, spec: &impl Serialize) -> Result<GeneratedFile, EmitError> {
    let text = toml::to_string_pretty(spec).map_err(|e| EmitError::Serialise {
        emitter: "backfill",
        message: e.to_string(),
    })?;
    Ok(GeneratedFile::text(path, format!("{head}{text}")))
}

/// A file name from a table name: ASCII letters, digits, `_`.
fn file_stem(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect()
}

fn oracle(plan: &Plan) -> RowSourceSpec {
    let o = &plan.settings.oracle;
    let service = o.pdb.as_ref().unwrap_or(&o.dbname);
    RowSourceSpec::Oracle(OracleSource {
        connect: o
            .connect_ref
            .clone()
            .unwrap_or_else(|| format!("{}:{}/{service}", o.host, o.port)),
        user_env: o.user_env.clone(),
        password_env: o.password_env.clone(),
        sessions: 4,
        fetch: 2000,
        split: OracleSplit::Auto,
        lob_limit: 16 * 1024 * 1024,
        filter: None,
    })
}

fn cassandra(plan: &Plan, table: &str) -> CassandraTarget {
    let c = &plan.settings.cassandra;
    CassandraTarget {
        contact_points: c.contact_points.clone(),
        datacenter: c.datacenter.clone(),
        keyspace: c.keyspace.clone(),
        table: table.into(),
        batch: BatchMode::Auto,
        max_errors: plan.settings.sink.max_errors,
        consistency: WriteConsistency::default(),
        user_env: None,
        password_env: None,
        password_file: None,
        ca_file: None,
    }
}

/// The specification of a load.
pub(in crate::emit) fn backfill(plan: &Plan, b: &Backfill) -> BackfillSpec {
    BackfillSpec {
        version: SPEC_VERSION,
        table: b.table.clone(),
        purpose: b.purpose.clone(),
        key: b.key.clone(),
        rows: b.rows,
        after: b.after.clone(),
        source: oracle(plan),
        cassandra: b.target.as_ref().map(|t| cassandra(plan, t)),
        kafka: b.topic.as_ref().map(|t| KafkaTarget {
            bootstrap: plan.settings.kafka.bootstrap.clone(),
            topic: t.clone(),
            user_env: None,
            password_env: None,
            password_file: None,
            options: BTreeMap::new(),
            columns: topic_columns(plan, &b.table),
        }),
        limits: Limits::default(),
        columns: b.columns.clone(),
        derived: Vec::new(),
        null_as: BTreeMap::new(),
        also: also(plan, b),
        join: Vec::new(),
    }
}

/// The columns that a captured table's change events carry.
fn topic_columns(plan: &Plan, table: &TableName) -> Vec<TopicColumn> {
    let source = plan.sources.iter().find(|s| s.table == *table);
    let columns = source.map(|s| s.columns.as_slice()).unwrap_or_default();
    let kept = |name: &str| source.is_some_and(|s| s.left_out.iter().all(|l| l.column != name));
    let carried = columns.iter().filter(|c| kept(&c.name));
    carried
        .map(|c| TopicColumn {
            name: c.name.clone(),
            oracle: c.ty.clone(),
        })
        .collect()
}

/// Other Cassandra tables that hold the same Oracle table under another key: filled by the same read.
fn also(plan: &Plan, b: &Backfill) -> Vec<AlsoTable> {
    let mine = plan
        .sinks
        .iter()
        .find(|s| Some(&s.table) == b.target.as_ref());
    let Some(mine) = mine else {
        return Vec::new();
    };
    let same_topic = plan.sinks.iter().filter(|s| s.topic == mine.topic);
    same_topic
        .filter(|s| s.table != mine.table)
        .map(|s| AlsoTable {
            table: s.table.clone(),
            columns: s.columns.clone(),
            derived: Vec::new(),
            null_as: BTreeMap::new(),
        })
        .collect()
}

fn sink(plan: &Plan) -> SinkSpec {
    let (k, c, s) = (
        &plan.settings.kafka,
        &plan.settings.cassandra,
        &plan.settings.sink,
    );
    let table = |t: &SinkTable| SinkTableSpec {
        topic: t.topic.clone(),
        format: t.format,
        table: t.table.clone(),
        on_delete: t.on_delete,
        write: written(plan, t),
        key: record_key(plan, t),
        ignore: not_carried(plan, t),
        load: None,
        columns: t.columns.clone(),
        derived: Vec::new(),
        null_as: BTreeMap::new(),
    };
    SinkSpec {
        version: SPEC_VERSION,
        bootstrap: k.bootstrap.clone(),
        group: s.group.clone(),
        dead_letter: format!("{}.dead-letter", k.prefix),
        max_errors: s.max_errors,
        contact_points: c.contact_points.clone(),
        datacenter: c.datacenter.clone(),
        keyspace: c.keyspace.clone(),
        max_record: 4 * 1024 * 1024,
        kafka: KafkaAccess::default(),
        cassandra: CassandraAccess::default(),
        limits: Limits::default(),
        tables: plan.sinks.iter().map(table).collect(),
    }
}

/// The job that writes a result topic.
fn job_of<'a>(plan: &'a Plan, topic: &str) -> Option<&'a StreamJob> {
    let mut jobs = plan.groups.iter().flat_map(|g| &g.jobs);
    jobs.find(|j| j.topic == topic)
}

/// What becomes of rows that are there: the first stays where every job that writes the topic says so, and gives each
/// row at once. A join or an aggregate gives a row before all its parts are there: the first would be half of it.
fn written(plan: &Plan, t: &SinkTable) -> SinkWrite {
    let jobs = plan.groups.iter().flat_map(|g| &g.jobs);
    let writers: Vec<&StreamJob> = jobs.filter(|j| j.topic == t.topic).collect();
    let keeps = |job: &&StreamJob| match job.write.class {
        WriteClass::KeepFirst | WriteClass::Queue => at_once(&job.write.query),
        WriteClass::ReplaceAll
        | WriteClass::ReplacePeriod
        | WriteClass::Upsert
        | WriteClass::Append
        | WriteClass::Delta
        | WriteClass::Freeze => false,
    };
    match !writers.is_empty() && writers.iter().all(keeps) {
        true => SinkWrite::KeepFirst,
        false => SinkWrite::Replace,
    }
}

/// One row of one source makes one row, whole from the first.
fn at_once(query: &Rel) -> bool {
    match query {
        Rel::Scan(_) => true,
        Rel::Project { input, .. } | Rel::Filter { input, .. } | Rel::Derived { input, .. } => {
            at_once(input)
        }
        Rel::Values { .. }
        | Rel::Join { .. }
        | Rel::Aggregate { .. }
        | Rel::Window { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. }
        | Rel::Limit { .. } => false,
    }
}

/// Columns of a topic's record keys.
fn record_key(plan: &Plan, t: &SinkTable) -> Vec<String> {
    match job_of(plan, &t.topic) {
        Some(job) => job.write.key.clone(),
        None => {
            let source = plan.sources.iter().find(|s| s.topic == t.topic);
            source.map(|s| s.key.clone()).unwrap_or_default()
        }
    }
}

/// Columns of a topic that its table does not have.
fn not_carried(plan: &Plan, t: &SinkTable) -> Vec<String> {
    let all: Vec<String> = match job_of(plan, &t.topic) {
        Some(job) => job.write.columns.iter().map(|c| c.name.clone()).collect(),
        None => {
            let source = plan.sources.iter().find(|s| s.topic == t.topic);
            let table = source.map(|s| topic_columns(plan, &s.table));
            let columns = table.unwrap_or_default().into_iter();
            columns.map(|c| c.name).collect()
        }
    };
    let carried = |name: &String| t.columns.iter().any(|c| c.from == *name);
    all.into_iter().filter(|name| !carried(name)).collect()
}

/// Every result table with the job that writes it.
fn results(plan: &Plan) -> impl Iterator<Item = (&StreamJob, &CqlTable)> {
    plan.groups.iter().flat_map(|g| &g.jobs).flat_map(|j| {
        plan.tables
            .iter()
            .filter(|t| t.of == j.write.target)
            .map(move |t| (j, t))
    })
}

fn verify(plan: &Plan, job: &StreamJob, table: &CqlTable) -> VerifySpec {
    let audit = job
        .write
        .columns
        .iter()
        .filter(|c| c.role == ColumnRole::Audit);
    let left_out: Vec<String> = audit.map(|c| c.name.clone()).collect();
    let sink = plan.sinks.iter().find(|s| s.table == table.name);
    let columns = sink.map(|s| s.columns.clone()).unwrap_or_default();
    VerifySpec {
        version: SPEC_VERSION,
        table: job.write.target.clone(),
        key: job.write.key.clone(),
        closed_periods_of: job
            .write
            .period
            .as_ref()
            .and_then(|p| p.target_column.clone()),
        source: oracle(plan),
        cassandra: cassandra(plan, &table.name),
        columns: columns
            .into_iter()
            .filter(|c| !left_out.contains(&c.from))
            .collect(),
        left_out,
        derived: Vec::new(),
        null_as: BTreeMap::new(),
        join: Vec::new(),
    }
}
