//! The running sink put together: only where Kafka and Cassandra are built in.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::super::kafka::feed::{KafkaFeed, Reading, ServerTime};
use super::super::kafka::{ask, config, letters::KafkaLetters};
use super::super::metrics;
use super::super::pump::Pump;
use super::super::route::Route;
use super::super::shared::Shared;
use super::super::show::Display;
use super::super::tracker::Tracker;
use super::super::write::CassandraTables;
use super::*;
use crate::diag::Code;
use crate::plan::model::SinkTableSpec;
use crate::run::gate::Gate;
use crate::run::runtime::Runtime;
use crate::run::sink::cassandra::{Cluster, bind};

/// A clock that is further ahead of the server's would hide later writes of others.
const AHEAD: i64 = 60_000_000;

/// How long the end waits for acknowledgements after an error.
const AFTER_ERROR: Duration = Duration::from_secs(3);

/// How long it waits after a signal.
const AFTER_SIGNAL: Duration = Duration::from_secs(30);

/// Topics in the order of their first table, and the tables of each.
fn topics(spec: &SinkSpec) -> (Vec<String>, Vec<Vec<usize>>) {
    let (mut names, mut tables): (Vec<String>, Vec<Vec<usize>>) = Default::default();
    for (n, table) in spec.tables.iter().enumerate() {
        match names.iter().position(|t| *t == table.topic) {
            Some(at) => tables[at].push(n),
            None => {
                names.push(table.topic.clone());
                tables.push(vec![n]);
            }
        }
    }
    (names, tables)
}

fn shared(spec: &SinkSpec, options: &Options, control: &Arc<Control>, replay: bool) -> Arc<Shared> {
    let mut names = topics(spec).0;
    if replay {
        names.push(spec.dead_letter.clone());
    }
    let tables = spec.tables.iter().map(|t| t.table.clone()).collect();
    Arc::new(Shared::new(
        (Arc::clone(control), Arc::new(Gate::new(&spec.limits))),
        (names, tables),
        (
            options.max_errors.unwrap_or(spec.max_errors),
            spec.max_record,
        ),
        spec.dead_letter.clone(),
    ))
}

fn route(cluster: &Cluster, spec: &SinkTableSpec) -> Result<Route, RunError> {
    let live = cluster.table(&spec.table)?;
    let columns = spec.columns.iter().map(|c| (c.to.as_str(), c.cql));
    let derived = spec.derived.iter().map(|d| (d.to.as_str(), d.cql));
    Route::new(spec, bind(&live, &spec.table, columns.chain(derived))?)
}

/// The server's clock; every write time counts from it.
fn server_time(cluster: &Cluster) -> Result<ServerTime, RunError> {
    Ok(ServerTime {
        micros: cluster.now()?,
        at: Instant::now(),
    })
}

/// A load's write time that lies in the future would hide the changes.
fn check_load(spec: &SinkTableSpec, now: i64) -> Result<(), RunError> {
    let Some(load) = spec.load.filter(|l| l.write_time > now + AHEAD) else {
        return Ok(());
    };
    let message = format!(
        "table {}: the write time of its load ({}) lies in the future",
        spec.table, load.write_time
    );
    Err(RunError::new(Code::WriteTimeUnsafe, message)
        .help("take scn and write_time from `ora2stream backfill status`"))
}

/// Refuses what cannot run.
fn check(spec: &SinkSpec) -> Result<(), RunError> {
    let wrong = |text: String, help: &str| Err(RunError::new(Code::SpecInvalid, text).help(help));
    if spec.tables.is_empty() {
        return wrong(
            "no [[tables]]".into(),
            "name at least one topic and its table",
        );
    }
    if spec.tables.iter().any(|t| t.topic == spec.dead_letter) {
        let text = format!(
            "{} is a topic of a table and of the dead letters",
            spec.dead_letter
        );
        return wrong(text, "give the dead letters a topic of their own");
    }
    for (n, table) in spec.tables.iter().enumerate() {
        if spec.tables[..n]
            .iter()
            .any(|t| t.table == table.table && t.topic == table.topic)
        {
            let text = format!(
                "topic {} goes into table {} twice",
                table.topic, table.table
            );
            return wrong(text, "take one of the two out");
        }
    }
    Ok(())
}

/// Everything that must hold before the first record.
struct Ready {
    _runtime: Runtime,
    cluster: Cluster,
    routes: Arc<Vec<Route>>,
    time: ServerTime,
    warnings: Vec<RunError>,
}

fn ready(spec: &SinkSpec) -> Result<Ready, RunError> {
    check(spec)?;
    let runtime = Runtime::start()?;
    let target = spec.target();
    let cluster = Cluster::connect(&target, runtime.handle())?;
    let routes = spec.tables.iter().map(|t| route(&cluster, t));
    let routes = Arc::new(routes.collect::<Result<Vec<_>, _>>()?);
    let time = server_time(&cluster)?;
    for table in &spec.tables {
        check_load(table, time.micros)?;
    }
    let mut warnings = Vec::new();
    if let Some(text) = cluster.durability().warning() {
        let text = format!("{text}, and the sink has committed their offsets");
        warnings.push(RunError::new(Code::NotDurable, text).help(
            "replicate, or set commitlog_sync to batch or group; after such a loss set the group back to before it",
        ));
    }
    Ok(Ready {
        _runtime: runtime,
        cluster,
        routes,
        time,
        warnings,
    })
}

/// C of each topic, where a table of it names the load before.
fn zeros(routes: &[Route], tables: &[Vec<usize>]) -> Vec<Option<i64>> {
    let of_topic = |numbers: &Vec<usize>| numbers.iter().find_map(|n| routes[*n].zero);
    tables.iter().map(of_topic).collect()
}

pub fn run(
    loaded: &Loaded<SinkSpec>,
    options: &Options,
    control: &Arc<Control>,
    replay: bool,
) -> Result<Outcome, RunError> {
    let spec = &loaded.spec;
    let shared = shared(spec, options, control, replay);
    let ready = ready(spec)?;
    let tracker = Arc::new(Tracker::default());
    let (_, mut tables) = topics(spec);
    let group = group(spec, replay);
    let reading = Reading {
        group: &group,
        until_caught_up: options.until_caught_up || replay,
        accept_gap: options.accept_gap || replay,
        letters: replay,
    };
    let zeros = zeros(&ready.routes, &tables);
    tables.resize(shared.topics.len(), Vec::new());
    let both = (Arc::clone(&shared), Arc::clone(&tracker));
    let feed = KafkaFeed::connect(spec, reading, both, ready.time, zeros)?;
    let letters = KafkaLetters::connect(spec, &shared, ready.cluster.runtime())?;
    let patience = Duration::from_secs(u64::from(spec.limits.retry_seconds));
    let target = CassandraTables::new(
        &ready.cluster,
        (&spec.target(), spec.cassandra.batch),
        Arc::clone(&ready.routes),
        (Arc::clone(&shared), letters.clone()),
        patience,
    )?;
    let _metrics = options
        .metrics
        .map(|port| metrics::serve(port, Arc::clone(&shared), ready.cluster.runtime()))
        .transpose()?;
    feed.subscribe()?;
    let display = Display::start(options.show, Arc::clone(&shared));
    let parts = (feed, target, letters.clone());
    let mut pump = Pump::new(
        parts,
        tables,
        Arc::clone(&ready.routes),
        Arc::clone(&shared),
        tracker,
    );
    let ran = pump.run(reading.until_caught_up);
    if let Err(error) = &ran {
        shared.fail(error.clone());
    }
    let patience = match control.aborted() {
        true => AFTER_ERROR,
        false => AFTER_SIGNAL.min(patience.max(AFTER_ERROR)),
    };
    letters.flush(patience);
    let finished = pump.finish(patience);
    drop(display);
    drop(pump); // leaves the group
    match control.error() {
        Some(error) => Err(error),
        None => finished.map(|()| outcome(loaded, group, &shared, control, ready.warnings)),
    }
}

fn group(spec: &SinkSpec, replay: bool) -> String {
    match replay {
        true => format!("{}-replay", spec.group),
        false => spec.group.clone(),
    }
}

fn outcome(
    loaded: &Loaded<SinkSpec>,
    group: String,
    shared: &Shared,
    control: &Control,
    warnings: Vec<RunError>,
) -> Outcome {
    let counters = &shared.counters;
    Outcome {
        spec: loaded.path.clone(),
        group,
        dead_letter: loaded.spec.dead_letter.clone(),
        read: counters.read.load(Relaxed),
        written: counters.written.load(Relaxed),
        removed: counters.removed.load(Relaxed),
        ignored: counters.ignored.load(Relaxed),
        rejected: counters.rejected.load(Relaxed),
        signal: control.signalled(),
        warnings,
    }
}

pub fn status(loaded: &Loaded<SinkSpec>) -> Result<Vec<Lag>, RunError> {
    let spec = &loaded.spec;
    check(spec)?;
    let mut lags = Vec::new();
    for topic in topics(spec).0 {
        lags.extend(lags_of(spec, &spec.group, &topic)?);
    }
    lags.extend(lags_of(spec, &group(spec, true), &spec.dead_letter)?);
    Ok(lags)
}

fn lags_of(spec: &SinkSpec, group: &str, topic: &str) -> Result<Vec<Lag>, RunError> {
    use rdkafka::consumer::{BaseConsumer, Consumer};
    use rdkafka::topic_partition_list::TopicPartitionList;
    let refused = |e| ask::refusal(&spec.bootstrap, &format!("topic {topic}"), &e);
    let consumer: BaseConsumer<ask::Quiet> = config::consumer(spec, group, false)?
        .create_with_context(ask::Quiet)
        .map_err(refused)?;
    let partitions = ask::partitions(&consumer, topic).map_err(refused)?;
    let mut list = TopicPartitionList::new();
    for partition in &partitions {
        list.add_partition(topic, *partition);
    }
    let committed = ask::patiently(|| consumer.committed_offsets(list.clone(), ask::ANSWER));
    let committed = committed.map_err(refused)?;
    let one = |partition: &i32| {
        let next = committed.find_partition(topic, *partition);
        let next = next.and_then(|e| e.offset().to_raw()).filter(|o| *o >= 0);
        let ends = ask::patiently(|| consumer.fetch_watermarks(topic, *partition, ask::ANSWER));
        Ok(Lag {
            topic: topic.to_owned(),
            partition: *partition,
            next,
            ends: ends.map_err(refused)?,
        })
    };
    partitions.iter().map(one).collect()
}
