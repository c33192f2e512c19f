//! The runtime: rows from sources, converted, into sinks, and compared. Sees plan specs, `rel` and `value` only.

pub mod convert;
pub mod row;
pub mod source;
pub mod verify;

pub mod deadletter;
pub mod engine;
pub mod error;
pub mod gate;
pub mod keys;
pub mod limits;
pub mod load;
pub mod manifest;
pub mod progress;
pub mod retry;
#[cfg(any(feature = "cassandra", feature = "kafka"))]
pub mod runtime;
pub mod secret;
pub mod sink;
pub mod spec;
pub mod stream;

/// An engine that a Cargo feature brings in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Name of the Cargo feature.
    pub feature: &'static str,
    /// What it talks to.
    pub system: &'static str,
    /// This build has it.
    pub present: bool,
}

/// All engines, present or not.
pub const ENGINES: &[Engine] = &[
    Engine {
        feature: "oracle",
        system: "Oracle Database",
        present: cfg!(feature = "oracle"),
    },
    Engine {
        feature: "kafka",
        system: "Apache Kafka",
        present: cfg!(feature = "kafka"),
    },
    Engine {
        feature: "cassandra",
        system: "Apache Cassandra",
        present: cfg!(feature = "cassandra"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_says_whether_it_is_there() {
        let present: Vec<_> = ENGINES.iter().filter(|e| e.present).collect();
        let features = [
            cfg!(feature = "oracle"),
            cfg!(feature = "kafka"),
            cfg!(feature = "cassandra"),
        ];
        assert_eq!(present.len(), features.iter().filter(|f| **f).count());
    }
}
