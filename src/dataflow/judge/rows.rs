//! One write: obstacles in the order in which they matter, then the lifted query with its facts.

use super::super::cx::obstacle;
use super::super::env::OPAQUE;
use super::super::model::{Fact, Facts, Lifted, Meaning, Obstacle, ObstacleKind, Verb};
use super::super::period::{BatchParam, as_param};
use super::super::raw::{Guard, RawBody, RawWrite, Upsert};
use super::super::shape::inline_views;
use super::super::tree::visit_rel;
use super::period_facts::{cleared, period_facts};
use super::prepare::keys_of;
use super::runs::Runs;
use super::{
    Estate, add, assumed, checks, delta, in_place, inferred, keep_first, lifted, pick_key, proved,
    removed, row_facts, runs, skipped, surrogate,
};
use crate::catalog::model::{RoutineId, Table};
use crate::rel::{Named, Rel, Scalar};

/// What the write means, its facts, and whether the delete before it belongs to it.
type Judged = (Meaning, Facts, bool);

/// A write that gives rows.
pub(super) struct Rows<'r> {
    pub raw: &'r RawWrite,
    pub table: &'r Table,
    pub query: Rel,
    pub upsert: Option<&'r Upsert>,
    pub delete: Option<&'r RawWrite>,
    pub params: Vec<BatchParam>,
    pub keys: Vec<Vec<String>>,
    pub runs: &'r Runs,
    /// The target's own rows are read, as they stand in Oracle.
    pub own_rows: bool,
    /// Columns of numbers that the batch draws: another number of the row stands for each.
    pub drawn: Vec<String>,
    /// Columns that are added to over all runs.
    pub adds: Vec<String>,
    /// The query gives sums that are joined to the target.
    pub joins: Option<in_place::Joins>,
}

/// Judges one write.
pub(super) fn judge(
    estate: &Estate<'_, '_>,
    routine: RoutineId,
    raw: &RawWrite,
    delete: Option<&RawWrite>,
) -> Judged {
    let mut facts = surroundings(estate, routine, raw);
    if let RawBody::Obstacle(o) = &raw.body {
        return refused(raw, o, facts, delete.is_some());
    }
    let in_place = match &raw.body {
        RawBody::Update(_) => true,
        RawBody::Delete { .. } => {
            let why = raw.blocked.clone().unwrap_or_else(|| super::in_place(raw));
            retention(raw, &mut facts);
            return (Meaning::Obstacle(why), facts, false);
        }
        RawBody::Insert { .. } | RawBody::Upsert(_) | RawBody::Obstacle(_) => false,
    };
    let table = raw
        .table
        .as_ref()
        .and_then(|t| estate.cx.catalog().tables.get(t));
    let Some(table) = table else {
        let why = obstacle(
            ObstacleKind::UnknownName,
            raw.span,
            "the target is not known",
            "add its DDL to the input",
        );
        return (Meaning::Obstacle(why), facts, false);
    };
    if raw.blocked.is_none() && freezes(raw) {
        return frozen(raw, facts);
    }
    let result = if in_place {
        lift_in_place(estate, routine, raw, table, &mut facts).map(|l| (l, false))
    } else {
        lift_rows(estate, routine, raw, table, delete, &mut facts)
    };
    match result {
        Ok((lifted, replaces)) => (Meaning::Lifted(Box::new(lifted)), facts, replaces),
        Err(why) => {
            add(
                &mut facts,
                Fact::NamesResolved,
                proved("all names are known", raw.span),
            );
            (Meaning::Obstacle(why), facts, delete.is_some())
        }
    }
}

fn refused(raw: &RawWrite, o: &Obstacle, facts: Facts, pairs: bool) -> Judged {
    if raw.blocked.is_none() && freezes(raw) {
        return frozen(raw, facts);
    }
    // What stands in the statement itself says more than the loop around it.
    let own = o.kind != ObstacleKind::NotLowered;
    let why = raw.blocked.clone().filter(|_| !own);
    (
        Meaning::Obstacle(why.unwrap_or_else(|| o.clone())),
        facts,
        pairs,
    )
}

fn retention(raw: &RawWrite, facts: &mut Facts) {
    let RawBody::Delete {
        predicate: Some(p), ..
    } = &raw.body
    else {
        return;
    };
    if raw.blocked.is_none() && super::only_by_age(p) {
        let note = "rows are deleted by their age and by nothing else: a time to live";
        add(facts, Fact::Retention, proved(note, raw.span));
    }
}

fn lift_rows(
    estate: &Estate<'_, '_>,
    routine: RoutineId,
    raw: &RawWrite,
    table: &Table,
    delete: Option<&RawWrite>,
    facts: &mut Facts,
) -> Result<(Lifted, bool), Obstacle> {
    let (query, upsert) = match &raw.body {
        RawBody::Insert { query } => {
            let note = "it inserts the rows of a query";
            add(facts, Fact::InsertsQuery, proved(note, raw.span));
            (query, None)
        }
        RawBody::Upsert(u) => {
            let note = format!("rows are matched by {}", u.on.join(", "));
            add(facts, upsert_fact(u), proved(note, raw.span));
            (&u.query, Some(u))
        }
        RawBody::Delete { .. } | RawBody::Update(_) | RawBody::Obstacle(_) => {
            return Err(super::in_place(raw));
        }
    };
    let rows = Rows {
        raw,
        table,
        query: query.clone(),
        upsert,
        delete,
        params: params(estate, routine),
        keys: keys_of(estate, &table.name),
        runs: &estate.executed[routine.0 as usize].shared.runs,
        own_rows: false,
        drawn: Vec::new(),
        adds: upsert.map(|u| u.adds.clone()).unwrap_or_default(),
        joins: None,
    };
    lift(estate, routine, rows, facts)
}

fn lift_in_place(
    estate: &Estate<'_, '_>,
    routine: RoutineId,
    raw: &RawWrite,
    table: &Table,
    facts: &mut Facts,
) -> Result<Lifted, Obstacle> {
    if let Some(why) = &raw.blocked {
        return Err(why.clone());
    }
    let keys = keys_of(estate, &table.name);
    let made = in_place::query(estate, raw, table, &keys, facts)?;
    let rows = Rows {
        raw,
        table,
        query: made.query,
        upsert: None,
        delete: None,
        params: params(estate, routine),
        keys,
        runs: &estate.executed[routine.0 as usize].shared.runs,
        own_rows: true,
        drawn: Vec::new(),
        adds: made.adds,
        joins: made.joins,
    };
    Ok(lift(estate, routine, rows, facts)?.0)
}

fn upsert_fact(u: &Upsert) -> Fact {
    if u.updates {
        Fact::UpsertsByKey
    } else {
        Fact::InsertsMissingKeys
    }
}

/// Facts that do not depend on what is written.
fn surroundings(estate: &Estate<'_, '_>, routine: RoutineId, raw: &RawWrite) -> Facts {
    let mut facts = Facts::new();
    if estate.cx.routine(routine).autonomous {
        add(
            &mut facts,
            Fact::AutonomousTransaction,
            proved("PRAGMA AUTONOMOUS_TRANSACTION", raw.span),
        );
    }
    if raw.dynamic && !matches!(raw.body, RawBody::Obstacle(_)) {
        add(
            &mut facts,
            Fact::DynamicTextKnown,
            proved("the text of the dynamic statement is known", raw.span),
        );
    }
    let fires = |t: &&crate::catalog::model::Trigger| {
        t.table == raw.table
            && match raw.verb {
                Verb::Insert => t.on_insert,
                Verb::Update => t.on_update,
                Verb::Delete => t.on_delete,
                Verb::Merge => t.on_insert || t.on_update,
                Verb::Truncate => false,
            }
    };
    if let Some(t) = estate.cx.catalog().triggers.iter().find(fires) {
        add(
            &mut facts,
            Fact::TargetHasTriggers,
            proved(format!("the trigger {} fires", t.name), raw.span),
        );
    }
    facts
}

/// Reached only while the target has no rows of the period yet: a second run does nothing, on purpose.
fn freezes(raw: &RawWrite) -> bool {
    let target = raw.table.as_ref();
    target.is_some_and(|t| raw.guard_tables.contains(t))
        && !raw.guards.is_empty()
        && raw.verb == Verb::Insert
}

fn frozen(raw: &RawWrite, mut facts: Facts) -> Judged {
    let note = "rows of the period are written once: if they are there the routine does nothing";
    add(&mut facts, Fact::FreezesOnPurpose, proved(note, raw.span));
    let why = obstacle(
        ObstacleKind::Freeze,
        raw.span,
        format!("{note}; later corrections must not show"),
        "decide which control event triggers the snapshot",
    );
    (Meaning::Obstacle(why), facts, false)
}

fn params(estate: &Estate<'_, '_>, routine: RoutineId) -> Vec<BatchParam> {
    let mut out = Vec::new();
    let mut current = Some(routine);
    while let Some(id) = current {
        let inner: Vec<String> = out.iter().map(|p: &BatchParam| p.name.clone()).collect();
        let own = estate.contexts[id.0 as usize].params(estate.cx, id);
        out.extend(own.into_iter().filter(|p| !inner.contains(&p.name)));
        current = estate.cx.routine(id).parent;
    }
    out
}

fn lift(
    estate: &Estate<'_, '_>,
    routine: RoutineId,
    mut rows: Rows<'_>,
    facts: &mut Facts,
) -> Result<(Lifted, bool), Obstacle> {
    let raw = rows.raw;
    if let Some(why) = &raw.blocked {
        return Err(why.clone());
    }
    surrogate::put(estate, routine, &mut rows, facts)?;
    let mut guards = raw.guards.clone();
    if let Some((query, rest)) = runs::as_rows(&rows.query, &guards, rows.runs) {
        rows.query = query;
        guards = rest;
    }
    opaque_free(estate, routine, &rows.query)?;
    reached_always(&guards, &rows)?;
    if rows.query.scans().is_empty() && runs::used(&rows.query, rows.runs).is_empty() {
        return Err(one_row(raw));
    }
    rows.query = inline_views(rows.query);
    if raw.skips && rows.upsert.is_none_or(|u| u.updates) {
        let table = rows.table;
        let checks = |items: &[Named]| checks::conditions(estate, routine, table, items);
        rows.query = skipped::without_failing(rows.query, table, &checks);
    }
    let first = keep_first::without_test(&rows.query, rows.table, &rows.keys);
    if let Some(query) = first.filter(|_| rows.upsert.is_none()) {
        rows.query = query;
        let note = "rows are inserted where their key is not there yet";
        add(facts, Fact::InsertsMissingKeys, proved(note, raw.span));
    }
    let key = pick_key::key(estate, &mut rows, facts)?;
    if !rows.adds.is_empty() {
        delta::sums(estate, &mut rows, &key, facts)?;
    }
    let mut done = removed::period(&rows, facts)?;
    if let Some(joins) = &rows.joins {
        done.query = joins.join(rows.table, done.query);
    }
    if !rows.own_rows
        && done
            .query
            .scans()
            .iter()
            .any(|s| s.table == rows.table.name)
    {
        return Err(self_read(&rows));
    }
    period_facts(&done, raw.span, facts);
    let replaces = cleared(&rows, &done, facts)?;
    let queue = raw.evidence.iter().any(|(f, _)| *f == Fact::QueueConsumed);
    let once = queue || facts.contains_key(&Fact::InsertsMissingKeys);
    lifted::clock_outside(&done.query, raw.span, once)?;
    row_facts::row_facts(estate, &rows, &key, &done, facts);
    row_facts::once(estate, &rows, &done, replaces, facts);
    row_facts::steady(estate, &rows, &done, facts);
    let done = delta::opened(&rows, &key, done, facts);
    let lifted = lifted::lifted(estate, &rows, key, done)?;
    inferred::facts(estate, rows.table, &lifted, raw.span, facts);
    Ok((lifted, replaces))
}

fn self_read(rows: &Rows<'_>) -> Obstacle {
    obstacle(
        ObstacleKind::SelfRead,
        rows.raw.span,
        format!(
            "it reads {}, which it writes: what was written decides what is written",
            rows.table.name
        ),
        "compute the rows from the sources alone",
    )
}

/// No value is left that is not known.
fn opaque_free(estate: &Estate<'_, '_>, routine: RoutineId, query: &Rel) -> Result<(), Obstacle> {
    let opaques = &estate.executed[routine.0 as usize].shared.opaques;
    let mut why = None;
    visit_rel(query, &mut |s| {
        if let Scalar::Column(c) = s
            && c.relation == OPAQUE
            && why.is_none()
        {
            why = opaques.of(c).map(|o| o.obstacle.clone());
        }
    });
    why.map_or(Ok(()), Err)
}

/// Conditions on the run: harmless ones test a parameter for NULL, or whether there is anything to insert.
fn reached_always(guards: &[Guard], rows: &Rows<'_>) -> Result<(), Obstacle> {
    let fine = |g: &Guard| {
        harmless(&g.condition) || runs::only_when_rows(&g.condition, &rows.query, rows.runs)
    };
    match guards.iter().find(|g| !fine(g)) {
        None => Ok(()),
        Some(g) => Err(obstacle(
            ObstacleKind::Period,
            g.span,
            "the statement runs only under a condition on the run itself",
            "say in the query which rows are wanted, or give the condition to the schedule",
        )),
    }
}

fn harmless(condition: &Scalar) -> bool {
    let is_param = |s: &Scalar| as_param(s).is_some();
    match condition {
        Scalar::Not { operand } => {
            matches!(&**operand, Scalar::IsNull { operand, not: false } if is_param(operand))
        }
        Scalar::IsNull { operand, not: true } => is_param(operand),
        Scalar::Literal(crate::rel::Literal::Boolean(true)) => true,
        _ => false,
    }
}

fn one_row(raw: &RawWrite) -> Obstacle {
    obstacle(
        ObstacleKind::NotLowered,
        raw.span,
        "one row of values is written, from no table: it has no changes that a stream could follow",
        "name where the values come from, or treat the row as control data",
    )
}

/// A fact that is taken for granted, said once.
pub(super) fn take(facts: &mut Facts, fact: Fact, note: impl Into<String>, raw: &RawWrite) {
    add(facts, fact, assumed(note, raw.span));
}
