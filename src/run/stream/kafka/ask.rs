//! Questions to the brokers, and what their refusals mean.

use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::diag::Code;
use crate::plan::model::SinkSpec;
use crate::run::error::RunError;
use crate::run::retry::Backoff;

use super::ears::Ears;

/// A client that says nothing by itself: the answers to what it is asked are enough.
pub struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}

    fn error(&self, _: KafkaError, _: &str) {}
}

impl ConsumerContext for Quiet {}

/// How long the brokers may take to answer.
pub const ANSWER: Duration = Duration::from_secs(15);

/// What an error of the client means for a sink.
pub fn refusal(bootstrap: &str, what: &str, error: &KafkaError) -> RunError {
    let at = format!("Kafka at {bootstrap}: {what}");
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed) => {
            RunError::new(Code::LoginRefused, format!("{at}: {error}"))
                .help("check user_env, password_env or password_file of [kafka], and what they hold")
        }
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed,
        ) => RunError::new(Code::LoginRefused, format!("{at}: {error}")).help(
            "grant this user Read and Describe on the topics and the group, and Write on the dead-letter topic",
        ),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
            RunError::new(Code::TargetMissing, format!("{at}: the topic does not exist"))
                .help("create it first: kafka/topics.sh")
        }
        _ => RunError::new(Code::Unreachable, format!("{at}: {error}")).help(
            "check bootstrap, that the brokers are up, and security.protocol in [kafka.options]",
        ),
    }
}

/// Errors that end a run; others pass, and the client goes on by itself.
pub fn ends_the_run(error: &KafkaError) -> bool {
    if let KafkaError::MessageConsumptionFatal(_) = error {
        return true;
    }
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::Authentication
                | RDKafkaErrorCode::SaslAuthenticationFailed
                | RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::GroupAuthorizationFailed
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownTopic
        )
    )
}

/// Asks until the brokers have settled who leads what, at most for as long as an answer may take.
pub fn patiently<T>(mut ask: impl FnMut() -> Result<T, KafkaError>) -> Result<T, KafkaError> {
    let mut backoff = Backoff::new(ANSWER, 0);
    loop {
        let error = match ask() {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let passes = matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::NotLeaderForPartition
                    | RDKafkaErrorCode::LeaderNotAvailable
                    | RDKafkaErrorCode::CoordinatorNotAvailable
                    | RDKafkaErrorCode::CoordinatorLoadInProgress
                    | RDKafkaErrorCode::NotCoordinator
                    | RDKafkaErrorCode::BrokerTransportFailure
                    | RDKafkaErrorCode::OperationTimedOut
                    | RDKafkaErrorCode::RequestTimedOut
            )
        );
        match backoff.pause() {
            Some(pause) if passes => std::thread::sleep(pause),
            Some(_) | None => return Err(error),
        }
    }
}

/// The numbers of a topic's partitions; a topic that is not there is an error.
pub fn partitions<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topic: &str,
) -> Result<Vec<i32>, KafkaError> {
    let metadata = consumer.fetch_metadata(Some(topic), ANSWER)?;
    let unknown = KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition);
    let found = metadata.topics().iter().find(|t| t.name() == topic);
    let found = found.ok_or(unknown)?;
    match found.error() {
        Some(error) => Err(KafkaError::MetadataFetch(error.into())),
        None => Ok(found.partitions().iter().map(|p| p.id()).collect()),
    }
}

/// Sees that all topics of a specification are there; how many partitions each has.
pub fn topics(
    consumer: &BaseConsumer<Ears>,
    spec: &SinkSpec,
    topics: &[String],
) -> Result<Vec<Vec<i32>>, RunError> {
    let mut all = Vec::new();
    for topic in topics.iter().chain([&spec.dead_letter]) {
        let found = partitions(consumer, topic).map_err(|e| {
            let (login, words) = causes(consumer);
            let what = match words {
                Some(words) => format!("topic {topic}: {words}"),
                None => format!("topic {topic}"),
            };
            refusal(&spec.bootstrap, &what, &login.unwrap_or(e))
        })?;
        all.push(found);
    }
    all.pop(); // the dead letters' are not read
    Ok(all)
}

/// Why the brokers do not answer, as far as the client says: a refused login, and its last words.
fn causes(consumer: &BaseConsumer<Ears>) -> (Option<KafkaError>, Option<String>) {
    let mut login = None;
    for _ in 0..10 {
        if let Some(Err(error)) = consumer.poll(Duration::from_millis(100)) {
            login = login.or(Some(error).filter(ends_the_run));
        }
        let heard = consumer.context().heard().error.take();
        login = login.or(heard.filter(ends_the_run));
        if login.is_some() {
            break;
        }
    }
    (login, consumer.context().last_words())
}
