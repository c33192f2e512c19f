//! IF and CASE: the same rows go different ways; values that differ become CASE expressions.

use std::collections::BTreeSet;

use super::{Exec, Exit};
use crate::dataflow::env::{Env, VarKey, no_type};
use crate::dataflow::lower::{compare, not_true};
use crate::rel::{CaseWhen, CmpOp, Literal, Scalar};
use crate::source::Span;
use crate::syntax::ast::{CaseArm, Expr, Id, IfArm, List, Stmt};

/// One way through a branching statement.
pub(super) struct Way {
    /// Condition; None for ELSE.
    pub cond: Option<Scalar>,
    pub env: Env,
    pub exit: Exit,
}

impl Exec<'_, '_> {
    pub(super) fn if_(&mut self, arms: List<IfArm>, else_: Option<List<Stmt>>) -> Exit {
        if let ([arm], None) = (self.view.ast().list(arms), else_)
            && self.insert_where_nothing_updated(arm.cond, arm.body)
        {
            return Exit::Falls;
        }
        let mut branches = Vec::new();
        for arm in self.view.ast().list(arms) {
            if self.never(arm.cond) {
                continue;
            }
            let span = self.view.span(self.view.ast()[arm.cond].span);
            branches.push((Some((self.condition(arm.cond), span)), arm.body));
        }
        let end = branches.len();
        branches.extend(else_.map(|body| (None, body)));
        self.ways(branches, end)
    }

    pub(super) fn case(
        &mut self,
        operand: Option<Id<Expr>>,
        arms: List<CaseArm>,
        else_: Option<List<Stmt>>,
    ) -> Exit {
        let operand = operand.map(|o| {
            let result = self.expr(o);
            self.or_opaque(result, no_type("CASE operand"))
        });
        let mut branches = Vec::new();
        for arm in self.view.ast().list(arms) {
            let mut any = Vec::new();
            let mut at = None;
            for when in arm.whens.ids() {
                let span = self.view.span(self.view.ast()[when].span);
                at = Some(span);
                any.push(self.case_condition(span, operand.clone(), when));
            }
            let Some(span) = at else { continue };
            let cond = if any.len() == 1 {
                any.remove(0)
            } else {
                Scalar::Or { items: any }
            };
            branches.push((Some((cond, span)), arm.body));
        }
        let end = branches.len();
        branches.extend(else_.map(|body| (None, body)));
        self.ways(branches, end)
    }

    fn case_condition(&mut self, span: Span, operand: Option<Scalar>, when: Id<Expr>) -> Scalar {
        let tested = self.expr(when);
        let result = match operand {
            Some(o) => tested.and_then(|t| compare(span, CmpOp::Eq, o, t)),
            None => tested,
        };
        self.or_opaque(result, crate::rel::DataType::Boolean)
    }

    /// Runs every branch on the rows for which it is the first whose condition holds.
    fn ways(
        &mut self,
        branches: Vec<(Option<(Scalar, Span)>, List<Stmt>)>,
        conditions: usize,
    ) -> Exit {
        let before = self.env.clone();
        let mark = self.mark();
        let mut ways = Vec::new();
        let mut not: Vec<(Scalar, Span)> = Vec::new();
        for (cond, body) in branches {
            for (n, span) in &not {
                self.assume(n.clone(), *span);
            }
            if let Some((c, span)) = &cond {
                self.assume(c.clone(), *span);
                not.push((not_true(c.clone()), *span));
            }
            self.env = before.clone();
            let exit = self.stmts(body);
            let env = std::mem::take(&mut self.env);
            self.back_to(mark);
            ways.push(Way {
                cond: cond.map(|(c, _)| c),
                env,
                exit,
            });
        }
        if ways.len() == conditions {
            ways.push(Way {
                cond: None,
                env: before,
                exit: Exit::Falls,
            });
        }
        self.join_ways(ways, not.first().map(|(_, s)| *s))
    }

    /// After branching: the values of the ways that go on, for the rows that go on.
    pub(super) fn join_ways(&mut self, ways: Vec<Way>, span: Option<Span>) -> Exit {
        let exits: Vec<Exit> = ways.iter().map(|w| w.exit).collect();
        if exits.iter().all(|e| *e != Exit::Falls) {
            self.env = ways.into_iter().next().map(|w| w.env).unwrap_or_default();
            return if exits.contains(&Exit::Leaves) {
                Exit::Leaves
            } else if exits.contains(&Exit::Continues) {
                Exit::Continues
            } else {
                Exit::Raises
            };
        }
        for way in ways.iter().filter(|w| w.exit == Exit::Continues) {
            self.left_for_next(way.env.clone());
        }
        // A row on which the batch stops is left out; a run that stops is assumed not to be.
        let rows = self.rows.is_some() || !self.counted.is_empty();
        let leaves = |e: &Exit| match e {
            Exit::Falls => false,
            Exit::Continues | Exit::Leaves => true,
            Exit::Raises => rows,
        };
        if exits.iter().any(leaves)
            && let Some(span) = span
        {
            self.assume_falling(&ways, span);
        }
        self.env = merge(ways.into_iter().filter(|w| w.exit == Exit::Falls).collect());
        Exit::Falls
    }

    /// Only rows of ways that fall through go on.
    fn assume_falling(&mut self, ways: &[Way], span: Span) {
        let mut before: Vec<Scalar> = Vec::new();
        let mut excluded = Vec::new();
        for way in ways {
            let here = before.iter().cloned().chain(way.cond.clone());
            let raises = way.exit == Exit::Raises && self.rows.is_none() && self.counted.is_empty();
            if way.exit != Exit::Falls
                && !raises
                && let Some(all) = Scalar::all(here)
            {
                excluded.push(not_true(all));
            }
            before.extend(way.cond.clone().map(not_true));
        }
        for e in excluded {
            self.assume(e, span);
        }
    }
}

/// One environment of several: a variable that differs becomes a CASE over the conditions.
fn merge(mut ways: Vec<Way>) -> Env {
    if ways.len() == 1 {
        return ways.remove(0).env;
    }
    let keys: BTreeSet<VarKey> = ways
        .iter()
        .flat_map(|w| w.env.vars.keys().cloned())
        .collect();
    let mut out = Env::default();
    for key in keys {
        let values: Vec<Option<&Scalar>> = ways.iter().map(|w| w.env.get(&key)).collect();
        let Some(Some(first)) = values.first() else {
            continue;
        };
        if values.iter().any(Option::is_none) {
            continue;
        }
        if values.iter().all(|v| *v == Some(first)) {
            out.set(key, (*first).clone());
            continue;
        }
        let mut whens = Vec::new();
        let mut otherwise = None;
        for (way, value) in ways.iter().zip(&values) {
            let then = value.cloned().unwrap_or(Scalar::Literal(Literal::Null));
            match &way.cond {
                Some(when) => whens.push(CaseWhen {
                    when: when.clone(),
                    then,
                }),
                None => otherwise = Some(Box::new(then)),
            }
        }
        out.set(key, Scalar::Case { whens, otherwise });
    }
    out
}
