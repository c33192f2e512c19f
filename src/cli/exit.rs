//! How a run ends: exit codes, and the one error type of the command line.

use crate::diag::{Code, Diagnostic, Severity};
use crate::source::SourceMap;

/// Exit codes, as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done and complete.
    Done = 0,
    /// Done, but something that the user asked to fail on was found.
    FailOn = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Input unusable.
    Input = 3,
    /// A system outside is missing or refuses.
    Outside = 4,
    /// Output that cannot be written.
    Output = 5,
    /// A defect of ours.
    Defect = 70,
    /// Stopped by Ctrl-C, in order.
    Interrupted = 130,
    /// Stopped by a request to end, in order.
    Terminated = 143,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// The exit code that an error with this diagnostic code leads to.
    pub fn of(code: Code) -> Exit {
        match code {
            Code::Unreadable
            | Code::HugeFile
            | Code::BinaryFile
            | Code::DoubtfulEncoding
            | Code::NoSuchPath
            | Code::NothingToRead
            | Code::TooManyErrors
            | Code::SourceUnreadable => Exit::Input,
            Code::OutputFailed | Code::StateFailed => Exit::Output,
            Code::GateFailed | Code::EmitUnsupported | Code::Defect => Exit::Defect,
            Code::EngineMissing
            | Code::Unreachable
            | Code::LoginRefused
            | Code::TargetMissing
            | Code::TargetChanged
            | Code::WriteFailed
            | Code::RecordsLost
            | Code::OracleClientMissing
            | Code::SnapshotTooOld
            | Code::OracleLost
            | Code::OracleRefused => Exit::Outside,
            Code::Stopped => Exit::Interrupted,
            Code::RuleUnknownFact
            | Code::RuleInvalid
            | Code::ConfigInvalid
            | Code::ForeignOutput
            | Code::PlanVersion
            | Code::PlanInvalid
            | Code::UnknownCode
            | Code::OutputEdited
            | Code::OutputLocked
            | Code::SpecInvalid
            | Code::SpecVersion
            | Code::LoadLocked
            | Code::LoadForeign
            | Code::LoadDamaged
            | Code::LoadStarted
            | Code::TooOld
            | Code::WriteTimeUnsafe
            | Code::SpecMismatch
            | Code::SourceChanged
            | Code::SecretMissing
            | Code::ConversionUnknown => Exit::Usage,
            Code::Syntax
            | Code::Unterminated
            | Code::TooDeep
            | Code::MissingEnd
            | Code::Wrapped
            | Code::IncludeMissing
            | Code::NotSql
            | Code::UnitTooLarge
            | Code::FileChanged
            | Code::DuplicateObject
            | Code::UnknownTable
            | Code::MissingSpec
            | Code::ScheduleTarget
            | Code::DictionaryRow
            | Code::ParameterUnbound
            | Code::Contradiction
            | Code::CyclicDefinition
            | Code::ScheduleUnread
            | Code::NoSchedule
            | Code::ScheduleFileMissing
            | Code::SchemaAssumed
            | Code::TableInferred
            | Code::Residual
            | Code::Assumption
            | Code::StateGrows
            | Code::BehavesDifferently
            | Code::HiddenErrors
            | Code::RowsRejected
            | Code::NotDurable
            | Code::Mismatch
            | Code::ProveUnsupported
            | Code::ProveMissing
            | Code::ProveFuel
            | Code::ProveMemory
            | Code::ProveDepth
            | Code::ProveSyntax
            | Code::Refuted => Exit::FailOn,
        }
    }
}

/// Why a command ended early: findings for the user, and the exit code.
#[derive(Debug, thiserror::Error)]
#[error("{}", .findings.first().map_or("stopped", |f| f.message.as_str()))]
pub struct Failure {
    /// Exit code.
    pub exit: Exit,
    /// What to show; the first decided the exit code.
    pub findings: Vec<Diagnostic>,
    /// Texts that the findings point into.
    pub texts: Box<SourceMap>,
    /// The reader of our standard output went away: nothing to say, and nothing wrong.
    pub reader_gone: bool,
}

impl Failure {
    /// A failure with one finding; the exit code follows from the code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self::of(vec![Diagnostic::new(code, message)], SourceMap::default())
    }

    /// A failure with findings in texts.
    pub fn of(findings: Vec<Diagnostic>, texts: SourceMap) -> Self {
        let worst = findings.iter().find(|f| f.severity == Severity::Error);
        let exit = worst.or(findings.first());
        Self {
            exit: exit.map_or(Exit::Defect, |f| Exit::of(f.code)),
            findings,
            texts: Box::new(texts),
            reader_gone: false,
        }
    }

    /// Standard output cannot be written.
    pub fn stdout(error: &std::io::Error) -> Self {
        let gone = error.kind() == std::io::ErrorKind::BrokenPipe;
        let message = format!("standard output cannot be written: {error}");
        let mut failure = Self::new(Code::OutputFailed, message);
        if gone {
            failure.exit = Exit::Done;
            failure.reader_gone = true;
        }
        failure
    }

    /// Adds advice to the first finding.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.findings.first_mut() {
            first.help = Some(text.into());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_follow_the_published_table() {
        assert_eq!(Failure::new(Code::NoSuchPath, "x").exit as u8, 3);
        assert_eq!(Failure::new(Code::ConfigInvalid, "x").exit as u8, 2);
        assert_eq!(Failure::new(Code::OutputFailed, "x").exit as u8, 5);
        assert_eq!(Failure::new(Code::GateFailed, "x").exit as u8, 70);
        assert_eq!(Failure::new(Code::EngineMissing, "x").exit as u8, 4);
    }
}
