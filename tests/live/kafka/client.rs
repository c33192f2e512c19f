//! What the tests do with topics: make them, look at their settings, write records with the
//! partitioner of the Java clients, read them to their end.

use crate::harness::{Live, PATIENCE, failed};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Kafka's own topics; Debezium's heartbeat topic begins with two underscores too.
const INTERNAL: [&str; 3] = [
    "__consumer_offsets",
    "__transaction_state",
    "__share_group_state",
];

const ANSWER: Duration = Duration::from_secs(10);

/// A Kafka record as the tests see it. A value of `None` is a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Topic.
    pub topic: String,
    /// Key.
    pub key: Option<String>,
    /// Value.
    pub value: Option<String>,
}

/// A client of one broker.
pub struct Client {
    bootstrap: String,
}

impl Client {
    /// A client; nothing is connected yet.
    pub fn new(bootstrap: &str) -> Self {
        Self {
            bootstrap: bootstrap.to_owned(),
        }
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap);
        config
    }

    fn consumer(&self) -> Live<BaseConsumer> {
        Ok(self
            .config()
            .set("group.id", "ora2stream-live")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("isolation.level", "read_committed")
            .set("auto.offset.reset", "earliest")
            .set("fetch.wait.max.ms", "20")
            .create()?)
    }

    fn admin(&self) -> Live<AdminClient<DefaultClientContext>> {
        Ok(self.config().create()?)
    }

    /// Creates a topic with so many partitions.
    pub fn create_topic(&self, topic: &str, partitions: i32) -> Live<()> {
        let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
        let admin = self.admin()?;
        let made = block_on(admin.create_topics([&new], &AdminOptions::new()))??;
        for answer in made {
            answer.map_err(|(name, e)| failed(format!("topic {name}: {e}")))?;
        }
        Ok(())
    }

    /// Creates a topic of one partition that takes larger records.
    pub fn create_large_topic(&self, topic: &str, bytes: &str) -> Live<()> {
        self.create_large_topic_of(topic, 1, bytes)
    }

    /// The same with so many partitions.
    pub fn create_large_topic_of(&self, topic: &str, partitions: i32, bytes: &str) -> Live<()> {
        let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1))
            .set("max.message.bytes", bytes);
        let admin = self.admin()?;
        let made = block_on(admin.create_topics([&new], &AdminOptions::new()))??;
        for answer in made {
            answer.map_err(|(name, e)| failed(format!("topic {name}: {e}")))?;
        }
        Ok(())
    }

    /// The headers of all records of a topic, in its order.
    pub fn headers(&self, topic: &str) -> Live<Vec<BTreeMap<String, String>>> {
        let mut all = Vec::new();
        self.each(topic, |message| {
            let headers = message.headers().map(|h| h.iter().collect::<Vec<_>>());
            let text =
                |v: Option<&[u8]>| String::from_utf8_lossy(v.unwrap_or_default()).into_owned();
            let pairs = headers.unwrap_or_default().into_iter();
            all.push(pairs.map(|h| (h.key.to_owned(), text(h.value))).collect());
        })?;
        Ok(all)
    }

    /// The topics there are, without Kafka's own, with their numbers of partitions.
    pub fn topics(&self) -> Live<BTreeMap<String, usize>> {
        let metadata = self.consumer()?.fetch_metadata(None, ANSWER)?;
        Ok(metadata
            .topics()
            .iter()
            .filter(|t| !INTERNAL.contains(&t.name()))
            .map(|t| (t.name().to_owned(), t.partitions().len()))
            .collect())
    }

    /// One setting of a topic, such as `cleanup.policy`.
    pub fn topic_setting(&self, topic: &str, setting: &str) -> Live<Option<String>> {
        let what = [ResourceSpecifier::Topic(topic)];
        let admin = self.admin()?;
        let answers = block_on(admin.describe_configs(&what, &AdminOptions::new()))??;
        for answer in answers {
            let resource = answer.map_err(|e| failed(format!("topic {topic}: {e}")))?;
            if let Some(entry) = resource.get(setting) {
                return Ok(entry.value.clone());
            }
        }
        Ok(None)
    }

    /// Writes `records` in their order and waits until the broker has all of them.
    pub fn produce(&self, records: &[Record]) -> Live<()> {
        let producer: BaseProducer = self
            .config()
            .set("partitioner", "murmur2_random")
            .set("message.max.bytes", "10000000")
            .set("enable.idempotence", "true")
            .create()?;
        for record in records {
            let mut message = BaseRecord::<str, str>::to(&record.topic);
            if let Some(key) = &record.key {
                message = message.key(key);
            }
            if let Some(value) = &record.value {
                message = message.payload(value);
            }
            producer.send(message).map_err(|(e, _)| e)?;
        }
        Ok(producer.flush(PATIENCE)?)
    }

    /// All committed records of a topic, each partition to its end as of now.
    pub fn read(&self, topic: &str) -> Live<Vec<Record>> {
        let records = self.read_partitions(topic)?;
        Ok(records.into_iter().map(|(_, record)| record).collect())
    }

    /// The same with the partition of each record.
    pub fn read_partitions(&self, topic: &str) -> Live<Vec<(i32, Record)>> {
        let mut records = Vec::new();
        self.each(topic, |message| {
            records.push((message.partition(), record(message)));
        })?;
        Ok(records)
    }

    /// Goes through all committed records of a topic, each partition to its end as of now.
    fn each(&self, topic: &str, mut see: impl FnMut(&BorrowedMessage<'_>)) -> Live<()> {
        let consumer = self.consumer()?;
        let partitions = self
            .topics()?
            .get(topic)
            .copied()
            .ok_or_else(|| failed(format!("topic {topic} does not exist")))?;
        let mut open = BTreeSet::new();
        let mut assignment = TopicPartitionList::new();
        for partition in 0..partitions as i32 {
            assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
            open.insert(partition);
        }
        consumer.assign(&assignment)?;
        let start = Instant::now();
        while !open.is_empty() {
            // Offsets have holes (transaction markers), so only the broker knows the end.
            match consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => see(&message),
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    open.remove(&partition);
                }
                Some(Err(e)) => return Err(e.into()),
                None if start.elapsed() > PATIENCE => {
                    return Err(failed(format!("{topic}: its end does not come")));
                }
                None => {}
            }
        }
        Ok(())
    }
}

fn record(message: &BorrowedMessage<'_>) -> Record {
    let text = |bytes: Option<&[u8]>| bytes.map(|b| String::from_utf8_lossy(b).into_owned());
    Record {
        topic: message.topic().to_owned(),
        key: text(message.key()),
        value: text(message.payload()),
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> Live<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(future))
}
