//! Assignments.

use super::Exec;
use crate::dataflow::cx::not_lowered;
use crate::dataflow::env::{VarKey, no_type};
use crate::rel::Scalar;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Id};

impl Exec<'_, '_> {
    pub(super) fn assign(&mut self, target: Id<Expr>, value: Id<Expr>) {
        let span = self.view.span(self.view.ast()[target].span);
        let Some(key) = self.lowerer().key_of(target) else {
            return;
        };
        // A whole record or collection: its fields are copied one by one.
        if let ExprKind::Name(_) = self.view.ast()[value].kind
            && let Some(from) = self.lowerer().key_of(value)
            && self.copy_fields(&from, &key)
        {
            return;
        }
        let result = self.lowerer().expr(value);
        let value = self.or_opaque(result, no_type("assigned"));
        self.set(span, key, value);
    }

    fn copy_fields(&mut self, from: &VarKey, to: &VarKey) -> bool {
        let copies: Vec<(VarKey, Scalar)> = self
            .env
            .vars
            .iter()
            .filter_map(|(k, v)| Some((rebase(k, from, to)?, v.clone())))
            .filter(|(k, _)| k != to)
            .collect();
        let any = !copies.is_empty();
        for (k, v) in copies {
            self.env.set(k, v);
        }
        any
    }

    /// A variable gets a value. A collection's element is the element of the row: any other index is not followed.
    pub(super) fn set(&mut self, _span: Span, key: VarKey, value: Scalar) {
        self.counted.remove(&key);
        self.env.set(key, value);
    }

    /// A variable whose value is not followed.
    pub(super) fn lose(&mut self, span: Span, key: VarKey, what: &str) {
        let why = not_lowered(span, what);
        let run_level = self.run_level();
        let value = self
            .done
            .shared
            .opaques
            .value(why, run_level, no_type("not followed"));
        self.env.forget(key.root());
        self.env.set(key, value);
    }
}

/// `from.a.b` as `to.a.b`.
fn rebase(key: &VarKey, from: &VarKey, to: &VarKey) -> Option<VarKey> {
    if key == from {
        return Some(to.clone());
    }
    match key {
        VarKey::Field(base, name) => Some(rebase(base, from, to)?.field(name)),
        VarKey::Decl(..)
        | VarKey::Param(..)
        | VarKey::CursorParam(..)
        | VarKey::Loop(..)
        | VarKey::Bind(_) => None,
    }
}
