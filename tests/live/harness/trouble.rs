//! The two ways in which a live test does not pass: something is missing on this machine,
//! or something is wrong.

use std::fmt;

/// Result of anything in the live tests.
pub type Live<T> = Result<T, Trouble>;

/// Why a live test did not pass.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// A tool or a download that this machine does not have.
    Missing(String),
    /// A defect, or an engine that refuses.
    Failed(String),
}

/// A defect.
pub fn failed(text: impl Into<String>) -> Trouble {
    Trouble::Failed(text.into())
}

/// A tool or download that is not there.
pub fn missing(text: impl Into<String>) -> Trouble {
    Trouble::Missing(text.into())
}

/// Fails with `text` unless `condition` holds.
pub fn ensure(condition: bool, text: impl FnOnce() -> String) -> Live<()> {
    if condition {
        Ok(())
    } else {
        Err(failed(text()))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "missing: {what}"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(e: std::io::Error) -> Self {
        failed(format!("input/output: {e}"))
    }
}

impl From<rdkafka::error::KafkaError> for Trouble {
    fn from(e: rdkafka::error::KafkaError) -> Self {
        failed(format!("Kafka client: {e}"))
    }
}

impl From<ureq::Error> for Trouble {
    fn from(e: ureq::Error) -> Self {
        failed(format!("HTTP: {e}"))
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(e: serde_json::Error) -> Self {
        failed(format!("JSON: {e}"))
    }
}
