//! Secrets: read from the environment or a file when they are needed, held in a type that does not print.

use std::path::Path;

use super::error::RunError;
use crate::diag::Code;

/// A secret; neither `Debug` nor an error shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// The value of an environment variable.
pub fn from_env(what: &str, variable: &str) -> Result<Secret, RunError> {
    match std::env::var(variable) {
        Ok(text) if !text.is_empty() => Ok(Secret(text)),
        Ok(_) | Err(_) => Err(RunError::new(
            Code::SecretMissing,
            format!("{what}: the environment variable {variable} is not set"),
        )
        .help(format!("set {variable}; it is never written anywhere"))),
    }
}

/// The first line of a file.
pub fn from_file(what: &str, file: &str) -> Result<Secret, RunError> {
    let text = std::fs::read_to_string(Path::new(file)).map_err(|e| {
        RunError::new(Code::SecretMissing, format!("{what}: {file}: {e}"))
            .help("write the secret into that file, readable by this user only")
    })?;
    Ok(Secret(text.lines().next().unwrap_or_default().to_owned()))
}

/// User and password, where the specification names both; None where it names neither.
pub fn login(
    what: &str,
    user_env: Option<&str>,
    password_env: Option<&str>,
    password_file: Option<&str>,
) -> Result<Option<(Secret, Secret)>, RunError> {
    let Some(user_env) = user_env else {
        return Ok(None);
    };
    let user = from_env(&format!("{what} user"), user_env)?;
    let what = format!("{what} password");
    let password = match (password_env, password_file) {
        (Some(variable), _) => from_env(&what, variable)?,
        (None, Some(file)) => from_file(&what, file)?,
        (None, None) => {
            return Err(RunError::new(
                Code::SecretMissing,
                format!("{what}: the specification names a user but no password"),
            )
            .help("add password_env or password_file beside user_env"));
        }
    };
    Ok(Some((user, password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret("hunter2".into());
        assert_eq!(format!("{secret:?}"), "***");
        assert_eq!(secret.reveal(), "hunter2");
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = from_env("Cassandra password", "ORA2STREAM_NOT_SET").expect_err("not set");
        assert_eq!(error.code, Code::SecretMissing);
        assert!(error.message.contains("ORA2STREAM_NOT_SET"));
        assert_eq!(login("Kafka", None, None, None), Ok(None));
    }
}
