//! In which surroundings a routine runs: what callers and schedules bind to its parameters, under which conditions,
//! once a run or once a row.

use std::collections::{BTreeMap, BTreeSet};

use super::cx::{Cx, not_lowered};
use super::env::{Env, OPAQUE, VarKey};
use super::exec::{CallSite, Rows};
use super::lower::Shared;
use super::period::{BatchParam, as_param, of_run_date, param};
use super::raw::Guard;
use super::tree::{any, visit, visit_rel};
use crate::catalog::model::{Bound, Catalog, RoutineId};
use crate::rel::{ArithOp, CaseWhen, CmpOp, DataType, Literal, PeriodUnit, Rel, Scalar};

/// More constants than these are not told apart.
const MAX_CONSTANTS: usize = 16;

/// More conditions than these are not handed on from call to call.
const MAX_GUARDS: usize = 16;

/// Larger values are not handed on: along a ring of calls `n - 1` grows without end.
const MAX_SIZE: usize = 64;

/// What is bound to a parameter by one caller.
#[derive(Clone, Debug, PartialEq)]
enum Origin {
    Schedule(Bound),
    Value(Scalar),
    Unknown,
}

/// The surroundings of a routine.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    origins: Vec<Vec<Origin>>,
    /// It is called once a row somewhere.
    pub in_rows: bool,
    /// Conditions on the run around every call.
    pub guards: Vec<Guard>,
    unguarded: bool,
    called: bool,
    /// Number of calls.
    sites: usize,
    /// The one call, where it is made once a row.
    row_site: Option<Box<RowSite>>,
    /// Some call is no part of a handler.
    ordinary: bool,
}

/// A call that is made once a row of a loop: the routine's statements run over the loop's rows.
#[derive(Clone, Debug)]
pub(super) struct RowSite {
    pub caller: RoutineId,
    pub rows: Rows,
    /// Aliases that the caller has given.
    pub aliases: BTreeSet<String>,
    args: BTreeMap<usize, Scalar>,
    fields: Vec<(usize, Vec<String>, Scalar)>,
}

impl RowSite {
    fn new(site: &CallSite, caller: RoutineId, shared: &Shared) -> Option<Self> {
        let mut rows = site.rows.clone()?;
        let known = settled_rel(&rows.from) && rows.conds.iter().all(settled);
        // What the loop alone brought is the caller's business.
        rows.own = None;
        rows.order = Vec::new();
        rows.base = rows.conds.len();
        let args = site.args.iter().filter(|(_, v)| settled(v));
        let fields = site.fields.iter().filter(|(_, _, v)| settled(v));
        known.then(|| RowSite {
            caller,
            rows,
            aliases: shared.aliases.clone(),
            args: args.map(|(i, v)| (*i, v.clone())).collect(),
            fields: fields.cloned().collect(),
        })
    }

    /// Gives the parameters their values; one without a value that is known is not a parameter of the run either.
    pub fn bind(&self, cx: &Cx<'_>, id: RoutineId, env: &mut Env, shared: &mut Shared) {
        let routine = cx.routine(id);
        for (i, p) in routine.params.iter().enumerate() {
            let what = format!(
                "the value that {} is called with for {}",
                routine.name, p.name
            );
            let why = not_lowered(routine.span, what);
            let value = shared.opaques.value(why, false, p.ty.clone());
            env.set(VarKey::Param(id, i), value);
        }
        for (i, value) in &self.args {
            env.set(VarKey::Param(id, *i), value.clone());
        }
        for (i, path, value) in &self.fields {
            let key = path.iter().fold(VarKey::Param(id, *i), |k, f| k.field(f));
            env.set(key, value.clone());
        }
    }
}

/// It means the same in another routine: no parameter, and no value that is not known.
fn settled(s: &Scalar) -> bool {
    !any(s, &|n| {
        as_param(n).is_some() || matches!(n, Scalar::Column(c) if c.relation == OPAQUE)
    })
}

fn settled_rel(rel: &Rel) -> bool {
    let mut all = true;
    visit_rel(rel, &mut |n| {
        all &= as_param(n).is_none() && !matches!(n, Scalar::Column(c) if c.relation == OPAQUE);
    });
    all
}

/// Callers before callees; within a ring of calls in any fixed order.
pub(super) fn order(catalog: &Catalog) -> Vec<RoutineId> {
    let count = catalog.routines.len();
    let mut seen = vec![false; count];
    let mut post = Vec::with_capacity(count);
    for root in 0..count as u32 {
        let mut stack = vec![(RoutineId(root), false)];
        while let Some((id, done)) = stack.pop() {
            if done {
                post.push(id);
            } else if !std::mem::replace(&mut seen[id.0 as usize], true) {
                stack.push((id, true));
                stack.extend(catalog.calls.callees(id).iter().rev().map(|c| (*c, false)));
            }
        }
    }
    post.reverse();
    post
}

/// The same in groups: the callers of a group's routines stand in the groups before it, so that those of one group
/// do not wait for each other. Rings are entered where [`order`] enters them.
pub(super) fn groups(catalog: &Catalog) -> Vec<Vec<RoutineId>> {
    let order = order(catalog);
    let mut position = vec![0; order.len()];
    for (i, id) in order.iter().enumerate() {
        position[id.0 as usize] = i;
    }
    let mut level = vec![0; order.len()];
    let mut out: Vec<Vec<RoutineId>> = Vec::new();
    for id in order {
        let own: usize = level[id.0 as usize];
        if out.len() <= own {
            out.resize(own + 1, Vec::new());
        }
        out[own].push(id);
        for callee in catalog.calls.callees(id) {
            let at = callee.0 as usize;
            if position[at] > position[id.0 as usize] {
                level[at] = level[at].max(own + 1);
            }
        }
    }
    out
}

/// One context a routine, with what the schedules bind.
pub(super) fn initial(catalog: &Catalog) -> Vec<Context> {
    let mut all: Vec<Context> = catalog
        .routines
        .iter()
        .map(|r| Context {
            origins: vec![Vec::new(); r.params.len()],
            ..Context::default()
        })
        .collect();
    for entry in catalog.jobs.iter().flat_map(|j| &j.entries) {
        let Some(id) = entry.routine.known() else {
            continue;
        };
        let routine = &catalog.routines[id.0 as usize];
        let context = &mut all[id.0 as usize];
        context.called = true;
        context.unguarded = true;
        context.ordinary = true;
        context.sites += 1;
        for (i, p) in routine.params.iter().enumerate() {
            let bound = entry
                .bindings
                .iter()
                .find(|b| b.param == p.name)
                .map(|b| b.value.clone());
            context.origins[i].push(bound.map_or(Origin::Unknown, Origin::Schedule));
        }
    }
    all
}

impl Context {
    /// Adds a call of code that jobs reach.
    pub fn add_call(&mut self, site: &CallSite, caller: RoutineId, shared: &Shared) {
        self.sites += 1;
        self.ordinary |= !site.in_handler;
        self.row_site = match self.sites {
            1 => RowSite::new(site, caller, shared).map(Box::new),
            _ => None,
        };
        for (i, origins) in self.origins.iter_mut().enumerate() {
            let known = site.args.get(&i).filter(|v| small(v)).cloned();
            origins.push(known.map_or(Origin::Unknown, Origin::Value));
        }
        self.in_rows |= site.in_rows;
        if site.guards.is_empty() {
            self.unguarded = true;
        } else if !self.called || self.guards.is_empty() {
            // The nearest conditions: along a chain of calls they would add up without end.
            let first = site.guards.len().saturating_sub(MAX_GUARDS);
            self.guards = site.guards[first..].to_vec();
        }
        self.called = true;
    }

    /// It is called after errors only.
    pub fn after_errors(&self) -> bool {
        self.called && !self.ordinary
    }

    /// The rows of the only call, where it is made once a row and does not lead back to the routine.
    pub fn rows_of_call(&self, cx: &Cx<'_>, id: RoutineId) -> Option<&RowSite> {
        let site = self.row_site.as_deref().filter(|_| self.sites == 1)?;
        let calls = &cx.catalog().calls;
        let again = calls.reachable(calls.callees(id).iter().copied());
        (!again.contains(&id)).then_some(site)
    }

    /// Conditions on the run that hold whenever the routine runs.
    pub fn guards(&self) -> &[Guard] {
        if self.unguarded { &[] } else { &self.guards }
    }

    /// What is known of the parameters before the first statement.
    pub fn env(&self, cx: &Cx<'_>, id: RoutineId, shared: &mut Shared) -> Env {
        let mut env = Env::default();
        let routine = cx.routine(id);
        for (i, p) in routine.params.iter().enumerate() {
            let origins = distinct(&self.origins[i]);
            if let Some(value) = known_value(&origins, &p.name, &p.ty) {
                env.set(VarKey::Param(id, i), value);
            } else if origins
                .iter()
                .any(|o| matches!(o, Origin::Value(v) if of_row(v)))
            {
                let why = not_lowered(
                    routine.span,
                    format!(
                        "{} is called with values of a row: its work once a row",
                        routine.qualified()
                    ),
                );
                env.set(
                    VarKey::Param(id, i),
                    // A log in a transaction of its own records whatever it is given.
                    shared.opaques.value(why, routine.autonomous, p.ty.clone()),
                );
            }
        }
        env
    }

    /// The parameters as debatching wants them.
    pub fn params(&self, cx: &Cx<'_>, id: RoutineId) -> Vec<BatchParam> {
        let routine = cx.routine(id);
        let one = |(i, p): (usize, &crate::catalog::model::Param)| BatchParam {
            name: p.name.clone(),
            ty: p.ty.clone(),
            bound: bound(&distinct(&self.origins[i])),
            span: Some(routine.span),
        };
        routine.params.iter().enumerate().map(one).collect()
    }
}

fn small(value: &Scalar) -> bool {
    let mut nodes = 0;
    visit(value, &mut |_| nodes += 1);
    nodes <= MAX_SIZE
}

fn distinct(origins: &[Origin]) -> Vec<Origin> {
    let mut out: Vec<Origin> = Vec::new();
    for o in origins {
        if !out.contains(o) {
            out.push(o.clone());
        }
    }
    out
}

fn of_row(s: &Scalar) -> bool {
    any(
        s,
        &|n| matches!(n, Scalar::Column(c) if c.relation != OPAQUE),
    )
}

/// A constant, or one of a few constants.
fn known_value(origins: &[Origin], name: &str, ty: &DataType) -> Option<Scalar> {
    let literal = |o: &Origin| match o {
        Origin::Value(Scalar::Literal(l)) => Some(l.clone()),
        Origin::Value(_) | Origin::Schedule(_) | Origin::Unknown => None,
    };
    let constants: Vec<Literal> = origins.iter().map(literal).collect::<Option<_>>()?;
    match constants.as_slice() {
        [] => None,
        [one] => Some(Scalar::Literal(one.clone())),
        several if several.len() <= MAX_CONSTANTS && ty.is_text() => {
            let when = |l: &Literal| CaseWhen {
                when: Scalar::Compare {
                    cmp: CmpOp::Eq,
                    left: Box::new(param(name, ty.clone())),
                    right: Box::new(Scalar::Literal(l.clone())),
                },
                then: Scalar::Literal(l.clone()),
            };
            Some(Scalar::Case {
                whens: several.iter().map(when).collect(),
                otherwise: None,
            })
        }
        _ => None,
    }
}

/// How all callers together bind a parameter: every one by the day of the run, or not known.
fn bound(origins: &[Origin]) -> Option<Bound> {
    let mut run_date: Option<String> = None;
    let mut other = None;
    // Of several, the one that says least speaks for all: nothing is proved that does not hold for every caller.
    let mut keep = |text: String| {
        let vague = of_run_date(&text).is_none();
        if vague || run_date.is_none() {
            run_date = Some(text);
        }
    };
    for o in origins {
        match o {
            Origin::Schedule(Bound::RunDate(text)) => keep(text.clone()),
            Origin::Schedule(b) => other = Some(b.clone()),
            Origin::Value(v) => match run_text(v) {
                Some(text) => keep(text),
                None => {
                    other = Some(Bound::Unknown(
                        "a value that is computed by the caller".into(),
                    ))
                }
            },
            Origin::Unknown => {}
        }
    }
    other.or(run_date.map(Bound::RunDate))
}

/// A value that depends on the clock and on nothing else, as Oracle would write it.
pub(super) fn run_text(s: &Scalar) -> Option<String> {
    let clock = any(s, &|n| matches!(n, Scalar::EventTime { .. }));
    let other = any(s, &|n| {
        matches!(n, Scalar::Column(_)) || as_param(n).is_some()
    });
    if !clock || other { None } else { text(s) }
}

fn text(s: &Scalar) -> Option<String> {
    Some(match s {
        Scalar::EventTime { ty: DataType::Date } => "SYSDATE".into(),
        Scalar::EventTime { .. } => "SYSTIMESTAMP".into(),
        Scalar::Literal(Literal::Number(n)) => n.clone(),
        Scalar::Literal(Literal::Text(t)) => format!("'{}'", t.replace('\'', "''")),
        Scalar::Arith { arith, left, right } => {
            let op = match arith {
                ArithOp::Add => "+",
                ArithOp::Sub => "-",
                ArithOp::Mul => "*",
                ArithOp::Div => "/",
            };
            let right_text = text(right)?;
            let nested = matches!(
                **right,
                Scalar::Arith {
                    arith: ArithOp::Add | ArithOp::Sub,
                    ..
                }
            );
            let right = if nested {
                format!("({right_text})")
            } else {
                right_text
            };
            format!("{} {op} {right}", text(left)?)
        }
        Scalar::PeriodOf {
            operand,
            unit: PeriodUnit::Day,
        } => format!("TRUNC({})", text(operand)?),
        Scalar::PeriodOf { operand, unit } => {
            format!("TRUNC({}, '{}')", text(operand)?, format_of(*unit))
        }
        Scalar::Call { function, args, .. } => {
            let args: Option<Vec<String>> = args.iter().map(text).collect();
            format!("{function}({})", args?.join(", "))
        }
        Scalar::Cast { operand, .. } => text(operand)?,
        _ => return None,
    })
}

fn format_of(unit: PeriodUnit) -> &'static str {
    match unit {
        PeriodUnit::Minute => "MI",
        PeriodUnit::Hour => "HH24",
        PeriodUnit::Day => "DD",
        PeriodUnit::Week => "IW",
        PeriodUnit::Month => "MM",
        PeriodUnit::Quarter => "Q",
        PeriodUnit::Year => "YYYY",
    }
}

/// Routines that jobs reach.
pub(super) fn batch(catalog: &Catalog) -> Vec<BTreeSet<RoutineId>> {
    catalog.calls.batch_routines(catalog)
}
