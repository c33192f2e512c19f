//! Why code stops: an Oracle error that handlers may catch, or a refusal that nothing catches.

use crate::source::{FileId, Span};
use crate::value::func::Fault;

/// An error as Oracle raises it.
#[derive(Clone, Debug, PartialEq)]
pub struct OraError {
    /// SQLCODE: negative, 100 for NO_DATA_FOUND, 1 for an exception of the user's.
    pub code: i32,
    /// The user's exception.
    pub user: Option<usize>,
    /// SQLERRM.
    pub message: String,
    /// Where it was raised.
    pub span: Option<Span>,
}

/// What the interpreter cannot or will not run.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Why.
    pub why: Why,
    /// In words.
    pub message: String,
    /// Where.
    pub span: Option<Span>,
}

/// Kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// A construct that is not built.
    Unsupported,
    /// A name that leads nowhere.
    Missing,
    /// The fuel is used up.
    Fuel,
    /// Beyond the memory limit.
    Memory,
    /// Calls nested too deeply.
    Depth,
    /// The text could not be parsed.
    Syntax,
}

/// Why code stops.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// Raised.
    Raise(Box<OraError>),
    /// Refused.
    Refuse(Box<Refusal>),
    /// A row limit is reached: caught where the rows are counted.
    Enough,
}

/// Results of the interpreter.
pub type Res<T> = Result<T, Stop>;

impl Stop {
    /// An Oracle error by its positive number.
    pub fn ora(code: u32, message: impl Into<String>) -> Stop {
        let message = message.into();
        Stop::Raise(Box::new(OraError {
            code: if code == 1403 { 100 } else { -(code as i32) },
            user: None,
            message: format!("ORA-{code:05}: {message}"),
            span: None,
        }))
    }

    /// Something that is not built.
    pub fn unsupported(what: impl Into<String>) -> Stop {
        Stop::refuse(Why::Unsupported, what)
    }

    /// A name that leads nowhere.
    pub fn missing(what: impl Into<String>) -> Stop {
        Stop::refuse(Why::Missing, what)
    }

    /// A refusal.
    pub fn refuse(why: Why, message: impl Into<String>) -> Stop {
        Stop::Refuse(Box::new(Refusal {
            why,
            message: message.into(),
            span: None,
        }))
    }

    /// Adds the place, if there is none yet.
    pub fn at(mut self, span: Span) -> Stop {
        match &mut self {
            Stop::Raise(e) => e.span = e.span.filter(in_input).or(Some(span)),
            Stop::Refuse(r) => r.span = r.span.filter(in_input).or(Some(span)),
            Stop::Enough => {}
        }
        self
    }
}

/// The file of texts that are not part of the input: dynamic statements, a schedule's calls.
pub const NO_FILE: FileId = FileId(u32::MAX);

/// A place that can be shown.
pub fn in_input(span: &Span) -> bool {
    span.file != NO_FILE
}

impl From<Fault> for Stop {
    fn from(f: Fault) -> Stop {
        match f {
            Fault::Ora(code, message) => Stop::ora(code, message),
            Fault::Unsupported(what) => Stop::unsupported(what),
        }
    }
}

impl From<crate::value::NumberError> for Stop {
    fn from(e: crate::value::NumberError) -> Stop {
        Fault::from(e).into()
    }
}
