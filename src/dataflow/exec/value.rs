//! Assignments.

use super::Exec;
use crate::catalog::resolve::{OPEN, ValueType};
use crate::dataflow::cx::not_lowered;
use crate::dataflow::env::{VarKey, no_type};
use crate::dataflow::lower::{RunValue, assign};
use crate::rel::{DataType, Named, Scalar};
use crate::source::Span;
use crate::syntax::ast::{DeclKind, Expr, ExprKind, Id, Into, TypeRef};

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
        let result = self.expr(value);
        let value = self.or_opaque(result, no_type("assigned"));
        let ty = self.declared(target);
        let value = self.as_declared(span, value, &ty);
        self.set(span, key, value);
    }

    /// The declared type of a variable, field or element; unknown inside dynamic texts.
    pub(super) fn declared(&self, target: Id<Expr>) -> DataType {
        let own = self.cx.resolver.view(self.scope.unit).unit;
        if std::ptr::eq(self.view.unit, own) {
            self.cx.resolver.expr_type(&self.scope, &[], target)
        } else {
            no_type("dynamic text")
        }
    }

    /// Types of the targets of an INTO.
    pub(super) fn target_types(&self, into: Id<Into>) -> Vec<DataType> {
        let targets = self.view.ast()[into].targets;
        targets.ids().map(|t| self.declared(t)).collect()
    }

    /// Outputs called as the fields of the one record, or collection of records, that they are read into: INTO goes by
    /// position.
    pub(super) fn as_fields(&self, into: Id<Into>, items: Vec<Named>) -> Vec<Named> {
        let mut targets = self.view.ast()[into].targets.ids();
        let (Some(one), None) = (targets.next(), targets.next()) else {
            return items;
        };
        let Some(fields) = self.fields_of(one) else {
            return items;
        };
        // Sort keys that are no outputs come last.
        let added = |n: &Named| n.name.starts_with("ORDER_KEY");
        let fits = items.len() >= fields.len() && items[fields.len()..].iter().all(added);
        if !fits {
            return items;
        }
        let mut names = fields.into_iter();
        items
            .into_iter()
            .map(|n| Named {
                name: names.next().unwrap_or(n.name),
                ..n
            })
            .collect()
    }

    /// Fields of a record or of the records of a collection, in their order; None where not all are known.
    fn fields_of(&self, target: Id<Expr>) -> Option<Vec<String>> {
        let own = self.cx.resolver.view(self.scope.unit).unit;
        if !std::ptr::eq(self.view.unit, own) {
            return None;
        }
        let fields = match self.value_type(target) {
            ValueType::Record(fields) => fields,
            ValueType::Collection(of) => match *of {
                ValueType::Record(fields) => fields,
                ValueType::Scalar(_) | ValueType::Collection(_) | ValueType::RefCursor => {
                    return None;
                }
            },
            ValueType::Scalar(_) | ValueType::RefCursor => return None,
        };
        let names: Vec<String> = fields.into_iter().map(|(n, _)| n).collect();
        (!names.iter().any(|n| n == OPEN)).then_some(names)
    }

    fn value_type(&self, e: Id<Expr>) -> ValueType {
        let ast = self.view.ast();
        match ast[e].kind {
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                self.cx.resolver.type_of_name(&self.scope, &parts)
            }
            ExprKind::Call { callee, .. } => match self.value_type(callee) {
                ValueType::Collection(of) => *of,
                other @ (ValueType::Scalar(_) | ValueType::Record(_) | ValueType::RefCursor) => {
                    other
                }
            },
            ExprKind::Field { base, name } => self.value_type(base).field(ast.ident(name)),
            ExprKind::Paren(inner) => self.value_type(inner),
            _ => ValueType::unknown("no variable"),
        }
    }

    /// The type of a declaration.
    pub(super) fn declared_type(&self, ty: Id<TypeRef>) -> DataType {
        let own = self.cx.resolver.view(self.scope.unit).unit;
        if std::ptr::eq(self.view.unit, own) {
            self.cx.resolver.data_type(&self.scope, ty)
        } else {
            no_type("dynamic text")
        }
    }

    /// A value as a variable of a type keeps it: rounded, padded, converted.
    pub(super) fn as_declared(&mut self, span: Span, value: Scalar, ty: &DataType) -> Scalar {
        let unknown = matches!(value.ty(), DataType::Unknown { .. });
        if unknown || *ty == DataType::Boolean {
            return value;
        }
        let result = assign(span, value, ty);
        self.or_opaque(result, ty.clone())
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
        if any {
            // What the copied record does not have is not what this one had.
            let whole = self.env.get(from).cloned();
            self.env.forget(to);
            if let Some(whole) = whole {
                self.env.set(to.clone(), whole);
            }
        }
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

    /// After a loop that fetched into it a variable holds the last row.
    pub(super) fn lose_last(&mut self, span: Span, key: VarKey) {
        let why = super::loops::last_row(span);
        let level = self.loops.is_empty();
        let value = self
            .done
            .shared
            .opaques
            .value(why, level, no_type("fetched"));
        self.env.forget(&key);
        self.env.set(key, value);
    }

    /// The placeholder of a value of the run, called as its variable.
    pub(super) fn run_value(&mut self, key: &VarKey, value: RunValue) -> Scalar {
        let name = self.name_of(key);
        self.done.shared.run_value(&name, value)
    }

    fn name_of(&self, key: &VarKey) -> String {
        match key {
            VarKey::Decl(unit, decl) => {
                let view = self.cx.resolver.view(*unit);
                match view.ast()[*decl].kind {
                    DeclKind::Var { name, .. } => view.ast().ident(name).to_string(),
                    _ => "VALUE".into(),
                }
            }
            VarKey::Field(base, name) => format!("{}.{name}", self.name_of(base)),
            VarKey::Param(..) | VarKey::CursorParam(..) | VarKey::Loop(..) | VarKey::Bind(_) => {
                "VALUE".into()
            }
        }
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
        self.env.forget(&key);
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
