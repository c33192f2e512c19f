//! What the client tells by itself: members come and go, numbers of its own, troubles.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::statistics::Statistics;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::super::shared::Shared;
use super::super::tracker::{Part, Reached, Tracker};
use super::ask;

/// How long a partition's writes are waited for before it goes to another member.
const FAREWELL: Duration = Duration::from_secs(10);

/// What the client told.
#[derive(Debug, Default)]
pub struct Heard {
    /// Partitions that went away and were not asked for yet.
    pub gone: Vec<Part>,
    /// How far records were skipped that are none of ours.
    pub skipped: BTreeMap<Part, i64>,
    /// A member, with its partitions assigned.
    pub steady: bool,
    /// The last error of the client.
    pub error: Option<KafkaError>,
    /// The broker did not take a commit, as while members come and go: it is to be said again.
    pub uncommitted: bool,
}

/// Hears the client.
pub struct Ears {
    shared: Arc<Shared>,
    tracker: Arc<Tracker>,
    heard: Mutex<Heard>,
}

impl Ears {
    /// Nothing heard yet.
    pub fn new(shared: Arc<Shared>, tracker: Arc<Tracker>) -> Self {
        Self {
            shared,
            tracker,
            heard: Mutex::default(),
        }
    }

    /// What was heard.
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the client said last of a trouble, without the name of its thread.
    pub fn last_words(&self) -> Option<String> {
        let words = self.shared.take_trouble()?;
        let words = words.strip_prefix("Kafka: ").unwrap_or(&words);
        Some(
            words
                .rsplit("bootstrap: ")
                .next()
                .unwrap_or(words)
                .to_owned(),
        )
    }

    /// The topic's number.
    pub fn part(&self, topic: &str, partition: i32) -> Option<Part> {
        let topic = self.shared.topics.iter().position(|t| t == topic)?;
        Some(Part { topic, partition })
    }

    fn parts(&self, list: &TopicPartitionList) -> Vec<Part> {
        let elements = list.elements();
        let parts = elements.iter();
        parts
            .filter_map(|e| self.part(e.topic(), e.partition()))
            .collect()
    }

    /// Offsets with their clocks, as the broker keeps them.
    pub fn list(&self, reached: &[(Part, Reached)]) -> KafkaResult<TopicPartitionList> {
        let mut list = TopicPartitionList::with_capacity(reached.len());
        for (part, reached) in reached {
            let topic = &self.shared.topics[part.topic];
            let mut element = list.add_partition(topic, part.partition);
            element.set_offset(Offset::Offset(reached.offset))?;
            element.set_metadata(reached.mark.to_string());
        }
        Ok(list)
    }

    /// Before partitions go: what is under way is awaited, and what is done is committed.
    fn farewell(&self, consumer: &BaseConsumer<Self>, parts: &[Part]) {
        self.tracker.settle(FAREWELL);
        let ready = self.tracker.take();
        if !ready.is_empty() {
            let committed = self
                .list(&ready)
                .and_then(|list| consumer.commit(&list, CommitMode::Sync));
            if let Err(e) = committed {
                // Then the next member reads it again, which changes nothing.
                tracing::debug!("offsets were not committed before partitions went: {e}");
            }
        }
        self.tracker.forget(parts);
        let mut heard = self.heard();
        heard.gone.extend_from_slice(parts);
    }
}

impl ClientContext for Ears {
    fn error(&self, error: KafkaError, reason: &str) {
        self.shared.trouble(&format!("Kafka: {reason}"));
        let mut heard = self.heard();
        if !heard.error.as_ref().is_some_and(ask::ends_the_run) {
            heard.error = Some(error);
        }
    }

    fn stats(&self, statistics: Statistics) {
        let mut heard = self.heard();
        let group = statistics.cgrp.as_ref();
        heard.steady = group.is_some_and(|g| g.state == "up" && g.join_state == "steady");
        let mut lags = Vec::new();
        for (name, topic) in &statistics.topics {
            for (number, p) in topic.partitions.iter().filter(|(n, _)| **n >= 0) {
                let assigned = p.fetch_state == "active";
                let Some(part) = self.part(name, *number).filter(|_| assigned) else {
                    continue;
                };
                lags.push((part, p.consumer_lag.max(0)));
            }
        }
        lags.sort_unstable();
        self.shared.set_lags(lags);
    }
}

impl ConsumerContext for Ears {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Revoke(list) => {
                let parts = self.parts(list);
                if !parts.is_empty() {
                    self.farewell(consumer, &parts);
                }
            }
            Rebalance::Assign(_) => {}
            Rebalance::Error(e) => self.shared.trouble(&format!("Kafka: {e}")),
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, _: &Rebalance<'_>) {
        self.heard().steady = false;
        if let Ok(assigned) = consumer.assignment() {
            let count = assigned.count() as u64;
            self.shared.counters.partitions.store(count, Relaxed);
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _: &TopicPartitionList) {
        match result {
            Ok(()) => {
                self.shared.counters.commits.fetch_add(1, Relaxed);
            }
            // There may be no next record, and so no next commit that says the same and more.
            Err(e) => {
                tracing::debug!("offsets were not committed: {e}");
                self.heard().uncommitted = true;
            }
        }
    }
}
