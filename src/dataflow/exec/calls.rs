//! Calls of routines, and of Oracle's packages that do something outside the database.

use std::collections::BTreeMap;

use super::{CallSite, Exec, Exit};
use crate::catalog::model::RoutineId;
use crate::catalog::resolve::Callee;
use crate::dataflow::cx::obstacle;
use crate::dataflow::lower::{Low, untyped};
use crate::dataflow::model::{Fact, Obstacle, ObstacleKind};
use crate::rel::Scalar;
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr, ExprKind, Id, List};

/// Packages with effects outside the transaction.
const EFFECTS: &[&str] = &[
    "UTL_MAIL",
    "UTL_SMTP",
    "UTL_HTTP",
    "UTL_TCP",
    "DBMS_LOCK",
    "DBMS_PIPE",
    "DBMS_ALERT",
    "DBMS_AQ",
    "DBMS_JOB",
    "DBMS_SCHEDULER",
    "DBMS_LOB",
    "UTL_SMTP",
    "APEX_MAIL",
];

impl Exec<'_, '_> {
    pub(super) fn call_statement(&mut self, span: Span, call: Id<Expr>) -> Exit {
        let callee = self.callee(call);
        self.lose_out_arguments(span, call);
        match callee {
            Callee::Routine(id) => self.known_call(span, id, call),
            Callee::Builtin(name) => return self.builtin_call(span, &name),
            // `tab.DELETE`, `tab.EXTEND`, a constructor.
            Callee::Value(_) => {}
            Callee::Unknown(reason) => {
                let name = self.call_name(call);
                self.done.unknown_calls.push((name.clone(), span));
                self.block_loop(obstacle(
                    ObstacleKind::UnknownCallee,
                    span,
                    format!("`{name}` is called once a row and not known: {reason}"),
                    "add its source to the input",
                ));
            }
        }
        Exit::Falls
    }

    fn callee(&self, call: Id<Expr>) -> Callee {
        let ast = self.view.ast();
        let (callee, args) = match ast[call].kind {
            ExprKind::Call { callee, args, .. } => (callee, args.len()),
            _ => (call, 0),
        };
        let own_unit = std::ptr::eq(self.view.unit, self.cx.resolver.view(self.scope.unit).unit);
        match ast[callee].kind {
            _ if own_unit => self.cx.resolver.call(&self.scope, call),
            ExprKind::Name(n) => self.cx.resolver.callee_by_name(
                &self.scope,
                &ast.parts(ast[n].parts),
                &untyped(args),
                &[],
            ),
            _ => Callee::Unknown("it is called through an expression".into()),
        }
    }

    fn call_name(&self, call: Id<Expr>) -> String {
        let ast = self.view.ast();
        match ast[call].kind {
            ExprKind::Call { callee, .. } => self.call_name(callee),
            ExprKind::Name(n) => ast.parts(ast[n].parts).join("."),
            _ => self.view.text(ast[call].span).chars().take(60).collect(),
        }
    }

    fn known_call(&mut self, span: Span, id: RoutineId, call: Id<Expr>) {
        let mut args = BTreeMap::new();
        let mut fields = Vec::new();
        for (index, value) in self.bound_arguments(id, call) {
            if let Some(record) = self.lowerer().key_of(value) {
                let inside = self.env.vars.iter();
                let inside = inside.filter_map(|(k, v)| Some((k.path_from(&record)?, v)));
                let named = inside.filter(|(path, _)| !path.is_empty());
                fields.extend(named.map(|(path, v)| (index, path, v.clone())));
            }
            let result: Low<Scalar> = self.expr(value);
            if let Ok(value) = result {
                args.insert(index, value);
            }
        }
        let in_rows = !self.loops.is_empty() || self.rows.is_some();
        let site = CallSite {
            callee: id,
            span,
            args,
            guards: self.guards.clone(),
            in_rows,
            rows: self.rows.clone().filter(|_| self.blocked.is_none()),
            fields,
            in_handler: self.in_handler,
        };
        self.done.calls.push(site);
    }

    /// Arguments by the position of the parameter.
    fn bound_arguments(&self, id: RoutineId, call: Id<Expr>) -> Vec<(usize, Id<Expr>)> {
        let ast = self.view.ast();
        let ExprKind::Call { args, .. } = ast[call].kind else {
            return Vec::new();
        };
        let params = &self.cx.routine(id).params;
        let position = |(i, a): (usize, &Arg)| match a.name {
            Some(n) => params
                .iter()
                .position(|p| p.name == ast.ident(n))
                .map(|at| (at, a.value)),
            None => Some((i, a.value)),
        };
        ast.list(args)
            .iter()
            .enumerate()
            .filter_map(position)
            .collect()
    }

    /// Arguments with whether the call may change them.
    pub(super) fn call_arguments(&self, call: Id<Expr>) -> Vec<(Id<Expr>, bool)> {
        let ast = self.view.ast();
        let ExprKind::Call { args, .. } = ast[call].kind else {
            return Vec::new();
        };
        match self.callee(call) {
            Callee::Routine(id) => {
                let params = &self.cx.routine(id).params;
                let out = |i: usize| params.get(i).is_some_and(|p| p.out);
                self.bound_arguments(id, call)
                    .into_iter()
                    .map(|(i, v)| (v, out(i)))
                    .collect()
            }
            Callee::Builtin(_) => self.plain(args, false),
            Callee::Value(_) => Vec::new(),
            Callee::Unknown(_) => self.plain(args, true),
        }
    }

    fn plain(&self, args: List<Arg>, out: bool) -> Vec<(Id<Expr>, bool)> {
        self.view
            .ast()
            .list(args)
            .iter()
            .map(|a| (a.value, out))
            .collect()
    }

    fn lose_out_arguments(&mut self, span: Span, call: Id<Expr>) {
        for (value, out) in self.call_arguments(call) {
            let is_variable = matches!(
                self.view.ast()[value].kind,
                ExprKind::Name(_) | ExprKind::Field { .. }
            );
            if out
                && is_variable
                && let Some(key) = self.lowerer().key_of(value)
            {
                self.lose(span, key, "a value that a called routine gives back");
            }
        }
    }

    fn builtin_call(&mut self, span: Span, name: &str) -> Exit {
        let package = name.split('.').next().unwrap_or(name);
        if name == "RAISE_APPLICATION_ERROR" {
            return self.stops(span);
        }
        if package == "DBMS_SQL" {
            self.block_loop(opaque(span));
            self.done.unknown_calls.push((name.into(), span));
        } else if package == "UTL_FILE" {
            self.done.side_effects.push((name.into(), span));
            if !self.loops.is_empty() {
                let note = "the lines of the file are written by a consumer of the result topic, once for every row".to_string();
                self.assume_fact(Fact::FilesOut, note, span);
            }
        } else if EFFECTS.contains(&package) {
            self.done.side_effects.push((name.into(), span));
            self.block_loop(effect(span, name));
        }
        Exit::Falls
    }
}

/// Something outside the database happens once a row.
pub(crate) fn effect(span: Span, name: &str) -> Obstacle {
    obstacle(
        ObstacleKind::SideEffect,
        span,
        format!("{name} has an effect outside the database for every row"),
        "give the effect to a consumer of its own, which reads the result topic",
    )
}

fn opaque(span: Span) -> Obstacle {
    obstacle(
        ObstacleKind::OpaqueDynamicSql,
        span,
        "DBMS_SQL runs a text that is not known",
        "write the statement as static text",
    )
}
