//! The new system in summary: topics, stream jobs, Cassandra tables, loads. plan.json has all of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::model::{Cleanup, Confidence, Precondition, TopicRole};
use crate::rel::{OnDelete, WriteClass};
use crate::source::Place;

/// The new system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Captured tables.
    pub sources: Vec<SourceSummary>,
    /// Topics.
    pub topics: Vec<TopicSummary>,
    /// Stream jobs.
    pub stream_jobs: Vec<StreamJobSummary>,
    /// Cassandra tables.
    pub tables: Vec<CqlTableSummary>,
    /// One-shot loads.
    pub backfills: Vec<BackfillSummary>,
}

/// A captured table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceSummary {
    /// `SCHEMA.TABLE`.
    pub table: String,
    /// CDC topic.
    pub topic: String,
    /// Key columns.
    pub key: Vec<String>,
    /// Rows, from the dictionary export.
    pub rows: Option<u64>,
    /// Columns that change capture cannot carry: name and reason.
    pub left_out: Vec<String>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TopicSummary {
    /// Name.
    pub name: String,
    /// What it is for.
    pub role: TopicRole,
    /// Partitions.
    pub partitions: u32,
    /// Clean-up.
    pub cleanup: Cleanup,
    /// Key members of its records.
    pub key: Vec<String>,
}

/// A stream job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StreamJobSummary {
    /// Unique name.
    pub id: String,
    /// Group: one Flink script.
    pub group: String,
    /// Table it stands for.
    pub table: String,
    /// Routine that wrote.
    pub routine: String,
    /// What the table must always hold.
    pub write_class: WriteClass,
    /// Key.
    pub key: Vec<String>,
    /// On a vanished key.
    pub on_delete: OnDelete,
    /// The batch's period parameter that was removed, in words.
    pub period: Option<String>,
    /// Columns that cannot be equal: left out of comparisons.
    pub audit_columns: Vec<String>,
    /// Tables read.
    pub reads: Vec<String>,
    /// Result topic.
    pub topic: String,
    /// Rule that decided.
    pub rule: String,
    /// How sure.
    pub confidence: Confidence,
    /// What must hold.
    pub preconditions: Vec<Precondition>,
    /// State that grows with the data.
    pub state: Vec<String>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Lines of the batch.
    pub provenance: Vec<Place>,
    /// Streaming SQL, where it was generated.
    pub sql: Option<String>,
}

/// A Cassandra table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CqlTableSummary {
    /// Name.
    pub name: String,
    /// Oracle table.
    pub of: String,
    /// Partition key.
    pub partition: Vec<String>,
    /// Clustering columns, descending ones with ` DESC`.
    pub clustering: Vec<String>,
    /// Queries that it serves.
    pub serves: Vec<String>,
    /// Why the key is so.
    pub why: Vec<String>,
    /// The second-best key and its cost.
    pub runner_up: Option<String>,
    /// Estimated rows a partition.
    pub rows_per_partition: Option<u64>,
}

/// A one-shot load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackfillSummary {
    /// Oracle table.
    pub table: String,
    /// Cassandra table.
    pub target: Option<String>,
    /// Topic.
    pub topic: Option<String>,
    /// Why.
    pub purpose: String,
    /// Rows, from the statistics.
    pub rows: Option<u64>,
    /// Tables before it.
    pub after: Vec<String>,
}

impl Target {
    /// Puts in the streaming SQL of stream jobs, by id.
    pub fn attach_queries(&mut self, queries: &std::collections::BTreeMap<String, String>) {
        for job in &mut self.stream_jobs {
            job.sql = queries.get(&job.id).cloned();
        }
    }
}
