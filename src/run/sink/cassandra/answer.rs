//! What an error of the driver means for a load: try again, blame a row, or stop.

use scylla::errors::{
    ConnectionError, ConnectionPoolError, ConnectionSetupRequestErrorKind, DbError, ExecutionError,
    MetadataError, NewSessionError, PrepareError, RequestAttemptError,
};

use crate::diag::Code;
use crate::run::error::RunError;

/// What to do about a request that failed.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server is away, slow or overloaded: the request may have been carried out, and may be sent again.
    Again(String),
    /// The server will not take this: a row in it is to blame.
    Refused(String),
    /// No request will succeed.
    Stop(RunError),
}

/// Judges an error.
pub fn judge(error: &ExecutionError) -> Verdict {
    match error {
        ExecutionError::RequestTimeout(_)
        | ExecutionError::ConnectionPoolError(_)
        | ExecutionError::EmptyPlan
        | ExecutionError::MetadataError(_)
        | ExecutionError::SchemaAgreementError(_) => Verdict::Again(error.to_string()),
        ExecutionError::LastAttemptError(RequestAttemptError::DbError(db, text)) => {
            database(db, text)
        }
        ExecutionError::LastAttemptError(
            RequestAttemptError::SerializationError(_)
            | RequestAttemptError::CqlRequestSerialization(_),
        ) => Verdict::Refused(error.to_string()),
        ExecutionError::LastAttemptError(_) => Verdict::Again(error.to_string()),
        _ => Verdict::Stop(stop(error.to_string())),
    }
}

fn stop(message: String) -> RunError {
    RunError::new(Code::WriteFailed, message)
        .help("put the cause right, then `ora2stream backfill resume` goes on")
}

fn database(error: &DbError, text: &str) -> Verdict {
    let missing = ["unconfigured table", "does not exist", "Unknown keyspace"];
    match error {
        DbError::Unavailable { .. }
        | DbError::Overloaded
        | DbError::IsBootstrapping
        | DbError::WriteTimeout { .. }
        | DbError::ReadTimeout { .. }
        | DbError::TruncateError
        | DbError::RateLimitReached { .. }
        | DbError::Unprepared { .. } => Verdict::Again(format!("{error}: {text}")),
        DbError::Unauthorized => Verdict::Stop(
            RunError::new(Code::LoginRefused, text.to_owned())
                .help("grant MODIFY and SELECT on the table to this user"),
        ),
        DbError::Invalid if missing.iter().any(|m| text.contains(m)) => Verdict::Stop(
            RunError::new(Code::TargetMissing, text.to_owned())
                .help("the table went away while it was loaded; create it and `backfill resume`"),
        ),
        DbError::Invalid
        | DbError::ProtocolError
        | DbError::ServerError
        | DbError::WriteFailure { .. } => Verdict::Refused(text.to_owned()),
        _ => Verdict::Stop(stop(format!("{error}: {text}"))),
    }
}

/// Why no session came about.
pub fn session(points: &str, error: &NewSessionError) -> RunError {
    let refused = login_refused(error);
    let code = if refused {
        Code::LoginRefused
    } else {
        Code::Unreachable
    };
    let message = format!("Cassandra at {points}: {}", root(error));
    let help = if refused {
        "check user_env, password_env or password_file of [cassandra], and what they hold"
    } else {
        "check contact_points, that the server is up (`nodetool status`), and TLS (ca_file)"
    };
    RunError::new(code, message).help(help)
}

/// The innermost words of an error.
fn root(error: &dyn std::error::Error) -> String {
    let mut at = error;
    while let Some(cause) = at.source() {
        at = cause;
    }
    at.to_string()
}

fn login_refused(error: &NewSessionError) -> bool {
    let NewSessionError::MetadataError(MetadataError::ConnectionPoolError(
        ConnectionPoolError::Broken {
            last_connection_error: ConnectionError::ConnectionSetupRequestError(setup),
        },
    )) = error
    else {
        return false;
    };
    matches!(
        setup.error,
        ConnectionSetupRequestErrorKind::MissingAuthentication
            | ConnectionSetupRequestErrorKind::DbError(DbError::AuthenticationError, _)
            | ConnectionSetupRequestErrorKind::DbError(DbError::Unauthorized, _)
    )
}

/// Why a statement could not be prepared.
pub fn prepare(table: &str, error: &PrepareError) -> RunError {
    if let PrepareError::AllAttemptsFailed {
        first_attempt: RequestAttemptError::DbError(DbError::Unauthorized, text),
    } = error
    {
        return RunError::new(Code::LoginRefused, text.clone())
            .help("grant MODIFY and SELECT on the table to this user");
    }
    RunError::new(Code::TargetChanged, format!("{table}: {error}"))
        .help("apply the generated schema.cql, or generate the specification again from the plan")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn of(db: DbError, text: &str) -> Verdict {
        judge(&ExecutionError::LastAttemptError(
            RequestAttemptError::DbError(db, text.into()),
        ))
    }

    #[test]
    fn a_time_out_is_tried_again_and_a_bad_row_is_blamed() {
        let timeout = ExecutionError::RequestTimeout(Duration::from_secs(1));
        assert!(matches!(judge(&timeout), Verdict::Again(_)));
        assert!(matches!(of(DbError::Overloaded, ""), Verdict::Again(_)));
        let refused = Verdict::Refused("Key may not be empty".into());
        assert_eq!(of(DbError::Invalid, "Key may not be empty"), refused);
    }

    #[test]
    fn a_table_that_went_away_and_a_missing_grant_stop_the_load() {
        let gone = of(DbError::Invalid, "unconfigured table t");
        assert!(matches!(gone, Verdict::Stop(e) if e.code == Code::TargetMissing));
        let grant = of(DbError::Unauthorized, "User app has no MODIFY permission");
        assert!(matches!(grant, Verdict::Stop(e) if e.code == Code::LoginRefused));
    }
}
