//! Arguments of calls to Oracle's scheduler, as constants: literals, concatenations, variables that keep their value.

use crate::catalog::resolve::{NameMeaning, Owner, Resolver, Scope};
use crate::catalog::walk::{Node, Place, Visitor, Walk};
use crate::syntax::ast::{ChainOp, Expr, ExprKind, Id, StmtKind};

/// The arguments of one call.
pub(super) struct Args<'r, 'a> {
    pub resolver: &'r Resolver<'a>,
    pub scope: Scope,
    pub positional: Vec<Id<Expr>>,
    pub named: Vec<(String, Id<Expr>)>,
}

impl<'r, 'a> Args<'r, 'a> {
    /// The arguments of a call expression.
    pub(super) fn of(resolver: &'r Resolver<'a>, scope: Scope, call: Id<Expr>) -> Self {
        let ast = resolver.view(scope.unit).ast();
        let args = match ast[call].kind {
            ExprKind::Call { args, .. } => ast.list(args),
            _ => &[],
        };
        let named =
            |a: &crate::syntax::ast::Arg| a.name.map(|n| (ast.ident(n).to_string(), a.value));
        Args {
            positional: args
                .iter()
                .filter(|a| a.name.is_none())
                .map(|a| a.value)
                .collect(),
            named: args.iter().filter_map(named).collect(),
            resolver,
            scope,
        }
    }

    /// An argument by name, or by its position in `order`.
    pub(super) fn get(&self, name: &str, order: &[&str]) -> Option<Id<Expr>> {
        let by_name = self.named.iter().find(|(n, _)| n == name).map(|(_, e)| *e);
        let position = || order.iter().position(|o| *o == name);
        by_name.or_else(|| self.positional.get(position()?).copied())
    }

    /// Its constant text.
    pub(super) fn text(&self, name: &str, order: &[&str]) -> Option<String> {
        text(self.resolver, &self.scope, self.get(name, order)?, 0)
    }

    /// Its text as written.
    pub(super) fn written(&self, name: &str, order: &[&str]) -> Option<String> {
        let view = self.resolver.view(self.scope.unit);
        Some(
            view.text(view.ast()[self.get(name, order)?].span)
                .to_string(),
        )
    }

    /// TRUE or FALSE.
    pub(super) fn flag(&self, name: &str, order: &[&str]) -> Option<bool> {
        match self.resolver.view(self.scope.unit).ast()[self.get(name, order)?].kind {
            ExprKind::Bool(b) => Some(b),
            _ => None,
        }
    }
}

/// The constant text of an expression.
pub(super) fn text(
    resolver: &Resolver<'_>,
    scope: &Scope,
    expr: Id<Expr>,
    depth: u32,
) -> Option<String> {
    if depth > 64 {
        return None;
    }
    let view = resolver.view(scope.unit);
    let ast = view.ast();
    match ast[expr].kind {
        ExprKind::String => view.string(expr),
        ExprKind::Number => view.number(expr).map(String::from),
        ExprKind::Null => Some(String::new()),
        ExprKind::Paren(e) => text(resolver, scope, e, depth + 1),
        ExprKind::Chain {
            op: ChainOp::Concat,
            items,
        } => items
            .ids()
            .map(|e| text(resolver, scope, e, depth + 1))
            .collect(),
        ExprKind::Call { callee, args, .. } => {
            let ExprKind::Name(n) = ast[callee].kind else {
                return None;
            };
            let args = ast.list(args);
            if ast.parts(ast[n].parts) != ["CHR"] {
                return None;
            }
            let code: u32 = view.number(args.first()?.value)?.parse().ok()?;
            char::from_u32(code).map(String::from)
        }
        ExprKind::Name(n) => {
            let parts = ast.parts(ast[n].parts);
            if parts == ["USER"] {
                return Some(scope.schema.clone());
            }
            variable(resolver, scope, &parts, depth)
        }
        _ => None,
    }
}

/// A constant, or a variable that nothing assigns.
fn variable(resolver: &Resolver<'_>, scope: &Scope, parts: &[&str], depth: u32) -> Option<String> {
    let NameMeaning::Variable(v) = resolver.lookup_name(scope, parts).meaning else {
        return None;
    };
    let value = v.default?;
    if !v.constant
        && (matches!(v.owner, Owner::Package(..)) || is_assigned(resolver, scope, &v.name))
    {
        return None;
    }
    text(resolver, &resolver.variable_scope(&v), value, depth + 1)
}

fn is_assigned(resolver: &Resolver<'_>, scope: &Scope, name: &str) -> bool {
    let Some(id) = scope.routine else {
        return true;
    };
    let routine = &resolver.catalog.routines[id.0 as usize];
    let Some(body) = routine.body else {
        return true;
    };
    let mut finder = Assigned(name, false);
    Walk::new(resolver.view(routine.unit), scope.clone(), &mut finder).block(body);
    finder.1
}

struct Assigned<'n>(&'n str, bool);

impl Visitor for Assigned<'_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        let ast = at.view.ast();
        if let Node::Stmt(s) = node
            && let StmtKind::Assign { target, .. } = ast[s].kind
            && let ExprKind::Name(n) = ast[target].kind
        {
            self.1 |= ast.parts(ast[n].parts).first() == Some(&self.0);
        }
        // What a variable is passed to as OUT is not looked at: names of jobs are not made that way.
        if let Node::Expr(_) = node {
            return false;
        }
        if let Node::Select(_, s) = node
            && let Some(into) = ast[s].into
        {
            let is_target = |e: &Expr| match e.kind {
                ExprKind::Name(n) => ast.parts(ast[n].parts).first() == Some(&self.0),
                _ => false,
            };
            self.1 |= ast.list(ast[into].targets).iter().any(is_target);
        }
        true
    }
}
