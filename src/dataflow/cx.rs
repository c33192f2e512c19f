//! What every part of the analysis is given: texts, trees, catalogue, resolver.

use crate::catalog::model::{Catalog, Routine, RoutineId};
use crate::catalog::resolve::Resolver;
use crate::dataflow::model::{Obstacle, ObstacleKind};
use crate::source::Span;

/// Nesting of queries, blocks and inlined code beyond which nothing is lowered.
pub(super) const MAX_DEPTH: u32 = 200;

/// The input of the analysis.
pub(super) struct Cx<'a> {
    pub resolver: Resolver<'a>,
}

impl<'a> Cx<'a> {
    pub fn catalog(&self) -> &'a Catalog {
        self.resolver.catalog
    }

    pub fn routine(&self, id: RoutineId) -> &'a Routine {
        &self.resolver.catalog.routines[id.0 as usize]
    }
}

/// An obstacle with one place.
pub(super) fn obstacle(
    kind: ObstacleKind,
    span: Span,
    message: impl Into<String>,
    unlock: impl Into<String>,
) -> Obstacle {
    Obstacle {
        kind,
        message: message.into(),
        spans: vec![span],
        unlock: unlock.into(),
    }
}

/// A construct that has no lowering yet.
pub(super) fn not_lowered(span: Span, what: impl std::fmt::Display) -> Obstacle {
    obstacle(
        ObstacleKind::NotLowered,
        span,
        format!("{what} is not translated yet"),
        "write it by joins, filters and groups, or decide it by hand",
    )
}

/// A construct that no engine runs as a continuous query.
pub(super) fn unsupported(span: Span, what: impl std::fmt::Display) -> Obstacle {
    obstacle(
        ObstacleKind::Unsupported,
        span,
        format!("{what} has no counterpart in a continuous query"),
        "rewrite the query without it, or keep it as a scheduled micro-batch",
    )
}

/// A name that means nothing known.
pub(super) fn unknown_name(span: Span, reason: impl Into<String>) -> Obstacle {
    obstacle(
        ObstacleKind::UnknownName,
        span,
        reason,
        "add the missing DDL, package or dictionary export to the input",
    )
}

/// Text that the parser did not understand.
pub(super) fn unparsed(span: Span) -> Obstacle {
    obstacle(
        ObstacleKind::Unparsed,
        span,
        "the text is not understood by the parser",
        "see the syntax error at this place",
    )
}

/// Nesting beyond the limit.
pub(super) fn too_deep(span: Span) -> Obstacle {
    obstacle(
        ObstacleKind::NotLowered,
        span,
        "the construct is nested too deeply",
        "take parts of it out into views",
    )
}
