//! The loop with a feed, a target and dead letters that are played: whatever is killed, redelivered or taken away, the
//! table that the writes leave is the one that the records say.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::clock::{Clock, Mark};
use super::pump::{Arrived, Feed, Kind, Letters, Pump, Target, Write};
use super::route::Route;
use super::shared::Shared;
use super::tracker::{Part, Reached, Tracker, Window};
use crate::diag::Code;
use crate::plan::model::{Limits, SinkTableSpec};
use crate::run::convert::TargetTable;
use crate::run::deadletter::Why;
use crate::run::engine::Control;
use crate::run::error::RunError;
use crate::run::gate::Gate;

/// A topic of one partition, and what the group committed.
#[derive(Default)]
struct Broker {
    records: Vec<(Option<String>, Option<String>)>,
    committed: Option<(i64, Mark)>,
    /// The partition is taken away when this offset is reached.
    taken_at: Option<i64>,
}

type Shelf<T> = Arc<Mutex<T>>;

fn lock<T>(shelf: &Shelf<T>) -> std::sync::MutexGuard<'_, T> {
    shelf.lock().expect("no test panics while it holds this")
}

const PART: Part = Part {
    topic: 0,
    partition: 0,
};

struct FakeFeed {
    broker: Shelf<Broker>,
    next: i64,
    /// Records until the member is lost.
    life: usize,
    now: i64,
    tracker: Arc<Tracker>,
    gone: Vec<Part>,
    /// Answers everything when nothing else happens.
    target: Option<Shelf<FakeTarget>>,
}

impl Feed for FakeFeed {
    fn next(&mut self, _: Duration, bytes: &mut Vec<u8>) -> Result<Option<Arrived>, RunError> {
        let mut broker = lock(&self.broker);
        if broker.taken_at == Some(self.next) {
            // Another member gets the partition, and it comes back: what was not committed is read again.
            broker.taken_at = None;
            for (_, reached) in self.tracker.take() {
                broker.committed = Some((reached.offset, reached.mark));
            }
            self.tracker.forget(&[PART]);
            self.gone.push(PART);
            self.next = broker.committed.map_or(0, |c| c.0);
            return Ok(None);
        }
        if self.life == 0 {
            return Err(RunError::new(Code::Unreachable, "killed"));
        }
        let Some((key, value)) = broker.records.get(self.next as usize) else {
            drop(broker);
            if let Some(target) = &self.target {
                lock(target).answer(0);
            }
            std::thread::sleep(Duration::from_millis(1));
            return Ok(None);
        };
        self.life -= 1;
        let mut copy = |text: &String| {
            let from = bytes.len();
            bytes.extend_from_slice(text.as_bytes());
            (from, bytes.len())
        };
        self.next += 1;
        Ok(Some(Arrived {
            part: PART,
            offset: self.next - 1,
            key: key.as_ref().map(&mut copy),
            value: value.as_ref().map(&mut copy),
            again: None,
        }))
    }

    fn gone(&mut self) -> Vec<Part> {
        std::mem::take(&mut self.gone)
    }

    fn clock(&mut self, _: Part, offset: i64) -> Result<Clock, RunError> {
        let committed = lock(&self.broker).committed;
        if let Some((at, mark)) = committed
            && at <= offset
        {
            return Ok(Clock::resume(mark));
        }
        Ok(Clock::begin(self.now, 0, None))
    }

    fn fix(&mut self, _: Part, reached: Reached) -> Result<bool, RunError> {
        lock(&self.broker).committed = Some((reached.offset, reached.mark));
        Ok(true)
    }

    fn commit(&mut self, reached: &[(Part, Reached)], _: bool) -> Result<(), RunError> {
        for (_, reached) in reached {
            lock(&self.broker).committed = Some((reached.offset, reached.mark));
        }
        Ok(())
    }

    fn hold(&mut self) -> Result<(), RunError> {
        Ok(())
    }

    fn caught_up(&mut self, _: &dyn Fn(Part) -> Option<i64>) -> bool {
        self.next as usize >= lock(&self.broker).records.len()
    }
}

/// A table as Cassandra settles it: the greatest write time wins, and a delete wins where they are equal.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
struct Table(BTreeMap<Vec<u8>, (i64, Option<Vec<u8>>)>);

impl Table {
    fn put(&mut self, key: Vec<u8>, time: i64, row: Option<Vec<u8>>) {
        let found = self.0.entry(key).or_insert((i64::MIN, None));
        let wins = match time.cmp(&found.0) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => row.is_none() || (found.1.is_some() && row > found.1),
            std::cmp::Ordering::Less => false,
        };
        if wins {
            *found = (time, row);
        }
    }

    fn rows(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let rows = self.0.iter();
        rows.filter_map(|(k, (_, row))| Some((k.clone(), row.clone()?)))
            .collect()
    }
}

type Kept = (Kind, Vec<u8>, Vec<u8>, i64);

/// Acknowledges late and in any order; what is not acknowledged when the member is lost may or may not be written.
struct FakeTarget {
    table: Shelf<Table>,
    route: Arc<Vec<Route>>,
    waiting: Vec<Kept>,
    under_way: VecDeque<(Arc<Window>, Vec<Kept>)>,
    random: fastrand::Rng,
}

impl FakeTarget {
    fn answer(&mut self, most: usize) {
        while self.under_way.len() > most {
            let at = self.random.usize(..self.under_way.len());
            if let Some((window, writes)) = self.under_way.remove(at) {
                self.apply(writes);
                drop(window);
            }
        }
    }

    fn apply(&mut self, mut writes: Vec<Kept>) {
        self.random.shuffle(&mut writes);
        for (kind, key, row, time) in writes {
            let row = (kind == Kind::Put).then_some(row);
            lock(&self.table).put(key, time, row);
        }
    }
}

impl Target for Shelf<FakeTarget> {
    fn add(&mut self, write: Write<'_>) {
        let mut target = lock(self);
        let mut key = Vec::new();
        match write.kind {
            Kind::Put => target.route[0]
                .encoder
                .primary_key_bytes(write.values, &mut key),
            Kind::Remove => key.extend_from_slice(write.values),
        }
        target
            .waiting
            .push((write.kind, key, write.values.to_vec(), write.time));
    }

    fn send(
        &mut self,
        window: &Arc<Window>,
        _: &mut dyn FnMut() -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let mut target = lock(self);
        let writes = std::mem::take(&mut target.waiting);
        target.under_way.push_back((Arc::clone(window), writes));
        let most = target.random.usize(..4);
        target.answer(most);
        Ok(())
    }
}

impl Drop for FakeTarget {
    fn drop(&mut self) {
        for (window, writes) in std::mem::take(&mut self.under_way) {
            window.fail();
            if self.random.bool() {
                self.apply(writes);
            }
        }
    }
}

#[derive(Clone, Default)]
struct FakeLetters(Shelf<Vec<(i64, String)>>);

impl Letters for FakeLetters {
    fn write(&self, window: &Arc<Window>, record: u32, _: usize, why: &Why) {
        let offset = window.records[record as usize].offset;
        lock(&self.0).push((offset, why.code.clone()));
    }
}

fn route(format: &str, more: &str) -> Route {
    let text = format!(
        "topic = \"t\"\nformat = \"{format}\"\ntable = \"t\"\nkey = [\"ID\"]\n{more}\n\
         [[columns]]\nfrom = \"ID\"\nto = \"id\"\noracle = {{ type = \"number\", precision = 9, scale = 0 }}\ncql = \"int\"\n\
         [[columns]]\nfrom = \"V\"\nto = \"v\"\noracle = {{ type = \"varchar\", length = 99 }}\ncql = \"text\"\n"
    );
    let spec: SinkTableSpec = toml::from_str(&text).expect("valid");
    let target = TargetTable::of_spec("t", &spec.columns, &[], &["id".into()], &[]);
    Route::new(&spec, target).expect("compiles")
}

struct Run {
    broker: Shelf<Broker>,
    table: Shelf<Table>,
    letters: FakeLetters,
    routes: Arc<Vec<Route>>,
    max_errors: u64,
}

impl Run {
    fn new(route: Route) -> Run {
        Run {
            broker: Shelf::default(),
            table: Shelf::default(),
            letters: FakeLetters::default(),
            routes: Arc::new(vec![route]),
            max_errors: 1_000,
        }
    }

    fn send(&self, key: i64, value: Option<String>) {
        let key = format!("{{\"ID\":{key}}}");
        lock(&self.broker).records.push((Some(key), value));
    }

    /// A member that lives for so many records. None: it was lost.
    fn member(&self, life: usize, seed: u64) -> Result<Arc<Shared>, RunError> {
        let control = Arc::new(Control::default());
        let gate = Arc::new(Gate::new(&Limits::default()));
        let names = (vec!["t".to_owned()], vec!["t".to_owned()]);
        let limits = (self.max_errors, 1 << 20);
        let shared = Arc::new(Shared::new((control, gate), names, limits, "dead".into()));
        let tracker = Arc::new(Tracker::default());
        let mut feed = FakeFeed {
            broker: Arc::clone(&self.broker),
            next: lock(&self.broker).committed.map_or(0, |c| c.0),
            life,
            // Every member's server says another time, up to an hour back or forth.
            now: 1_800_000_000_000_000
                + fastrand::Rng::with_seed(seed).i64(-3_600_000_000..3_600_000_000),
            tracker: Arc::clone(&tracker),
            gone: Vec::new(),
            target: None,
        };
        let target = FakeTarget {
            table: Arc::clone(&self.table),
            route: Arc::clone(&self.routes),
            waiting: Vec::new(),
            under_way: VecDeque::new(),
            random: fastrand::Rng::with_seed(seed),
        };
        let target = Arc::new(Mutex::new(target));
        feed.target = Some(Arc::clone(&target));
        let parts = (feed, target, self.letters.clone());
        let routes = Arc::clone(&self.routes);
        let mut pump = Pump::new(parts, vec![vec![0]], routes, Arc::clone(&shared), tracker);
        pump.run(true)?;
        pump.finish(Duration::from_millis(10))?;
        match shared.control.error() {
            Some(error) => Err(error),
            None => Ok(shared),
        }
    }
}

impl Run {
    /// Members that are lost again and again, until one gets to the end.
    fn through_losses(&self, seed: u64) {
        let mut random = fastrand::Rng::with_seed(seed);
        let end = lock(&self.broker).records.len();
        for n in 0.. {
            if random.bool() {
                lock(&self.broker).taken_at = Some(random.i64(0..end as i64));
            }
            let life = if n > 8 {
                usize::MAX
            } else {
                random.usize(..end)
            };
            match self.member(life, seed * 1_000 + n) {
                Ok(_) => return,
                Err(e) => assert_eq!(e.message, "killed"),
            }
        }
    }

    /// Rows as `id` and `v`.
    fn rows(&self) -> BTreeMap<i64, Option<String>> {
        let rows = lock(&self.table).rows();
        let decoded = rows.into_values().map(|row| {
            let values: Vec<Option<Vec<u8>>> = crate::run::convert::values(&row)
                .map(|v| v.map(<[u8]>::to_vec))
                .collect();
            let id = values[0].clone().expect("a key");
            let id = i32::from_be_bytes(id.try_into().expect("four bytes"));
            let v = values[1]
                .clone()
                .map(|v| String::from_utf8(v).expect("text"));
            (i64::from(id), v)
        });
        decoded.collect()
    }
}

fn upsert(key: i64, v: &str) -> Option<String> {
    Some(format!("{{\"ID\":{key},\"V\":\"{v}\"}}"))
}

fn event(op: &str, scn: u64, key: i64, v: &str) -> Option<String> {
    let image = format!("{{\"ID\":{key},\"V\":\"{v}\"}}");
    let (before, after) = match op {
        "d" => (image, "null".to_owned()),
        _ => ("null".to_owned(), image),
    };
    Some(format!(
        "{{\"before\":{before},\"after\":{after},\"source\":{{\"commit_scn\":\"{scn}\"}},\"op\":\"{op}\"}}"
    ))
}

#[test]
fn results_are_exact_through_losses_and_rebalances() {
    for seed in 0..40 {
        let run = Run::new(route("upsert", "on_delete = \"delete\""));
        let mut random = fastrand::Rng::with_seed(seed);
        let mut model = BTreeMap::new();
        for n in 0..400 {
            let key = random.i64(0..25);
            if random.u8(..) < 60 {
                run.send(key, None);
                model.remove(&key);
            } else {
                run.send(key, upsert(key, &format!("v{n}")));
                model.insert(key, Some(format!("v{n}")));
            }
        }
        run.through_losses(seed);
        assert_eq!(run.rows(), model, "seed {seed}");
        let committed = lock(&run.broker).committed.expect("committed");
        assert_eq!(committed.0, 400);
    }
}

#[test]
fn changes_are_exact_also_many_of_a_key_in_one_transaction() {
    for seed in 0..40 {
        let run = Run::new(route("debezium", "on_delete = \"delete\""));
        let mut random = fastrand::Rng::with_seed(seed);
        let mut model: BTreeMap<i64, Option<String>> = BTreeMap::new();
        let mut scn = 100;
        for n in 0..400 {
            // Every fourth seed: transactions so long that they take numbers of the SCNs behind.
            if random.u8(..) < if seed % 4 == 0 { 8 } else { 40 } {
                scn += random.u64(1..3);
            }
            let key = random.i64(0..4);
            let v = format!("v{n}");
            if model.contains_key(&key) && random.u8(..) < 50 {
                run.send(key, event("d", scn, key, &v));
                run.send(key, None);
                model.remove(&key);
            } else {
                let op = if model.contains_key(&key) { "u" } else { "c" };
                run.send(key, event(op, scn, key, &v));
                model.insert(key, Some(v));
            }
        }
        run.through_losses(seed);
        assert_eq!(run.rows(), model, "seed {seed}");
    }
}

#[test]
fn a_connector_that_repeats_itself_changes_nothing() {
    let run = Run::new(route("debezium", "on_delete = \"delete\""));
    let records = [
        ("c", 5, 1, "a"),
        ("u", 6, 1, "b"),
        ("d", 7, 1, "b"),
        ("c", 8, 2, "x"),
        ("u", 8, 2, "y"),
    ];
    for (op, scn, key, v) in records {
        run.send(key, event(op, scn, key, v));
    }
    run.member(usize::MAX, 1).expect("ends");
    let before = run.rows();
    for (op, scn, key, v) in &records[..4] {
        run.send(*key, event(op, *scn, *key, v));
        run.member(usize::MAX, 2).expect("ends");
        assert_eq!(run.rows(), before, "an older value beats a newer one");
    }
}

#[test]
fn the_first_row_stays_through_losses() {
    for seed in 0..20 {
        let run = Run::new(route(
            "upsert",
            "on_delete = \"keep\"\nwrite = \"keep_first\"",
        ));
        let mut random = fastrand::Rng::with_seed(seed);
        let mut model: BTreeMap<i64, Option<String>> = BTreeMap::new();
        for n in 0..200 {
            let key = random.i64(0..30);
            if random.u8(..) < 50 {
                run.send(key, None);
            } else {
                run.send(key, upsert(key, &format!("v{n}")));
                model.entry(key).or_insert(Some(format!("v{n}")));
            }
        }
        run.through_losses(seed);
        assert_eq!(run.rows(), model, "seed {seed}");
    }
}

#[test]
fn poison_goes_to_the_dead_letters_and_the_rest_flows() {
    let run = Run::new(route("upsert", "on_delete = \"delete\""));
    run.send(1, upsert(1, "a"));
    run.send(2, Some("{\"ID\":2,\"V\":".into()));
    run.send(3, upsert(3, &"x".repeat(2 << 20)));
    run.send(4, upsert(4, "d"));
    let shared = run.member(usize::MAX, 1).expect("ends");
    let rejected = shared
        .counters
        .rejected
        .load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(rejected, 2);
    let letters = lock(&run.letters.0).clone();
    assert_eq!(
        letters,
        [(1, "json".to_owned()), (2, "record-size".to_owned())]
    );
    let rows: Vec<i64> = run.rows().into_keys().collect();
    assert_eq!(rows, [1, 4]);
    assert_eq!(lock(&run.broker).committed.expect("committed").0, 4);
}

#[test]
fn too_many_errors_end_the_run_in_front_of_the_last_one() {
    let mut run = Run::new(route("upsert", "on_delete = \"delete\""));
    run.max_errors = 1;
    run.send(1, upsert(1, "a"));
    for _ in 0..3 {
        run.send(2, Some("nonsense".into()));
    }
    let error = run.member(usize::MAX, 1).map(|_| ()).expect_err("too many");
    assert_eq!(error.code, Code::TooManyErrors);
    assert!(error.message.contains("t[0]@2"), "{}", error.message);
    let committed = lock(&run.broker).committed.expect("a clock");
    assert!(committed.0 <= 2, "what was not written down is read again");
}
