//! What a schedule binds to parameters: run dates, constants, or nothing that is understood.

use crate::catalog::model::{Binding, Bound, Catalog, RoutineId};
use crate::catalog::resolve::{NameMeaning, Resolver};
use crate::syntax::View;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Id};

/// Functions whose value depends on their arguments alone.
const PURE: &[&str] = &[
    "ADD_MONTHS",
    "CEIL",
    "COALESCE",
    "DECODE",
    "EXTRACT",
    "FLOOR",
    "GREATEST",
    "LAST_DAY",
    "LEAST",
    "LPAD",
    "LTRIM",
    "MOD",
    "MONTHS_BETWEEN",
    "NEXT_DAY",
    "NUMTODSINTERVAL",
    "NUMTOYMINTERVAL",
    "NVL",
    "ROUND",
    "RTRIM",
    "SUBSTR",
    "TO_CHAR",
    "TO_DATE",
    "TO_DSINTERVAL",
    "TO_NUMBER",
    "TO_TIMESTAMP",
    "TO_YMINTERVAL",
    "TRIM",
    "TRUNC",
    "UPPER",
];

const NOW: &[&str] = &[
    "CURRENT_DATE",
    "CURRENT_TIMESTAMP",
    "LOCALTIMESTAMP",
    "SYSDATE",
    "SYSTIMESTAMP",
];

/// How a value comes about; the greater is the less known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Constant,
    RunDate,
    Unknown,
}

/// Reads values of one tree. `names` says what a variable, constant or substitution (`&1`) of the surroundings is
/// bound to; None for names that it does not know.
pub(super) struct Values<'a> {
    pub view: View<'a>,
    pub names: &'a dyn Fn(&[&str]) -> Option<Bound>,
}

impl Values<'_> {
    /// What an expression is bound to.
    pub(super) fn bound(&self, expr: Id<Expr>) -> Bound {
        let mut replaced = Vec::new();
        let class = self.class(expr, 0, &mut replaced);
        let text = self.spliced(expr, replaced);
        match class {
            Class::Constant => Bound::Constant(text),
            Class::RunDate => Bound::RunDate(text),
            Class::Unknown => Bound::Unknown(text),
        }
    }

    /// The text with names replaced by what they are bound to.
    fn spliced(&self, expr: Id<Expr>, mut replaced: Vec<(Id<Expr>, String)>) -> String {
        let whole = self.view.span(self.view.ast()[expr].span);
        let mut text = self.view.text(self.view.ast()[expr].span).to_string();
        replaced.sort_by_key(|(e, _)| std::cmp::Reverse(self.view.ast()[*e].span.start));
        for (e, by) in replaced {
            let span = self.view.span(self.view.ast()[e].span);
            let range = (span.start - whole.start) as usize..(span.end - whole.start) as usize;
            let alone = range == (0..text.len());
            text.replace_range(range, &if alone { by } else { format!("({by})") });
        }
        text
    }

    fn class(&self, expr: Id<Expr>, depth: u32, replaced: &mut Vec<(Id<Expr>, String)>) -> Class {
        if depth > 64 {
            return Class::Unknown;
        }
        let ast = self.view.ast();
        let mut all = |items: &[Id<Expr>]| {
            let classes = items.iter().map(|e| self.class(*e, depth + 1, replaced));
            classes.max().unwrap_or(Class::Constant)
        };
        match ast[expr].kind {
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number
            | ExprKind::DateLit
            | ExprKind::TimestampLit
            | ExprKind::IntervalLit => Class::Constant,
            ExprKind::String => self.substitutions(&self.view.string(expr).unwrap_or_default()),
            ExprKind::Subst => self.substitutions(self.view.text(ast[expr].span)),
            ExprKind::Name(n) => self.name(expr, &ast.parts(ast[n].parts), replaced),
            ExprKind::Call { callee, args, .. } => {
                let ExprKind::Name(n) = ast[callee].kind else {
                    return Class::Unknown;
                };
                match ast.parts(ast[n].parts).as_slice() {
                    [f] if PURE.contains(f) => {
                        let args: Vec<_> = ast.list(args).iter().map(|a| a.value).collect();
                        all(&args)
                    }
                    _ => Class::Unknown,
                }
            }
            ExprKind::Special(id) if PURE.contains(&ast.ident(ast[id].name)) => {
                let args = ast[id].args;
                let args: Vec<_> = ast.list(args).iter().map(|a| a.value).collect();
                all(&args)
            }
            ExprKind::Unary { operand: e, .. }
            | ExprKind::Paren(e)
            | ExprKind::Cast { operand: e, .. }
            | ExprKind::Extract { operand: e, .. }
            | ExprKind::AtTimeZone {
                operand: e,
                zone: None,
            } => all(&[e]),
            ExprKind::AtTimeZone {
                operand,
                zone: Some(z),
            } => all(&[operand, z]),
            ExprKind::Binary {
                op: BinaryOp::Sub | BinaryOp::Div | BinaryOp::Power | BinaryOp::Mod,
                left,
                right,
            } => all(&[left, right]),
            ExprKind::Chain { items, .. } => all(&items.ids().collect::<Vec<_>>()),
            _ => Class::Unknown,
        }
    }

    fn name(
        &self,
        expr: Id<Expr>,
        parts: &[&str],
        replaced: &mut Vec<(Id<Expr>, String)>,
    ) -> Class {
        if let [one] = parts
            && NOW.contains(one)
        {
            return Class::RunDate;
        }
        let (class, text) = match (self.names)(parts) {
            Some(Bound::Constant(t)) => (Class::Constant, t),
            Some(Bound::RunDate(t)) => (Class::RunDate, t),
            Some(Bound::Unknown(_)) | None => return Class::Unknown,
        };
        replaced.push((expr, text));
        class
    }

    /// A text with SQL*Plus or shell variables in it is as known as they are.
    fn substitutions(&self, text: &str) -> Class {
        let names = substitution_names(text);
        let classes = names.iter().map(|n| match (self.names)(&[n.as_str()]) {
            Some(Bound::Constant(_)) => Class::Constant,
            Some(Bound::RunDate(_)) => Class::RunDate,
            Some(Bound::Unknown(_)) | None => Class::Unknown,
        });
        classes.max().unwrap_or(Class::Constant)
    }
}

/// `&1`, `&&DAY` in a text, each as `&NAME`.
fn substitution_names(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        rest = rest[at..].trim_start_matches('&');
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        if end > 0 {
            out.push(format!("&{}", rest[..end].to_uppercase()));
        }
        rest = &rest[end..];
    }
    out
}

/// What a routine's parameters are bound to by a call: arguments by position or name, else their defaults.
pub(super) fn bindings(
    resolver: &Resolver<'_>,
    id: RoutineId,
    positional: &[Bound],
    named: &[(String, Bound)],
) -> Vec<Binding> {
    let routine = &resolver.catalog.routines[id.0 as usize];
    let mut out = Vec::new();
    for (i, p) in routine.params.iter().enumerate() {
        let by_name = || named.iter().find(|(n, _)| *n == p.name).map(|(_, b)| b);
        let given = positional.get(i).or_else(by_name).cloned();
        let value = match (given, p.default) {
            (Some(value), _) => value,
            (None, Some(default)) => default_value(resolver, id, default),
            (None, None) if p.out => continue,
            (None, None) => Bound::Unknown(NO_VALUE.to_string()),
        };
        out.push(Binding {
            param: p.name.clone(),
            value,
        });
    }
    out
}

/// The text of a parameter that nothing binds.
pub(super) const NO_VALUE: &str = "no schedule binds it and it has no default";

/// A default, with constants of packages followed.
fn default_value(resolver: &Resolver<'_>, id: RoutineId, default: Id<Expr>) -> Bound {
    let mut scope = resolver.routine_scope(id);
    scope.frames.clear();
    let names =
        |parts: &[&str]| constant(resolver, &resolver.lookup_name(&scope, parts).meaning, 0);
    Values {
        view: resolver.view(scope.unit),
        names: &names,
    }
    .bound(default)
}

/// The value of a package constant.
fn constant(resolver: &Resolver<'_>, meaning: &NameMeaning, depth: u32) -> Option<Bound> {
    let NameMeaning::Variable(v) = meaning else {
        return None;
    };
    let value = v.default.filter(|_| v.constant && depth < 16)?;
    let scope = resolver.variable_scope(v);
    let names = |parts: &[&str]| {
        constant(
            resolver,
            &resolver.lookup_name(&scope, parts).meaning,
            depth + 1,
        )
    };
    let values = Values {
        view: resolver.view(v.unit),
        names: &names,
    };
    Some(values.bound(value))
}

/// Names of parameters that an entry leaves without a value.
pub(super) fn unbound(catalog: &Catalog, job: usize) -> Vec<String> {
    let entries = catalog.jobs[job].entries.iter();
    let bindings = entries.flat_map(|e| &e.bindings);
    bindings
        .filter(|b| b.value == Bound::Unknown(NO_VALUE.to_string()))
        .map(|b| b.param.clone())
        .collect()
}
