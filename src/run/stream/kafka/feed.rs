//! Records from a consumer group: offsets and clocks committed together, partitions paused while the target is slow,
//! and clocks fetched when a partition's first record comes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message, OwnedMessage};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::super::clock::{Clock, Mark};
use super::super::pump::{Again, Arrived, Feed};
use super::super::shared::Shared;
use super::super::tracker::{Part, Reached, Tracker};
use super::ask::{self, ANSWER, Quiet};
use super::config;
use super::ears::Ears;
use super::letters;
use crate::diag::Code;
use crate::plan::model::SinkSpec;
use crate::run::error::RunError;

/// How long a member that holds listens at once.
const NAP: Duration = Duration::from_millis(100);

/// How often the group is asked how far other members are.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// The server's clock: asked once, counted on by a clock that nobody sets back.
#[derive(Clone, Copy, Debug)]
pub struct ServerTime {
    /// Microseconds since 1970.
    pub micros: i64,
    /// When that was.
    pub at: Instant,
}

impl ServerTime {
    fn now(&self) -> i64 {
        self.micros + self.at.elapsed().as_micros() as i64
    }
}

/// A member of the group.
pub struct KafkaFeed {
    consumer: BaseConsumer<Ears>,
    shared: Arc<Shared>,
    bootstrap: String,
    time: ServerTime,
    /// By topic: C, where the specification gives it.
    zeros: Vec<Option<i64>>,
    /// Ends of all partitions as they were when the run began.
    ends: BTreeMap<Part, i64>,
    /// When the group was asked last how far others are.
    asked: Option<Instant>,
    stash: VecDeque<OwnedMessage>,
    /// What was committed last, should the broker not have taken it.
    told: BTreeMap<Part, Reached>,
    paused: bool,
    /// Records that were deleted before they were read are accepted.
    accept_gap: bool,
    /// Dead letters are read, with the places that their headers tell; none beyond the ends.
    letters: bool,
    /// For a consumer that looks a single record up.
    config: ClientConfig,
}

/// How a feed reads.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Consumer group.
    pub group: &'a str,
    /// It is asked whether all that was there is read.
    pub until_caught_up: bool,
    /// Records that were deleted before they were read are accepted.
    pub accept_gap: bool,
    /// The topic of dead letters is read instead of the tables'.
    pub letters: bool,
}

/// What a committed offset says.
struct Known {
    offset: Option<i64>,
    mark: Option<Mark>,
}

impl KafkaFeed {
    /// Connects, and sees that all topics are there. Nothing is read yet.
    pub fn connect(
        spec: &SinkSpec,
        reading: Reading<'_>,
        (shared, tracker): (Arc<Shared>, Arc<Tracker>),
        time: ServerTime,
        zeros: Vec<Option<i64>>,
    ) -> Result<Self, RunError> {
        let config = config::consumer(spec, reading.group, reading.until_caught_up)?;
        let ears = Ears::new(Arc::clone(&shared), tracker);
        let consumer = BaseConsumer::from_config_and_context(&config, ears).map_err(|e| {
            RunError::new(Code::SpecInvalid, format!("Kafka: {e}"))
                .help("correct [kafka.options]; the names are librdkafka's")
        })?;
        let partitions = ask::topics(&consumer, spec, &shared.topics)?;
        let mut feed = Self {
            consumer,
            bootstrap: spec.bootstrap.clone(),
            shared,
            time,
            zeros,
            ends: BTreeMap::new(),
            asked: None,
            stash: VecDeque::new(),
            told: BTreeMap::new(),
            paused: false,
            accept_gap: reading.accept_gap,
            letters: reading.letters,
            config,
        };
        if reading.until_caught_up {
            feed.ends = feed.find_ends(&partitions)?;
        }
        Ok(feed)
    }

    /// Joins the group.
    pub fn subscribe(&self) -> Result<(), RunError> {
        let topics: Vec<&str> = match self.letters {
            true => vec![self.shared.dead_letter.as_str()],
            false => self.shared.topics.iter().map(String::as_str).collect(),
        };
        let joined = self.consumer.subscribe(&topics);
        joined.map_err(|e| ask::refusal(&self.bootstrap, "the group", &e))
    }

    fn find_ends(&self, partitions: &[Vec<i32>]) -> Result<BTreeMap<Part, i64>, RunError> {
        let mut ends = BTreeMap::new();
        for (topic, numbers) in partitions.iter().enumerate() {
            for partition in numbers {
                let part = Part {
                    topic,
                    partition: *partition,
                };
                ends.insert(part, self.watermarks(part)?.1);
            }
        }
        Ok(ends)
    }

    fn watermarks(&self, part: Part) -> Result<(i64, i64), RunError> {
        let topic = &self.shared.topics[part.topic];
        let asked = ask::patiently(|| {
            self.consumer
                .fetch_watermarks(topic, part.partition, ANSWER)
        });
        asked.map_err(|e| ask::refusal(&self.bootstrap, &format!("topic {topic}"), &e))
    }

    /// What the group has committed for all partitions of a topic.
    fn known(&self, topic: &str) -> Result<BTreeMap<i32, Known>, KafkaError> {
        let mut list = TopicPartitionList::new();
        for partition in ask::partitions(&self.consumer, topic)? {
            list.add_partition(topic, partition);
        }
        let committed = self.consumer.committed_offsets(list, ANSWER)?;
        let known = |metadata: &str, offset: Option<i64>| Known {
            offset: offset.filter(|o| *o >= 0),
            mark: Mark::parse(metadata),
        };
        let elements = committed.elements();
        let all = elements
            .iter()
            .map(|e| (e.partition(), known(e.metadata(), e.offset().to_raw())));
        Ok(all.collect())
    }

    /// Offsets that were deleted before they were read are a hole in the table.
    fn no_gap(&self, part: Part, committed: Option<i64>, offset: i64) -> Result<(), RunError> {
        let Some(committed) = committed.filter(|c| *c < offset && !self.accept_gap) else {
            return Ok(());
        };
        let low = self.watermarks(part)?.0;
        if low <= committed {
            return Ok(()); // marks of transactions, and what compaction took, leave such holes
        }
        let message = format!(
            "{}: offsets {committed} to {} were deleted before they were read",
            self.shared.place(part, committed),
            low - 1
        );
        Err(RunError::new(Code::RecordsLost, message).help(
            "load the table again (backfill), then start with --accept-gap; and give the topic a longer retention",
        ))
    }

    fn put(&self, m: &impl Message, bytes: &mut Vec<u8>) -> Option<Arrived> {
        let part = self.consumer.context().part(m.topic(), m.partition())?;
        let again = match self.letters {
            true => Some(self.again(m, part)?),
            false => None,
        };
        let left_out = again.filter(|_| letters::left_out(m));
        let original = left_out.and_then(|a| self.original(&a));
        let value = m.payload().or(original.as_ref().and_then(Message::payload));
        let mut copy = |text: &[u8]| {
            let from = bytes.len();
            bytes.extend_from_slice(text);
            (from, bytes.len())
        };
        Some(Arrived {
            again,
            part,
            offset: m.offset(),
            key: m.key().map(&mut copy),
            value: value.map(&mut copy),
        })
    }

    /// Where a dead letter stood; None for one that others wrote, or that this replay has written itself.
    fn again(&self, m: &impl Message, part: Part) -> Option<Again> {
        if m.offset() >= self.ends.get(&part).copied().unwrap_or(0) {
            return None;
        }
        let again = m.headers().and_then(|h| letters::place(h, &self.shared));
        if again.is_none() {
            let mut heard = self.consumer.context().heard();
            heard.skipped.insert(part, m.offset() + 1);
            drop(heard);
            self.shared.trouble(&format!(
                "{}: not a dead letter of this specification",
                self.shared.place(part, m.offset())
            ));
        }
        again
    }

    /// The record that a dead letter was too small for, where it still stands.
    fn original(&self, again: &Again) -> Option<OwnedMessage> {
        let consumer: BaseConsumer<Quiet> = self.config.create_with_context(Quiet).ok()?;
        let topic = &self.shared.topics[again.part.topic];
        let mut list = TopicPartitionList::new();
        let at = Offset::Offset(again.offset);
        list.add_partition_offset(topic, again.part.partition, at)
            .ok()?;
        consumer.assign(&list).ok()?;
        let found = consumer.poll(ANSWER)?.ok()?;
        (found.offset() == again.offset).then(|| found.detach())
    }

    fn poll(&self, wait: Duration) -> Result<Option<BorrowedMessage<'_>>, RunError> {
        let login = self.consumer.context().heard().error.take();
        if let Some(error) = login.filter(ask::ends_the_run) {
            return Err(ask::refusal(&self.bootstrap, "the group", &error));
        }
        match self.consumer.poll(wait) {
            None => Ok(None),
            Some(Ok(message)) => Ok(Some(message)),
            Some(Err(error)) if ask::ends_the_run(&error) => {
                Err(ask::refusal(&self.bootstrap, "reading", &error))
            }
            Some(Err(error)) => {
                self.shared.trouble(&format!("Kafka: {error}"));
                Ok(None)
            }
        }
    }
}

impl Feed for KafkaFeed {
    fn next(&mut self, wait: Duration, bytes: &mut Vec<u8>) -> Result<Option<Arrived>, RunError> {
        if let Some(message) = self.stash.pop_front() {
            return Ok(self.put(&message, bytes));
        }
        if self.paused {
            self.paused = false;
            let resumed = self
                .consumer
                .assignment()
                .and_then(|a| self.consumer.resume(&a));
            resumed.map_err(|e| ask::refusal(&self.bootstrap, "going on", &e))?;
        }
        match self.poll(wait)? {
            Some(message) => Ok(self.put(&message, bytes)),
            None => Ok(None),
        }
    }

    fn gone(&mut self) -> Vec<Part> {
        let gone = std::mem::take(&mut self.consumer.context().heard().gone);
        if !gone.is_empty() {
            let ears = self.consumer.context();
            let stays = |m: &OwnedMessage| {
                let part = ears.part(m.topic(), m.partition());
                part.is_some_and(|p| !gone.contains(&p))
            };
            self.stash.retain(stays);
            self.told.retain(|part, _| !gone.contains(part));
        }
        gone
    }

    fn clock(&mut self, part: Part, offset: i64) -> Result<Clock, RunError> {
        if self.letters {
            return Ok(Clock::begin(self.time.now(), 0, None)); // their times are in their headers
        }
        let topic = self.shared.topics[part.topic].clone();
        let known = ask::patiently(|| self.known(&topic))
            .map_err(|e| ask::refusal(&self.bootstrap, &format!("offsets of {topic}"), &e))?;
        let marks = known.values().filter_map(|k| Some((k.mark?, k.offset?)));
        let (mut least, mut zero) = (0, self.zeros[part.topic]);
        for (mark, offset) in marks {
            least = least
                .max(mark.last.saturating_add(1))
                .max(mark.epoch + offset + 1);
            zero = zero.max(mark.zero);
        }
        let own = known.get(&part.partition);
        self.no_gap(part, own.and_then(|k| k.offset), offset)?;
        if let Some(Known {
            offset: Some(committed),
            mark: Some(mark),
        }) = own
            && *committed <= offset
        {
            let mark = Mark {
                zero: mark.zero.or(zero),
                ..*mark
            };
            return Ok(Clock::resume(mark));
        }
        // Never seen, or the topic was made anew and counts from its beginning.
        Ok(Clock::begin(self.time.now(), least, zero))
    }

    fn fix(&mut self, part: Part, reached: Reached) -> Result<bool, RunError> {
        self.told.remove(&part);
        loop {
            let list = self.consumer.context().list(&[(part, reached)]);
            match list.and_then(|list| self.consumer.commit(&list, CommitMode::Sync)) {
                Ok(()) => return Ok(true),
                Err(error) if ask::ends_the_run(&error) => {
                    return Err(ask::refusal(&self.bootstrap, "committing", &error));
                }
                Err(error) => tracing::debug!("a clock was not committed: {error}"),
            }
            // Only one who listens hears that the partition went elsewhere, or that the group begins anew.
            self.hold()?;
            let gone = self.consumer.context().heard().gone.contains(&part);
            if gone || self.shared.control.stopping() {
                return Ok(false);
            }
        }
    }

    fn commit(&mut self, reached: &[(Part, Reached)], wait: bool) -> Result<(), RunError> {
        let refused = std::mem::take(&mut self.consumer.context().heard().uncommitted);
        let mut due = match refused {
            true => std::mem::take(&mut self.told),
            false => BTreeMap::new(),
        };
        due.extend(reached.iter().copied());
        if due.is_empty() {
            return Ok(());
        }
        let reached: Vec<(Part, Reached)> = due.into_iter().collect();
        self.told.extend(reached.iter().copied());
        let mode = if wait {
            CommitMode::Sync
        } else {
            CommitMode::Async
        };
        let list = self.consumer.context().list(&reached);
        // A commit that comes too late is no harm: what it says is read again.
        match list.and_then(|list| self.consumer.commit(&list, mode)) {
            Ok(()) => Ok(()),
            Err(error) if ask::ends_the_run(&error) => {
                Err(ask::refusal(&self.bootstrap, "committing", &error))
            }
            Err(error) => {
                tracing::debug!("offsets were not committed: {error}");
                self.consumer.context().heard().uncommitted = true;
                Ok(())
            }
        }
    }

    fn hold(&mut self) -> Result<(), RunError> {
        let assigned = self.consumer.assignment();
        let paused = assigned.and_then(|a| self.consumer.pause(&a));
        paused.map_err(|e| ask::refusal(&self.bootstrap, "pausing", &e))?;
        self.paused = true;
        let stashed = self.poll(NAP)?.map(|m| m.detach());
        self.stash.extend(stashed);
        Ok(())
    }

    fn caught_up(&mut self, next: &dyn Fn(Part) -> Option<i64>) -> bool {
        let early = self.asked.is_some_and(|at| at.elapsed() < ASK_AGAIN);
        if early || !self.consumer.context().heard().steady || !self.stash.is_empty() {
            return false;
        }
        self.asked = Some(Instant::now());
        let mut known = BTreeMap::new();
        for (part, end) in &self.ends {
            if self.letters && part.topic + 1 != self.shared.topics.len() {
                continue;
            }
            let skipped = self.consumer.context().heard().skipped.get(part).copied();
            let at = match next(*part).max(skipped) {
                Some(at) => at,
                None => match self.committed(*part, &mut known) {
                    Some(at) => at,
                    None => return false,
                },
            };
            if at < *end && !self.nothing_between(*part, at) {
                return false;
            }
        }
        true
    }
}

impl KafkaFeed {
    /// How far the group is with a partition that is not read here. Its member may be gone for good: then it comes
    /// here, and until then it is not at its end.
    fn committed(&self, part: Part, known: &mut BTreeMap<Part, i64>) -> Option<i64> {
        if !known.contains_key(&part) {
            for (partition, k) in self.known(&self.shared.topics[part.topic]).ok()? {
                let topic = part.topic;
                known.insert(Part { topic, partition }, k.offset.unwrap_or(0));
            }
        }
        known.get(&part).copied()
    }

    /// Only marks of transactions, or what compaction left out, lie between an offset and the end.
    fn nothing_between(&self, part: Part, from: i64) -> bool {
        let mut config = self.config.clone();
        config.set("enable.partition.eof", "true");
        let probe = || -> Result<bool, KafkaError> {
            let consumer: BaseConsumer<Quiet> = config.create_with_context(Quiet)?;
            let mut list = TopicPartitionList::new();
            let topic = &self.shared.topics[part.topic];
            list.add_partition_offset(topic, part.partition, Offset::Offset(from))?;
            consumer.assign(&list)?;
            let until = Instant::now() + ANSWER;
            while Instant::now() < until {
                match consumer.poll(NAP) {
                    Some(Ok(_)) => return Ok(false),
                    Some(Err(KafkaError::PartitionEOF(_))) => return Ok(true),
                    Some(Err(error)) => return Err(error),
                    None => {}
                }
            }
            Ok(false)
        };
        probe().unwrap_or(false)
    }
}
