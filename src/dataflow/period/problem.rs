//! Why a period could not be removed.

use crate::dataflow::model::{Obstacle, ObstacleKind};
use crate::source::Span;

/// A parameter that stays: the query is not the same for all runs in a way that is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodProblem {
    /// Parameter.
    pub param: String,
    /// One sentence.
    pub message: String,
    /// What would unlock it.
    pub unlock: String,
    /// Where the parameter comes from, where known.
    pub span: Option<Span>,
}

impl PeriodProblem {
    pub(super) fn new(param: &str, message: impl Into<String>, unlock: &str) -> Self {
        Self {
            param: param.into(),
            message: message.into(),
            unlock: unlock.into(),
            span: None,
        }
    }

    /// As an obstacle of the statement at `span`.
    pub fn obstacle(&self, span: Span) -> Obstacle {
        Obstacle {
            kind: ObstacleKind::Period,
            message: self.message.clone(),
            spans: std::iter::once(span).chain(self.span).collect(),
            unlock: self.unlock.clone(),
        }
    }
}
