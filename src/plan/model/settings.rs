//! Connection settings and defaults. No secret is ever here: only references to where one is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All settings; each group has sensible defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Kafka.
    pub kafka: KafkaSettings,
    /// Cassandra.
    pub cassandra: CassandraSettings,
    /// Flink.
    pub flink: FlinkSettings,
    /// Spark.
    pub spark: SparkSettings,
    /// Kafka Connect and Debezium.
    pub connect: ConnectSettings,
    /// Oracle.
    pub oracle: OracleSettings,
    /// The sink.
    pub sink: SinkSettings,
}

/// Kafka.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KafkaSettings {
    /// `host:port,..`.
    pub bootstrap: String,
    /// First part of all topic names.
    pub prefix: String,
    /// Partitions of CDC and result topics.
    pub partitions: u32,
    /// Replication factor.
    pub replication: u16,
}

impl Default for KafkaSettings {
    fn default() -> Self {
        Self {
            bootstrap: "localhost:9092".into(),
            prefix: "ora".into(),
            partitions: 3,
            replication: 3,
        }
    }
}

/// Cassandra.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CassandraSettings {
    /// `host:port`.
    pub contact_points: Vec<String>,
    /// Keyspace.
    pub keyspace: String,
    /// Replication factor in the local data centre.
    pub replication: u16,
    /// Local data centre.
    pub datacenter: String,
}

impl Default for CassandraSettings {
    fn default() -> Self {
        Self {
            contact_points: vec!["localhost:9042".into()],
            keyspace: "ora2stream".into(),
            replication: 3,
            datacenter: "datacenter1".into(),
        }
    }
}

/// Flink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FlinkSettings {
    /// Read to the end of the topics as they are at the start, then end.
    pub bounded: bool,
    /// Where checkpoints go (URI); None: the cluster's own setting.
    pub checkpoint_dir: Option<String>,
    /// Parallelism; None: the cluster's own setting.
    pub parallelism: Option<u32>,
    /// Idle state retention, Flink duration text. Only when the user asks: shorter than the update horizon gives wrong results.
    pub state_ttl: Option<String>,
    /// Checkpoint interval, Flink duration text.
    pub checkpoint_interval: String,
}

impl Default for FlinkSettings {
    fn default() -> Self {
        Self {
            bounded: false,
            checkpoint_dir: None,
            parallelism: None,
            state_ttl: None,
            checkpoint_interval: "30s".into(),
        }
    }
}

/// Spark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SparkSettings {
    /// Where checkpoints go.
    pub checkpoint_dir: String,
    /// Shuffle partitions.
    pub shuffle_partitions: u32,
}

impl Default for SparkSettings {
    fn default() -> Self {
        Self {
            checkpoint_dir: "checkpoints".into(),
            shuffle_partitions: 8,
        }
    }
}

/// Kafka Connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectSettings {
    /// URL of the REST interface.
    pub url: String,
    /// LogMiner adapter: `logminer`, `logminer_unbuffered`, `xstream`, `olr`.
    pub adapter: String,
    /// `no_data` (history by our backfill) or `initial`.
    pub snapshot_mode: String,
}

impl Default for ConnectSettings {
    fn default() -> Self {
        Self {
            url: "http://localhost:8083".into(),
            adapter: "logminer".into(),
            snapshot_mode: "initial".into(),
        }
    }
}

/// Oracle, by reference: names of environment variables, never values of secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OracleSettings {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Database (CDB) or service name.
    pub dbname: String,
    /// Pluggable database; None without containers.
    pub pdb: Option<String>,
    /// Environment variable with the CDC user's name.
    pub user_env: String,
    /// Environment variable with the CDC user's password.
    pub password_env: String,
    /// Name of a connection reference in the user's own configuration.
    pub connect_ref: Option<String>,
    /// NLS settings that the sources assume, `NAME=value`.
    pub nls: Vec<String>,
}

impl Default for OracleSettings {
    fn default() -> Self {
        Self {
            host: "localhost".into(),
            port: 1521,
            dbname: "ORCLCDB".into(),
            pdb: Some("ORCLPDB1".into()),
            user_env: "ORACLE_CDC_USER".into(),
            password_env: "ORACLE_CDC_PASSWORD".into(),
            connect_ref: None,
            nls: Vec::new(),
        }
    }
}

/// The sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SinkSettings {
    /// Consumer group.
    pub group: String,
    /// Rejected records before it stops.
    pub max_errors: u64,
}

impl Default for SinkSettings {
    fn default() -> Self {
        Self {
            group: "ora2stream-sink".into(),
            max_errors: 100,
        }
    }
}
