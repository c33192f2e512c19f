//! The topic of dead letters: the record as it was, and in its headers why it was not carried and where it stood. A
//! window is done only when its dead letters are acknowledged.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{
    BaseRecord, DeliveryResult, NoCustomPartitioner, Producer, ProducerContext, ThreadedProducer,
};
use tokio::runtime::Handle;

use super::super::pump::{Again, Letters};
use super::super::shared::Shared;
use super::super::tracker::{Part, Window};
use super::config;
use crate::diag::Code;
use crate::plan::model::SinkSpec;
use crate::run::deadletter::Why;
use crate::run::error::RunError;

/// Names of headers.
pub mod header {
    /// Topic that the record was in.
    pub const TOPIC: &str = "ora2stream.topic";
    /// Its partition.
    pub const PARTITION: &str = "ora2stream.partition";
    /// Its offset.
    pub const OFFSET: &str = "ora2stream.offset";
    /// Table that it was for.
    pub const TABLE: &str = "ora2stream.table";
    /// Stable code of the reason.
    pub const CODE: &str = "ora2stream.code";
    /// Column, where one is to blame.
    pub const COLUMN: &str = "ora2stream.column";
    /// The reason in words.
    pub const REASON: &str = "ora2stream.reason";
    /// Write time that its row would have had: a replay uses it, so that it never beats what came later.
    pub const TIME: &str = "ora2stream.write-time";
    /// Bytes of a value that the topic does not take; it is read again where it stood.
    pub const LEFT_OUT: &str = "ora2stream.value-left-out";
}

/// What a broker takes where its topic does not say.
const USUAL: usize = 1_000_000;

/// What headers and frames need.
const AROUND: usize = 8 * 1024;

/// Words of a reason, at most.
const LONGEST_REASON: usize = 2_000;

/// Hears acknowledgements.
pub struct LetterEars {
    shared: Arc<Shared>,
}

impl ClientContext for LetterEars {
    fn error(&self, _error: KafkaError, reason: &str) {
        self.shared.trouble(&format!("Kafka: {reason}"));
    }
}

impl ProducerContext for LetterEars {
    type DeliveryOpaque = Arc<Window>;

    fn delivery(&self, result: &DeliveryResult<'_>, window: Arc<Window>) {
        if let Err((error, _)) = result {
            window.fail();
            self.shared
                .fail(not_written(&self.shared.dead_letter, error));
        }
    }
}

fn not_written(topic: &str, error: &KafkaError) -> RunError {
    let message = format!("a rejected record could not be written to topic {topic}: {error}");
    RunError::new(Code::WriteFailed, message)
        .help("look after the brokers and the topic, then start again: the record is read again")
}

/// Writes dead letters.
#[derive(Clone)]
pub struct KafkaLetters {
    producer: Arc<ThreadedProducer<LetterEars, NoCustomPartitioner>>,
    shared: Arc<Shared>,
    /// Bytes that the topic takes.
    most: usize,
}

impl KafkaLetters {
    /// Connects.
    pub fn connect(
        spec: &SinkSpec,
        shared: &Arc<Shared>,
        runtime: &Handle,
    ) -> Result<Self, RunError> {
        let config = config::producer(spec)?;
        let ears = LetterEars {
            shared: Arc::clone(shared),
        };
        let producer = ThreadedProducer::from_config_and_context(&config, ears).map_err(|e| {
            RunError::new(Code::SpecInvalid, format!("Kafka: {e}"))
                .help("correct [kafka.options]; the names are librdkafka's")
        })?;
        Ok(Self {
            producer: Arc::new(producer),
            shared: Arc::clone(shared),
            most: largest(spec, runtime)
                .unwrap_or(USUAL)
                .saturating_sub(AROUND),
        })
    }

    /// Waits until all that was written is acknowledged.
    pub fn flush(&self, patience: Duration) {
        if let Err(e) = self.producer.flush(patience) {
            tracing::debug!("dead letters are not acknowledged: {e}");
        }
    }

    fn headers(&self, window: &Window, record: u32, table: usize, why: &Why) -> OwnedHeaders {
        let origin = &window.records[record as usize];
        let topic = self.shared.topics.get(origin.part.topic);
        let mut reason = why.reason.clone();
        if let Some((end, _)) = reason.char_indices().nth(LONGEST_REASON) {
            reason.truncate(end);
        }
        let texts = [
            (header::TOPIC, topic.cloned().unwrap_or_default()),
            (header::PARTITION, origin.part.partition.to_string()),
            (header::OFFSET, origin.offset.to_string()),
            (header::TABLE, self.shared.tables[table].clone()),
            (header::CODE, why.code.clone()),
            (header::REASON, reason),
            (header::TIME, origin.stamp.to_string()),
        ];
        let column = why.column.clone().map(|c| (header::COLUMN, c));
        let all = texts.into_iter().chain(column);
        all.fold(OwnedHeaders::new(), |headers, (key, value)| {
            headers.insert(Header {
                key,
                value: Some(&value),
            })
        })
    }
}

/// Where a dead letter stood and when its row counts as written, from its headers.
pub fn place(headers: &impl Headers, shared: &Shared) -> Option<Again> {
    let text = |name: &str| {
        let found = headers.iter().find(|h| h.key == name)?;
        std::str::from_utf8(found.value?).ok()
    };
    let topic = text(header::TOPIC)?;
    let table = text(header::TABLE)?;
    let topic = shared.topics.iter().position(|t| t == topic)?;
    Some(Again {
        part: Part {
            topic,
            partition: text(header::PARTITION)?.parse().ok()?,
        },
        offset: text(header::OFFSET)?.parse().ok()?,
        time: text(header::TIME)?.parse().ok()?,
        table: shared.tables.iter().position(|t| t == table)?,
    })
}

/// The topic did not take the value of this dead letter.
pub fn left_out(message: &impl Message) -> bool {
    let headers = message.headers();
    message.payload().is_none()
        && headers.is_some_and(|h| h.iter().any(|h| h.key == header::LEFT_OUT))
}

/// Bytes that the topic takes, if it says so.
fn largest(spec: &SinkSpec, runtime: &Handle) -> Option<usize> {
    let admin: AdminClient<DefaultClientContext> = config::common(spec).ok()?.create().ok()?;
    let topic = [ResourceSpecifier::Topic(&spec.dead_letter)];
    let options = AdminOptions::new().request_timeout(Some(super::ask::ANSWER));
    let described = runtime.block_on(admin.describe_configs(&topic, &options));
    let settings = described.ok()?.into_iter().next()?.ok()?;
    settings
        .get("max.message.bytes")?
        .value
        .as_ref()?
        .parse()
        .ok()
}

impl Letters for KafkaLetters {
    fn write(&self, window: &Arc<Window>, record: u32, table: usize, why: &Why) {
        let origin = &window.records[record as usize];
        let (key, value) = (window.text(origin.key), window.text(origin.value));
        let mut headers = self.headers(window, record, table, why);
        let size = key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len);
        let left_out = value.filter(|_| size > self.most);
        if let Some(value) = left_out {
            headers = headers.insert(Header {
                key: header::LEFT_OUT,
                value: Some(&value.len().to_string()),
            });
        }
        loop {
            let topic = &self.shared.dead_letter;
            let mut letter =
                BaseRecord::<[u8], [u8], Arc<Window>>::with_opaque_to(topic, Arc::clone(window))
                    .headers(headers.clone());
            if let Some(key) = key.filter(|k| k.len() <= self.most) {
                letter = letter.key(key);
            }
            if let Some(value) = value.filter(|_| left_out.is_none()) {
                letter = letter.payload(value);
            }
            match self.producer.send(letter) {
                Ok(()) => return,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _))
                    if !self.shared.control.aborted() =>
                {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err((error, _)) => {
                    window.fail();
                    return self.shared.fail(not_written(topic, &error));
                }
            }
        }
    }
}
