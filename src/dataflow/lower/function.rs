//! Functions of the input in place of their calls: assignments, conditions, lookups with their handlers and RETURN, as
//! one expression. What writes, loops or depends on more than its arguments and tables is refused.

use std::collections::BTreeSet;

use super::super::cx::obstacle;
use super::super::env::{Env, VarKey};
use super::super::keys::{fixed_columns, single_row};
use super::super::tree::{aliases, columns_of, filter, flat, visit_rel};
use super::{Low, Lowerer, Shared};
use crate::catalog::model::RoutineId;
use crate::catalog::resolve::{Frame, Scope};
use crate::dataflow::cx::Cx;
use crate::dataflow::model::{Obstacle, ObstacleKind};
use crate::rel::{AggFunction, CaseWhen, CmpOp, DataType, Literal, Named, NamedAgg, Rel, Scalar};
use crate::source::Span;
use crate::syntax::View;
use crate::syntax::ast::{
    Block, Decl, DeclKind, Expr, Handler, Id, IfArm, Into, List, Query, SetExpr, Stmt, StmtKind,
};

/// Longer functions are not put in place of their calls.
const MAX_STEPS: u32 = 64;

/// Statements that are still to come, the next one last, and what a missing row leads to.
type Rest = Vec<Id<Stmt>>;

/// A function that is being read.
pub(super) struct Body<'f, 'a> {
    cx: &'f Cx<'a>,
    view: View<'a>,
    scope: Scope,
    shared: &'f mut Shared,
    span: Span,
    name: String,
    steps: u32,
}

impl<'f, 'a> Body<'f, 'a> {
    pub fn new(cx: &'f Cx<'a>, id: RoutineId, span: Span, shared: &'f mut Shared) -> Self {
        let routine = cx.routine(id);
        Body {
            view: cx.resolver.view(routine.unit),
            scope: cx.resolver.routine_scope(id),
            name: routine.qualified(),
            cx,
            shared,
            span,
            steps: 0,
        }
    }

    fn refuse(&self, why: &str) -> Obstacle {
        obstacle(
            ObstacleKind::NotLowered,
            self.span,
            format!(
                "the function {} cannot be put in place of its call: {why}",
                self.name
            ),
            "write its expression in the statement, or reduce the function to lookups and RETURN",
        )
    }

    /// The value that a body returns, the parameters being in `env`.
    pub fn value(&mut self, body: Id<Block>, mut env: Env) -> Low<Scalar> {
        let block = self.view.ast()[body];
        self.declared(block.decls, &mut env)?;
        let missing = self.missing_row(block.handlers)?;
        let rest = reversed(block.body);
        self.returned(rest, env, missing)
    }

    fn lowerer<'l>(&'l mut self, env: &'l Env) -> Lowerer<'l, 'a> {
        Lowerer::new(self.cx, self.view, &self.scope, env, self.shared)
    }

    fn declared(&mut self, decls: List<Decl>, env: &mut Env) -> Low<()> {
        for d in decls.ids() {
            match self.view.ast()[d].kind {
                DeclKind::Var { default, .. } => {
                    let value = match default {
                        Some(value) => self.lowerer(env).expr(value)?,
                        None => Scalar::Literal(Literal::Null),
                    };
                    env.set(VarKey::Decl(self.scope.unit, d), value);
                }
                DeclKind::Pragma(_, _)
                | DeclKind::Exception(_)
                | DeclKind::Subtype { .. }
                | DeclKind::Record { .. }
                | DeclKind::Collection { .. } => {}
                DeclKind::Cursor { .. }
                | DeclKind::RefCursor(_, _)
                | DeclKind::CondCompile(_)
                | DeclKind::Routine(_)
                | DeclKind::OtherType(_)
                | DeclKind::Unparsed => return Err(self.refuse("it declares more than variables")),
            }
        }
        Ok(())
    }

    /// What is done where a lookup finds no row. Errors of other kinds stop the batch, or are assumed not to be.
    fn missing_row(&self, handlers: List<Handler>) -> Low<Option<List<Stmt>>> {
        let ast = self.view.ast();
        let list = ast.list(handlers);
        let named = |h: &&Handler, wanted: &str| {
            ast.list(h.names)
                .iter()
                .any(|n| ast.parts(n.parts).last() == Some(&wanted))
        };
        let found = list
            .iter()
            .find(|h| named(h, "NO_DATA_FOUND"))
            .or_else(|| list.iter().find(|h| named(h, "OTHERS")));
        Ok(found.map(|h| h.body))
    }

    /// The value of the first RETURN that is reached.
    fn returned(
        &mut self,
        mut rest: Rest,
        mut env: Env,
        missing: Option<List<Stmt>>,
    ) -> Low<Scalar> {
        while let Some(s) = rest.pop() {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return Err(self.refuse("it is too long"));
            }
            match self.view.ast()[s].kind {
                StmtKind::Return(Some(value)) => return self.lowerer(&env).expr(value),
                StmtKind::Null => {}
                StmtKind::Assign { target, value } => {
                    let value = self.lowerer(&env).expr(value)?;
                    let key = self.lowerer(&env).key_of(target);
                    let key = key.ok_or_else(|| self.refuse("it sets more than variables"))?;
                    env.forget(&key);
                    env.set(key, value);
                }
                StmtKind::If { arms, else_ } => {
                    return self.branches(arms, else_, &rest, &env, missing);
                }
                StmtKind::Select(query) => return self.lookup(query, rest, env, missing),
                StmtKind::Block(block) if rest.is_empty() => {
                    self.scope.enter(Frame::Block(block));
                    let out = self.value(block, env);
                    self.scope.leave();
                    return out;
                }
                StmtKind::Block(_)
                | StmtKind::Return(None)
                | StmtKind::Call(_)
                | StmtKind::Case { .. }
                | StmtKind::Loop(_)
                | StmtKind::While { .. }
                | StmtKind::ForRange { .. }
                | StmtKind::ForCursor { .. }
                | StmtKind::Forall { .. }
                | StmtKind::Exit { .. }
                | StmtKind::Continue { .. }
                | StmtKind::Goto(_)
                | StmtKind::Raise(_)
                | StmtKind::Open { .. }
                | StmtKind::Fetch { .. }
                | StmtKind::Close(_)
                | StmtKind::ExecuteImmediate { .. }
                | StmtKind::Dml(_)
                | StmtKind::LockTable(..)
                | StmtKind::Savepoint(_)
                | StmtKind::Set(_)
                | StmtKind::Commit
                | StmtKind::Rollback(_)
                | StmtKind::PipeRow(_)
                | StmtKind::CondCompile { .. }
                | StmtKind::Item(_)
                | StmtKind::Unparsed => {
                    return Err(self.refuse("it does more than look up, decide and return"));
                }
            }
        }
        Err(self.refuse("it may end without RETURN"))
    }

    fn branches(
        &mut self,
        arms: List<IfArm>,
        else_: Option<List<Stmt>>,
        rest: &Rest,
        env: &Env,
        missing: Option<List<Stmt>>,
    ) -> Low<Scalar> {
        let mut whens = Vec::new();
        for arm in self.view.ast().list(arms) {
            let when = self.lowerer(env).expr(arm.cond)?;
            let then = self.returned(before(arm.body, rest), env.clone(), missing)?;
            whens.push(CaseWhen { when, then });
        }
        let last = match else_ {
            Some(body) => before(body, rest),
            None => rest.clone(),
        };
        let otherwise = self.returned(last, env.clone(), missing)?;
        Ok(Scalar::Case {
            whens,
            otherwise: Some(Box::new(otherwise)),
        })
    }

    fn lookup(
        &mut self,
        query: Id<Query>,
        rest: Rest,
        env: Env,
        missing: Option<List<Stmt>>,
    ) -> Low<Scalar> {
        let (rel, one) = self.lowerer(&env).one_row_query(query)?;
        let into = self
            .into_of(query)
            .ok_or_else(|| self.refuse("it has a query without INTO"))?;
        let targets: Vec<Id<Expr>> = self.view.ast()[into].targets.ids().collect();
        let keys: Option<Vec<VarKey>> = targets
            .iter()
            .map(|t| self.lowerer(&env).key_of(*t))
            .collect();
        let keys = keys.ok_or_else(|| self.refuse("it reads into more than variables"))?;
        let (values, found) = match totals(&rel) {
            Some(values) if !one => (values, None),
            Some(_) | None => {
                if missing.is_none() {
                    self.shared.unhandled.push(self.span);
                }
                self.row(rel, missing.is_some())?
            }
        };
        if values.len() != keys.len() {
            return Err(self.refuse("it reads into a record"));
        }
        let mut with = env.clone();
        for (key, value) in keys.into_iter().zip(values) {
            with.forget(&key);
            with.set(key, value);
        }
        let then = self.returned(rest, with, missing)?;
        let (Some(found), Some(handler)) = (found, missing) else {
            return Ok(then);
        };
        let otherwise = self.returned(reversed(handler), env, None)?;
        Ok(Scalar::Case {
            whens: vec![CaseWhen { when: found, then }],
            otherwise: Some(Box::new(otherwise)),
        })
    }

    /// The values of the one row that is found, and the condition that there is one.
    fn row(&mut self, rel: Rel, tests: bool) -> Low<(Vec<Scalar>, Option<Scalar>)> {
        let refuse = self.refuse("its lookup groups, sorts or unites");
        let (from, conds, items) = flat(rel).map_err(|_| refuse)?;
        let rows = filter(from, Scalar::all(conds.clone()));
        let outer = outside(&rows);
        let fixed = fixed_columns(&conds, &outer);
        if !single_row(self.cx.catalog(), &rows, &fixed, &outer) {
            return Err(obstacle(
                ObstacleKind::OrderDependent,
                self.span,
                format!(
                    "the lookup of the function {} is not by a unique key that is known: it may find several rows",
                    self.name
                ),
                "compare all columns of a unique key, or declare the key that the lookup relies on",
            ));
        }
        let sure = items.iter().position(|n| super::value_never_null(&n.expr));
        let values: Vec<Scalar> = items
            .into_iter()
            .map(|n| aggregate(&rows, AggFunction::Max, Some(n.expr)))
            .collect();
        let found = tests.then(|| match sure {
            Some(i) => Scalar::IsNull {
                operand: Box::new(values[i].clone()),
                not: true,
            },
            None => Scalar::Compare {
                cmp: CmpOp::Gt,
                left: Box::new(aggregate(&rows, AggFunction::CountStar, None)),
                right: Box::new(Scalar::Literal(Literal::Number("0".into()))),
            },
        });
        Ok((values, found))
    }

    fn into_of(&self, query: Id<Query>) -> Option<Id<Into>> {
        let ast = self.view.ast();
        match ast[ast[query].body] {
            SetExpr::Select(s) => ast[s].into.filter(|i| !ast[*i].bulk),
            SetExpr::Query(q) => self.into_of(q),
            SetExpr::Chain { .. } | SetExpr::Values(_) | SetExpr::Unparsed(_) => None,
        }
    }
}

fn reversed(list: List<Stmt>) -> Rest {
    let mut all: Rest = list.ids().collect();
    all.reverse();
    all
}

/// A branch, then what follows it.
fn before(branch: List<Stmt>, rest: &Rest) -> Rest {
    let mut all = rest.clone();
    all.extend(reversed(branch));
    all
}

/// Outputs of an aggregate without groups: there is one row whatever there is.
fn totals(rel: &Rel) -> Option<Vec<Scalar>> {
    let Rel::Project { input, items } = rel else {
        return None;
    };
    matches!(&**input, Rel::Aggregate { keys, .. } if keys.is_empty()).then(|| {
        let one = |n: &Named| Scalar::ScalarQuery {
            query: Box::new(Rel::Project {
                input: input.clone(),
                items: vec![n.clone()],
            }),
        };
        items.iter().map(one).collect()
    })
}

/// Relations that a tree refers to and does not have.
fn outside(rel: &Rel) -> BTreeSet<String> {
    let own = aliases(rel);
    let mut out = BTreeSet::new();
    visit_rel(rel, &mut |s| {
        columns_of(s, &mut |c| {
            if !own.contains(&c.relation) {
                out.insert(c.relation.clone());
            }
        });
    });
    out
}

/// An aggregate over rows of which there is one at most: its value, or NULL.
fn aggregate(rows: &Rel, function: AggFunction, arg: Option<Scalar>) -> Scalar {
    let ty = arg
        .as_ref()
        .map_or_else(|| DataType::integer(19), Scalar::ty);
    let agg = NamedAgg {
        name: "V".into(),
        function,
        distinct: false,
        arg,
        separator: None,
        order_by: Vec::new(),
        ty: ty.clone(),
    };
    Scalar::ScalarQuery {
        query: Box::new(Rel::Project {
            input: Box::new(Rel::Aggregate {
                input: Box::new(rows.clone()),
                keys: Vec::new(),
                aggs: vec![agg],
            }),
            items: vec![Named {
                name: "V".into(),
                expr: Scalar::column("", "V", ty, true),
            }],
        }),
    }
}
