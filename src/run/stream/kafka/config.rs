//! Settings of the consumer and of the producer of dead letters. A specification may add to them, may not hold a
//! secret, and may not change what exactness rests on.

use rdkafka::ClientConfig;

use crate::diag::Code;
use crate::plan::model::SinkSpec;
use crate::run::error::RunError;
use crate::run::sink::kafka::config::login;

/// What the sink relies on.
const FIXED: &[&str] = &[
    "bootstrap.servers",
    "group.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "isolation.level",
    "partition.assignment.strategy",
    "group.protocol",
];

fn check(key: &str) -> Result<(), RunError> {
    let secret = ["password", "secret", "sasl.username", "jaas", "ssl.key.pem"];
    let message = if secret.iter().any(|s| key.contains(s)) {
        format!("[kafka.options] {key} would put a secret into the specification")
    } else if FIXED.contains(&key) {
        format!("[kafka.options] {key} is set by the sink itself")
    } else {
        return Ok(());
    };
    Err(RunError::new(Code::SpecInvalid, message)
        .help("use user_env with password_env or password_file; leave out what the sink sets"))
}

/// What consumer and producer have in common.
pub fn common(spec: &SinkSpec) -> Result<ClientConfig, RunError> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &spec.bootstrap)
        .set("client.id", "ora2stream-sink")
        .set("reconnect.backoff.max.ms", "2000");
    for (key, value) in &spec.kafka.options {
        check(key)?;
        config.set(key, value);
    }
    let access = &spec.kafka;
    login(
        &mut config,
        (access.user_env.as_deref(), access.password_env.as_deref()),
        access.password_file.as_deref(),
    )?;
    Ok(config)
}

/// A member of `group`; `often`: how far it is, is asked often.
pub fn consumer(spec: &SinkSpec, group: &str, often: bool) -> Result<ClientConfig, RunError> {
    let mut config = common(spec)?;
    let prefetch = (spec.limits.memory_mb.max(8) / 4 * 1024).to_string();
    let fetch = (spec.limits.memory_mb.max(8) / 8) << 20;
    let whole = spec.max_record.max(1 << 20) + (1 << 20);
    config
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("isolation.level", "read_committed")
        // Partitions that stay are read on while others move.
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("queued.min.messages", "20000")
        .set("queued.max.messages.kbytes", prefetch)
        .set("fetch.max.bytes", u64::from(fetch).max(whole).to_string())
        .set("fetch.wait.max.ms", "100")
        .set("statistics.interval.ms", if often { "250" } else { "2000" });
    Ok(config)
}

/// Writes dead letters.
pub fn producer(spec: &SinkSpec) -> Result<ClientConfig, RunError> {
    let mut config = common(spec)?;
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "5")
        .set("compression.type", "lz4")
        .set("message.max.bytes", "100000000")
        .set("queue.buffering.max.kbytes", "16384")
        .set(
            "message.timeout.ms",
            (u64::from(spec.limits.retry_seconds.max(1)) * 1000).to_string(),
        );
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(options: &str) -> SinkSpec {
        let text = format!(
            "version = 1\nbootstrap = \"b:1\"\ngroup = \"g\"\ndead_letter = \"d\"\nmax_errors = 1\ncontact_points = []\n\
             datacenter = \"d\"\nkeyspace = \"k\"\ntables = []\n[kafka.options]\n{options}\n"
        );
        toml::from_str(&text).expect("valid")
    }

    #[test]
    fn what_exactness_rests_on_cannot_be_changed() {
        let config = consumer(&spec("\"fetch.min.bytes\" = \"5\""), "g", false).expect("fine");
        assert_eq!(config.get("enable.auto.commit"), Some("false"));
        assert_eq!(config.get("isolation.level"), Some("read_committed"));
        assert_eq!(config.get("fetch.min.bytes"), Some("5"));
        for key in [
            "isolation.level",
            "group.id",
            "sasl.password",
            "ssl.key.password",
        ] {
            let error = consumer(&spec(&format!("\"{key}\" = \"x\"")), "g", false).expect_err(key);
            assert_eq!(error.code, Code::SpecInvalid);
        }
    }
}
