//! The direct operands of an expression. Exhaustive, so that a new kind of node is walked from the day it exists.

use crate::syntax::ast::{
    Ast, CallRest, Clause, Expr, ExprKind, Id, List, OrderItem, Query, Special, WindowSpec,
};

/// What a walk meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Expr(Id<Expr>),
    Query(Id<Query>),
}

/// Calls `f` on the direct operands and subqueries of an expression.
pub(super) fn operands(ast: &Ast, e: Id<Expr>, f: &mut dyn FnMut(Part)) {
    let mut one = |e: Id<Expr>| f(Part::Expr(e));
    match ast[e].kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number
        | ExprKind::String
        | ExprKind::DateLit
        | ExprKind::TimestampLit
        | ExprKind::IntervalLit
        | ExprKind::Name(_)
        | ExprKind::Bind(_)
        | ExprKind::Subst
        | ExprKind::Star(_)
        | ExprKind::Inquiry(_)
        | ExprKind::Type(_)
        | ExprKind::Unparsed => {}
        ExprKind::CursorAttr { base, .. } => one(base),
        ExprKind::Call {
            callee, args, rest, ..
        } => {
            let CallRest {
                within, keep, over, ..
            } = ast.rest(rest);
            one(callee);
            ast.list(args).iter().for_each(|a| one(a.value));
            sort_items(ast, within, &mut one);
            if let Some(k) = keep {
                sort_items(ast, ast[k].order_by, &mut one);
            }
            if let Some(w) = over {
                window(ast, w, &mut one);
            }
        }
        ExprKind::Field { base, .. } => one(base),
        ExprKind::Unary { operand, .. }
        | ExprKind::IsNull { operand, .. }
        | ExprKind::Is { operand, .. }
        | ExprKind::Cast { operand, .. }
        | ExprKind::Extract { operand, .. } => one(operand),
        ExprKind::Binary { left, right, .. }
        | ExprKind::Compare { left, right, .. }
        | ExprKind::Multiset { left, right, .. } => {
            one(left);
            one(right);
        }
        ExprKind::Chain { items, .. } | ExprKind::Row(items) => items.ids().for_each(one),
        ExprKind::Between {
            operand, low, high, ..
        } => [operand, low, high].into_iter().for_each(one),
        ExprKind::InList { operand, items, .. } => {
            one(operand);
            items.ids().for_each(one);
        }
        ExprKind::InQuery { operand, query, .. } => {
            one(operand);
            f(Part::Query(query));
        }
        ExprKind::Like {
            operand,
            pattern,
            escape,
            ..
        } => {
            one(operand);
            one(pattern);
            escape.into_iter().for_each(one);
        }
        ExprKind::Exists(q) | ExprKind::Subquery(q) | ExprKind::CursorQuery(q) => f(Part::Query(q)),
        ExprKind::Case {
            operand,
            whens,
            else_,
        } => {
            operand.into_iter().for_each(&mut one);
            for w in ast.list(whens) {
                one(w.when);
                one(w.then);
            }
            else_.into_iter().for_each(one);
        }
        ExprKind::Paren(e) | ExprKind::Outer(e) => one(e),
        ExprKind::AtTimeZone { operand, zone } => {
            one(operand);
            zone.into_iter().for_each(one);
        }
        ExprKind::Special(id) => {
            let Special { args, clauses, .. } = ast[id];
            ast.list(args).iter().for_each(|a| one(a.value));
            clause_parts(ast, clauses, f);
        }
    }
}

/// The expressions and queries of clauses.
fn clause_parts(ast: &Ast, list: List<Clause>, f: &mut dyn FnMut(Part)) {
    for c in ast.list(list) {
        c.values.ids().for_each(|e| f(Part::Expr(e)));
        sort_items(ast, c.order, &mut |e| f(Part::Expr(e)));
        c.query.into_iter().for_each(|q| f(Part::Query(q)));
        clause_parts(ast, c.inner, f);
    }
}

fn sort_items(ast: &Ast, items: List<OrderItem>, f: &mut dyn FnMut(Id<Expr>)) {
    ast.list(items).iter().for_each(|i| f(i.expr));
}

fn window(ast: &Ast, w: Id<WindowSpec>, f: &mut dyn FnMut(Id<Expr>)) {
    ast[w].partition_by.ids().for_each(&mut *f);
    sort_items(ast, ast[w].order_by, f);
}
