//! Settings of the producer: idempotent, all replicas, keys to partitions as the Java client does it. A specification
//! may add to them, and may not hold a secret.

use rdkafka::ClientConfig;

use crate::diag::Code;
use crate::plan::model::{KafkaTarget, Limits};
use crate::run::error::RunError;
use crate::run::secret;

/// What a load relies on: options may not say otherwise.
const FIXED: &[(&str, &str)] = &[
    ("enable.idempotence", "true"),
    ("acks", "all"),
    // The Java client's default: a change that Debezium writes later goes to the same partition.
    ("partitioner", "murmur2_random"),
];

/// The producer's settings.
pub fn producer(target: &KafkaTarget, limits: &Limits) -> Result<ClientConfig, RunError> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &target.bootstrap)
        .set("client.id", "ora2stream-backfill")
        .set("linger.ms", "25")
        .set("compression.type", "lz4")
        .set("queue.buffering.max.messages", "100000")
        .set(
            "queue.buffering.max.kbytes",
            (limits.memory_mb.max(1) * 512).to_string(),
        )
        .set(
            "message.timeout.ms",
            (u64::from(limits.retry_seconds.max(1)) * 1000).to_string(),
        );
    for (key, value) in &target.options {
        check(key)?;
        config.set(key, value);
    }
    for (key, value) in FIXED {
        config.set(*key, *value);
    }
    login(
        &mut config,
        (target.user_env.as_deref(), target.password_env.as_deref()),
        target.password_file.as_deref(),
    )?;
    Ok(config)
}

/// Sets user and password, from where the specification says they are.
pub(in crate::run) fn login(
    config: &mut ClientConfig,
    (user_env, password_env): (Option<&str>, Option<&str>),
    password_file: Option<&str>,
) -> Result<(), RunError> {
    if let Some((user, password)) = secret::login("Kafka", user_env, password_env, password_file)? {
        config
            .set("sasl.username", user.reveal())
            .set("sasl.password", password.reveal());
    }
    Ok(())
}

fn check(key: &str) -> Result<(), RunError> {
    let secret = ["password", "secret", "sasl.username", "jaas", "ssl.key.pem"];
    let message = if secret.iter().any(|s| key.contains(s)) {
        format!("[kafka.options] {key} would put a secret into the specification")
    } else if FIXED.iter().any(|(fixed, _)| *fixed == key) || key == "bootstrap.servers" {
        format!("[kafka.options] {key} is set by the load itself")
    } else {
        return Ok(());
    };
    Err(RunError::new(Code::SpecInvalid, message)
        .help("use user_env with password_env or password_file; leave out what the load sets"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(options: &[(&str, &str)]) -> KafkaTarget {
        let options: String = options
            .iter()
            .map(|(k, v)| format!("\"{k}\" = \"{v}\"\n"))
            .collect();
        let text = format!("bootstrap = \"b:1\"\ntopic = \"t\"\n[options]\n{options}");
        toml::from_str(&text).expect("valid")
    }

    #[test]
    fn what_exactness_rests_on_cannot_be_changed() {
        let config = producer(&target(&[("linger.ms", "40")]), &Limits::default()).expect("fine");
        assert_eq!(config.get("acks"), Some("all"));
        assert_eq!(config.get("enable.idempotence"), Some("true"));
        assert_eq!(config.get("partitioner"), Some("murmur2_random"));
        assert_eq!(config.get("linger.ms"), Some("40"));
        assert!(producer(&target(&[("acks", "1")]), &Limits::default()).is_err());
    }

    #[test]
    fn secrets_in_options_are_refused() {
        for key in [
            "sasl.password",
            "ssl.key.password",
            "sasl.oauthbearer.client.secret",
        ] {
            let error = producer(&target(&[(key, "x")]), &Limits::default()).expect_err(key);
            assert_eq!(error.code, Code::SpecInvalid);
        }
    }
}
