//! Kafka: one `op: r` envelope a row, key bytes and partition as Debezium's, each acknowledged by all replicas
//! before its chunk is done. A chunk that is loaded again after a crash repeats its records: readers take the last
//! of a key, and all of them are equal.

pub(in crate::run) mod config;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::producer::{
    BaseRecord, DeliveryResult, NoCustomPartitioner, Producer, ProducerContext, ThreadedProducer,
};

use super::{Lane, Sink};
use crate::diag::Code;
use crate::plan::model::{KafkaTarget, Limits};
use crate::run::convert::json::EnvelopeSource;
use crate::run::convert::{JsonEncoder, Reject};
use crate::run::deadletter::Why;
use crate::run::engine::{Ticket, Window};
use crate::run::error::RunError;
use crate::run::retry::Backoff;
use crate::run::row::RowBatch;

/// How long the brokers may take to answer a question.
const ANSWER: Duration = Duration::from_secs(15);

/// What a record's acknowledgement belongs to.
pub struct Delivery {
    ticket: Arc<Ticket>,
    counts: bool,
}

/// Hears acknowledgements and the client's own troubles.
#[derive(Default)]
pub struct Ears {
    delivered: AtomicU64,
    trouble: Mutex<Option<KafkaError>>,
}

impl ClientContext for Ears {
    fn error(&self, error: KafkaError, _reason: &str) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let login =
            |e: &KafkaError| e.rdkafka_error_code() == Some(RDKafkaErrorCode::Authentication);
        if !trouble.as_ref().is_some_and(login) {
            *trouble = Some(error);
        }
    }
}

impl ProducerContext for Ears {
    type DeliveryOpaque = Arc<Delivery>;

    fn delivery(&self, result: &DeliveryResult<'_>, delivery: Arc<Delivery>) {
        match result {
            Ok(message) => {
                self.delivered.fetch_add(1, Relaxed);
                if delivery.counts {
                    let bytes = message.key_len() + message.payload_len();
                    delivery.ticket.acknowledged(1, bytes as u64);
                }
            }
            // A run that was aborted purges its queue; what ended it is told already.
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::PurgeQueue), _)) => {
                delivery.ticket.give_up();
            }
            Err((error, message)) => {
                let text = format!("topic {}: {error}", message.topic());
                delivery.ticket.fail(
                    RunError::new(Code::WriteFailed, text)
                        .help("look after the brokers, then `ora2stream backfill resume` goes on"),
                );
            }
        }
    }
}

/// A topic to write into.
pub struct KafkaSink {
    producer: Arc<ThreadedProducer<Ears, NoCustomPartitioner>>,
    topic: String,
    encoder: Arc<JsonEncoder>,
    from: Arc<EnvelopeSource>,
    /// Records in the topic before the run.
    before: i64,
}

impl KafkaSink {
    /// Connects, and sees that the topic is there.
    pub fn connect(
        target: &KafkaTarget,
        limits: &Limits,
        encoder: JsonEncoder,
        from: EnvelopeSource,
    ) -> Result<Self, RunError> {
        let config = config::producer(target, limits)?;
        let producer: ThreadedProducer<Ears, NoCustomPartitioner> =
            ThreadedProducer::from_config_and_context(&config, Ears::default()).map_err(|e| {
                RunError::new(Code::SpecInvalid, format!("Kafka: {e}"))
                    .help("correct [kafka.options]; the names are librdkafka's")
            })?;
        let before = ends(&producer, target)?;
        Ok(Self {
            producer: Arc::new(producer),
            topic: target.topic.clone(),
            encoder: Arc::new(encoder),
            from: Arc::new(from),
            before,
        })
    }

    fn grown(&self) -> Result<i64, KafkaError> {
        Ok(sum_of_ends(&self.producer, &self.topic)? - self.before)
    }
}

type Client = ThreadedProducer<Ears, NoCustomPartitioner>;

/// The end offsets of all partitions, added up.
fn sum_of_ends(producer: &Client, topic: &str) -> Result<i64, KafkaError> {
    let client = producer.client();
    let metadata = client.fetch_metadata(Some(topic), ANSWER)?;
    let found = metadata.topics().iter().find(|t| t.name() == topic);
    let unknown = || KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition);
    let found = found.ok_or_else(unknown)?;
    if let Some(error) = found.error() {
        return Err(KafkaError::MetadataFetch(error.into()));
    }
    let mut sum = 0;
    for partition in found.partitions() {
        sum += client.fetch_watermarks(topic, partition.id(), ANSWER)?.1;
    }
    Ok(sum)
}

/// Asks until the brokers have settled who leads which partition: a topic may have been made just now.
fn ends(producer: &Client, target: &KafkaTarget) -> Result<i64, RunError> {
    let mut backoff = Backoff::new(ANSWER, 0);
    loop {
        let error = match sum_of_ends(producer, &target.topic) {
            Ok(sum) => return Ok(sum),
            Err(error) => error,
        };
        let unsettled = matches!(
            error.rdkafka_error_code(),
            Some(RDKafkaErrorCode::NotLeaderForPartition | RDKafkaErrorCode::LeaderNotAvailable)
        );
        match backoff.pause() {
            Some(pause) if unsettled => std::thread::sleep(pause),
            Some(_) | None => {
                let heard = producer.context().trouble.lock();
                let heard = heard.unwrap_or_else(PoisonError::into_inner).take();
                return Err(refusal(target, &heard.unwrap_or(error)));
            }
        }
    }
}

fn refusal(target: &KafkaTarget, error: &KafkaError) -> RunError {
    let at = format!("Kafka at {}", target.bootstrap);
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed) => {
            RunError::new(Code::LoginRefused, format!("{at}: {error}"))
                .help("check user_env, password_env or password_file of [kafka]")
        }
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed,
        ) => RunError::new(Code::LoginRefused, format!("{at}: {error}")).help(
            "grant this user Write and Describe on the topic and IdempotentWrite on the cluster",
        ),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
            let message = format!("{at}: topic {} does not exist", target.topic);
            RunError::new(Code::TargetMissing, message).help("create it first: kafka/topics.sh")
        }
        _ => RunError::new(Code::Unreachable, format!("{at}: {error}")).help(
            "check bootstrap, that the brokers are up, and security.protocol in [kafka.options]",
        ),
    }
}

impl Sink for KafkaSink {
    fn lane(&self) -> Box<dyn Lane> {
        Box::new(KafkaLane {
            producer: Arc::clone(&self.producer),
            topic: self.topic.clone(),
            encoder: Arc::clone(&self.encoder),
            from: Arc::clone(&self.from),
            buffer: Vec::new(),
            records: Vec::new(),
        })
    }

    /// The topic must have grown by what was acknowledged, or by more where others write too.
    fn close(&self, aborted: bool) -> Result<(), RunError> {
        if aborted {
            self.producer
                .purge(rdkafka::producer::PurgeConfig::default().queue());
            return Ok(());
        }
        let delivered = self.producer.context().delivered.load(Relaxed);
        let grown = self
            .grown()
            .map_err(|e| RunError::new(Code::Unreachable, format!("Kafka: {}: {e}", self.topic)))?;
        if grown >= 0 && (grown as u64) < delivered {
            let message = format!(
                "topic {} grew by {grown} records, but {delivered} were acknowledged",
                self.topic
            );
            return Err(RunError::new(Code::WriteFailed, message)
                .help("a broker lost acknowledged records: check min.insync.replicas and unclean leader election"));
        }
        Ok(())
    }
}

/// A record in the lane's buffer: key, then value.
struct Spot {
    start: usize,
    value: usize,
    end: usize,
}

struct KafkaLane {
    producer: Arc<Client>,
    topic: String,
    encoder: Arc<JsonEncoder>,
    from: Arc<EnvelopeSource>,
    buffer: Vec<u8>,
    records: Vec<Spot>,
}

impl KafkaLane {
    /// Hands a record over; waits while the producer's queue is full. False when the run is over.
    fn produce(&self, spot: &Spot, delivery: &Arc<Delivery>) -> Result<bool, KafkaError> {
        let shared = delivery.ticket.shared();
        loop {
            let record = BaseRecord::with_opaque_to(&self.topic, Arc::clone(delivery))
                .key(&self.buffer[spot.start..spot.value])
                .payload(&self.buffer[spot.value..spot.end]);
            match self.producer.send(record) {
                Ok(()) => return Ok(true),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                    if shared.control.aborted() {
                        return Ok(false);
                    }
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err((error, _)) => return Err(error),
            }
        }
    }
}

impl Lane for KafkaLane {
    fn add(&mut self, batch: &RowBatch, row: usize) -> Result<(), Why> {
        let start = self.buffer.len();
        let mut encode = || -> Result<usize, Reject> {
            self.encoder.key(batch, row, &mut self.buffer)?;
            let value = self.buffer.len();
            self.encoder
                .envelope(batch, row, &self.from, &mut self.buffer)?;
            Ok(value)
        };
        match encode() {
            Ok(value) => {
                let end = self.buffer.len();
                self.records.push(Spot { start, value, end });
                Ok(())
            }
            Err(reject) => {
                self.buffer.truncate(start);
                Err(Why::from(reject))
            }
        }
    }

    fn last(&self) -> &[u8] {
        self.records
            .last()
            .map_or(&[], |r| &self.buffer[r.value..r.end])
    }

    fn key(&self, out: &mut Vec<u8>) {
        if let Some(record) = self.records.last().filter(|_| self.encoder.keyed()) {
            out.extend_from_slice(&self.buffer[record.start..record.value]);
        }
    }

    fn undo(&mut self) {
        if let Some(record) = self.records.pop() {
            self.buffer.truncate(record.start);
        }
    }

    fn send(&mut self, _window: &Arc<Window>, ticket: &Arc<Ticket>, counts: bool) {
        let delivery = Arc::new(Delivery {
            ticket: Arc::clone(ticket),
            counts,
        });
        let shared = ticket.shared();
        for spot in &self.records {
            if counts {
                let bytes = (spot.end - spot.start) as u64;
                shared.throttle.wait(1, bytes, || shared.control.aborted());
            }
            match self.produce(spot, &delivery) {
                Ok(true) => {}
                Ok(false) => {
                    ticket.give_up();
                    break;
                }
                Err(error) => {
                    let text = format!("topic {}: {error}", self.topic);
                    ticket.fail(RunError::new(Code::WriteFailed, text).help(
                        "a record beyond message.max.bytes must be allowed by topic, broker and [kafka.options]",
                    ));
                    break;
                }
            }
        }
        self.records.clear();
        self.buffer.clear();
    }
}
