//! One write: obstacles in the order in which they matter, then the lifted query with its facts.

use super::super::cx::obstacle;
use super::super::env::OPAQUE;
use super::super::keys;
use super::super::model::{
    Evidence, Fact, Facts, Lifted, LiftedColumn, Meaning, Obstacle, ObstacleKind, Status, Verb,
};
use super::super::period::{BatchParam, Debatched, as_param, debatch, delete_period};
use super::super::raw::{RawBody, RawWrite, Upsert};
use super::super::shape::{inline_views, narrow};
use super::super::tree::{any, visit, visit_rel};
use super::super::unique::{deterministic, rows_unique_by, single_source_row};
use super::{Estate, add, assumed, failed, in_place, inferred, keep_first, proved};
use crate::catalog::model::{RoutineId, Table, TableKind};
use crate::rel::{ColumnRole, DataType, Rel, Scalar};
use crate::source::Span;

/// What the write means, its facts, and whether the delete before it belongs to it.
type Judged = (Meaning, Facts, bool);

/// A write that gives rows.
struct Rows<'r> {
    raw: &'r RawWrite,
    table: &'r Table,
    query: Rel,
    upsert: Option<&'r Upsert>,
    delete: Option<&'r RawWrite>,
    params: Vec<BatchParam>,
    keys: Vec<Vec<String>>,
}

/// Judges one write.
pub(super) fn judge(
    estate: &Estate<'_, '_>,
    routine: RoutineId,
    raw: &RawWrite,
    delete: Option<&RawWrite>,
) -> Judged {
    let mut facts = surroundings(estate, routine, raw);
    let (query, upsert) = match &raw.body {
        RawBody::Insert { query } => {
            add(
                &mut facts,
                Fact::InsertsQuery,
                proved("it inserts the rows of a query", raw.span),
            );
            (query, None)
        }
        RawBody::Upsert(u) => {
            add(
                &mut facts,
                upsert_fact(u),
                proved(format!("rows are matched by {}", u.on.join(", ")), raw.span),
            );
            (&u.query, Some(u))
        }
        RawBody::Delete { .. } | RawBody::Update(_) => {
            let why = raw.blocked.clone().unwrap_or_else(|| in_place(raw));
            return (Meaning::Obstacle(why), facts, false);
        }
        RawBody::Obstacle(o) => {
            if raw.blocked.is_none() && freezes(raw) {
                return frozen(raw, facts);
            }
            // What stands in the statement itself says more than the loop around it.
            let own = o.kind != ObstacleKind::NotLowered;
            let why = raw.blocked.clone().filter(|_| !own);
            return (
                Meaning::Obstacle(why.unwrap_or_else(|| o.clone())),
                facts,
                false,
            );
        }
    };
    let pairs = delete.is_some();
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
    let rows = Rows {
        raw,
        table,
        query: query.clone(),
        upsert,
        delete,
        params: params(estate, routine),
        keys: target_keys(estate, table),
    };
    match lift(estate, routine, rows, &mut facts) {
        Ok((lifted, replaces)) => (Meaning::Lifted(Box::new(lifted)), facts, replaces),
        Err(why) => {
            add(
                &mut facts,
                Fact::NamesResolved,
                proved("all names are known", raw.span),
            );
            (Meaning::Obstacle(why), facts, pairs)
        }
    }
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

fn target_keys(estate: &Estate<'_, '_>, table: &Table) -> Vec<Vec<String>> {
    let configured = estate.options.keys.get(&table.name).cloned();
    configured
        .into_iter()
        .chain(keys::table_keys(table))
        .collect()
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
    opaque_free(estate, routine, &rows.query)?;
    reached_always(raw)?;
    if rows.query.scans().is_empty() {
        return Err(one_row(raw));
    }
    if let Some(u) = rows.upsert
        && !u.adds.is_empty()
    {
        add(
            facts,
            Fact::AddsToOldValue,
            proved(
                format!("{} grow with every run", u.adds.join(", ")),
                raw.span,
            ),
        );
        return Err(obstacle(
            ObstacleKind::NotLowered,
            raw.span,
            format!(
                "{} are added to their old values: a run that is repeated counts twice",
                u.adds.join(", ")
            ),
            "give the delta a key by which each row counts once",
        ));
    }
    rows.query = inline_views(rows.query);
    let first = keep_first::without_test(&rows.query, &rows.table.name, &rows.keys);
    if let Some(query) = first {
        rows.query = query;
        add(
            facts,
            Fact::InsertsMissingKeys,
            proved(
                "rows are inserted where their key is not there yet",
                raw.span,
            ),
        );
    }
    if rows
        .query
        .scans()
        .iter()
        .any(|s| s.table == rows.table.name)
    {
        return Err(obstacle(
            ObstacleKind::SelfRead,
            raw.span,
            format!(
                "it reads {}, which it writes: what was written decides what is written",
                rows.table.name
            ),
            "compute the rows from the sources alone",
        ));
    }
    let key = key(estate, &rows, facts)?;
    let done = debatch(rows.query.clone(), &rows.params).map_err(|p| p.obstacle(raw.span))?;
    period_facts(&done, raw.span, facts);
    let replaces = cleared(&rows, &done, facts)?;
    clock_outside(&done.query, raw.span)?;
    row_facts(estate, &rows, &key, &done, facts);
    steady(estate, &rows, &done, facts);
    let lifted = lifted(estate, &rows, key, done)?;
    inferred::facts(estate, rows.table, &lifted, raw.span, facts);
    Ok((lifted, replaces))
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

/// Conditions on the run: harmless ones test a parameter for NULL.
fn reached_always(raw: &RawWrite) -> Result<(), Obstacle> {
    match raw.guards.iter().find(|g| !harmless(&g.condition)) {
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

/// The target's key: what is matched by an upsert, else the first that the table has.
fn key(
    estate: &Estate<'_, '_>,
    rows: &Rows<'_>,
    facts: &mut Facts,
) -> Result<Vec<String>, Obstacle> {
    let span = rows.raw.span;
    let sorted = |k: &[String]| {
        let mut k = k.to_vec();
        k.sort();
        k
    };
    let Some(u) = rows.upsert else {
        return Ok(match rows.keys.first() {
            Some(k) => {
                add(
                    facts,
                    Fact::TargetKeyKnown,
                    proved(format!("the key is {}", k.join(", ")), span),
                );
                k.clone()
            }
            None => carried_key(estate, rows, facts),
        });
    };
    if let Some(k) = rows.keys.iter().find(|k| sorted(k) == sorted(&u.on)) {
        add(
            facts,
            Fact::TargetKeyKnown,
            proved(format!("the key is {}", k.join(", ")), span),
        );
        return Ok(k.clone());
    }
    if rows.keys.is_empty() {
        let note = format!(
            "no key of {} is declared; {} is what the statement matches by",
            rows.table.name,
            u.on.join(", ")
        );
        add(facts, Fact::TargetKeyKnown, assumed(note, span));
        return Ok(u.on.clone());
    }
    Err(obstacle(
        ObstacleKind::NotLowered,
        span,
        format!(
            "rows are matched by {}, which is no key of {}",
            u.on.join(", "),
            rows.table.name
        ),
        "match by the key",
    ))
}

/// The key of a source that the rows carry, for a target that declares none.
fn carried_key(estate: &Estate<'_, '_>, rows: &Rows<'_>, facts: &mut Facts) -> Vec<String> {
    let (table, span) = (&rows.table.name, rows.raw.span);
    let keys = source_keys(estate);
    match inferred::carried_key(estate.cx.catalog(), &rows.query, &keys) {
        Some((key, source)) => {
            let note = format!(
                "no key of {table} is declared; its rows carry the key of {source}, each once: {}",
                key.join(", ")
            );
            add(facts, Fact::TargetKeyKnown, assumed(note, span));
            key
        }
        None => {
            let note = format!("no key of {table} is known");
            add(facts, Fact::TargetKeyKnown, failed(note, span));
            Vec::new()
        }
    }
}

fn period_facts(done: &Debatched, span: Span, facts: &mut Facts) {
    let Some(period) = &done.period else {
        add(
            facts,
            Fact::NoPeriod,
            proved("the query does not depend on the run", span),
        );
        return;
    };
    let at = |e: &Evidence| Evidence {
        spans: if e.spans.is_empty() {
            vec![span]
        } else {
            e.spans.clone()
        },
        ..e.clone()
    };
    let note = format!(
        "{} is tied to {}.{} and removed",
        period.parameter, period.source.relation, period.source.name
    );
    add(facts, Fact::PeriodRemoved, proved(note, span));
    if let Some(e) = &done.partitions {
        add(facts, Fact::PeriodPartitions, at(e));
    }
    if let Some(e) = &done.every_period {
        add(facts, Fact::EveryPeriodRuns, at(e));
    }
}

/// The delete before: of everything, of the period, or of something else.
fn cleared(rows: &Rows<'_>, done: &Debatched, facts: &mut Facts) -> Result<bool, Obstacle> {
    let Some(delete) = rows.delete else {
        return Ok(false);
    };
    let RawBody::Delete { predicate, .. } = &delete.body else {
        return Ok(false);
    };
    let other = |message: &str, unlock: &str| {
        Err(obstacle(ObstacleKind::Period, delete.span, message, unlock))
    };
    let Some(predicate) = predicate else {
        if done.period.is_some() {
            return other(
                "the table is emptied and filled with one period: it holds the last period only",
                "keep the periods in the table, or drop the condition on the period",
            );
        }
        add(
            facts,
            Fact::EmptiesTargetBefore,
            proved("the whole table is emptied before", delete.span),
        );
        return Ok(true);
    };
    let deleted = delete_period(predicate, &rows.params);
    if deleted.is_some_and(|d| done.replaces(&d)) {
        add(
            facts,
            Fact::DeletesPeriodBefore,
            proved(
                "exactly the period that is written is deleted before",
                delete.span,
            ),
        );
        return Ok(true);
    }
    other(
        "the DELETE before clears other rows than those that are written again",
        "delete exactly the rows of the period that is inserted",
    )
}

/// The clock may stand alone in an output; anywhere else the result depends on when it is asked.
fn clock_outside(query: &Rel, span: Span) -> Result<(), Obstacle> {
    let clock = |s: &Scalar| {
        any(s, &|n| {
            matches!(n, Scalar::EventTime { .. } | Scalar::EventUser)
        })
    };
    let bad = Err(obstacle(
        ObstacleKind::NonDeterministic,
        span,
        "the result depends on the time at which it is asked (SYSDATE compared or combined with data)",
        "write the moment to a column and compare with that, or compute it where the result is read",
    ));
    let Rel::Project { input, items } = query else {
        let mut found = false;
        visit_rel(query, &mut |s| found |= clock(s));
        return if found { bad } else { Ok(()) };
    };
    let mut found = false;
    visit_rel(input, &mut |s| found |= clock(s));
    for n in items.iter().filter(|n| clock(&n.expr)) {
        let mut data = false;
        visit(&n.expr, &mut |s| {
            data |= matches!(s, Scalar::Column(_) | Scalar::Case { .. })
        });
        found |= data;
    }
    if found { bad } else { Ok(()) }
}

fn row_facts(
    estate: &Estate<'_, '_>,
    rows: &Rows<'_>,
    key: &[String],
    done: &Debatched,
    facts: &mut Facts,
) {
    let catalog = estate.cx.catalog();
    let span = rows.raw.span;
    add(
        facts,
        Fact::RowsUniqueByKey,
        unique_evidence(estate, rows, key, done),
    );
    let unkeyed: Vec<String> = done
        .query
        .scans()
        .iter()
        .filter(|s| {
            catalog
                .tables
                .get(&s.table)
                .is_some_and(|t| !has_key(estate, t))
        })
        .map(|s| s.table.to_string())
        .collect();
    let evidence = match unkeyed.as_slice() {
        [] => proved("all sources have keys", span),
        list => failed(format!("no key is known of {}", list.join(", ")), span),
    };
    add(facts, Fact::SourceKeysKnown, evidence);
    if rows.upsert.is_some() || facts.contains_key(&Fact::InsertsMissingKeys) {
        let found = single_source_row(&done.query, &source_keys(estate));
        // Several source rows are no reason to refuse: what may show is said.
        let evidence = match found.status {
            Status::Proved => proved(found.note, span),
            Status::Assumed | Status::Failed => assumed(
                format!(
                    "between two changes of one transaction the stream may show a value that no run saw ({})",
                    found.note
                ),
                span,
            ),
        };
        add(facts, Fact::CommitAtomicity, evidence);
    }
}

/// Keys of tables, with those that the user names.
fn source_keys<'e>(
    estate: &'e Estate<'_, '_>,
) -> impl Fn(&crate::rel::TableName) -> Vec<Vec<String>> + 'e {
    |name| {
        let configured = estate.options.keys.get(name).cloned();
        let own = estate
            .cx
            .catalog()
            .tables
            .get(name)
            .map(keys::table_keys)
            .unwrap_or_default();
        configured.into_iter().chain(own).collect()
    }
}

fn unique_evidence(
    estate: &Estate<'_, '_>,
    rows: &Rows<'_>,
    key: &[String],
    done: &Debatched,
) -> Evidence {
    let span = rows.raw.span;
    if key.is_empty() {
        return failed("no key is known", span);
    }
    let missing = match rows_unique_by(&done.query, key, &source_keys(estate)) {
        Ok(note) => return proved(note, span),
        Err(note) => note,
    };
    if rows.upsert.is_some() && done.period.is_some() {
        return failed(
            format!(
                "several periods may write the same key, and the last one to run decides: {missing}"
            ),
            span,
        );
    }
    if rows.upsert.is_some() && rows.raw.from_loop {
        return failed(
            format!(
                "several rows of the loop may have the same key, and the last one decides: {missing}"
            ),
            span,
        );
    }
    assumed(
        format!(
            "the query gives one row a key; on two the batch would have stopped with an error ({missing})"
        ),
        span,
    )
}

fn has_key(estate: &Estate<'_, '_>, table: &Table) -> bool {
    // Lines of files are only ever added: they need no key.
    let lines = table.kind == TableKind::External || table.external.is_some();
    lines || !keys::table_keys(table).is_empty() || estate.options.keys.contains_key(&table.name)
}

/// Names, functions, order, loops: what has been shown on the way.
fn steady(estate: &Estate<'_, '_>, rows: &Rows<'_>, done: &Debatched, facts: &mut Facts) {
    let span = rows.raw.span;
    add(
        facts,
        Fact::NoSelfRead,
        proved("the query does not read the target", span),
    );
    add(
        facts,
        Fact::NamesResolved,
        proved("all names are known", span),
    );
    add(
        facts,
        Fact::FunctionsKnown,
        proved("all functions are Oracle's own", span),
    );
    let found = deterministic(&done.query, &source_keys(estate));
    let evidence = Evidence {
        spans: vec![span],
        ..found
    };
    add(facts, Fact::Deterministic, evidence);
    for (fact, e) in &rows.raw.evidence {
        add(facts, *fact, e.clone());
    }
    if rows.raw.from_loop {
        add(
            facts,
            Fact::LoopIndependent,
            proved("no value lives from row to row in what is written", span),
        );
    }
}

fn lifted(
    estate: &Estate<'_, '_>,
    rows: &Rows<'_>,
    key: Vec<String>,
    done: Debatched,
) -> Result<Lifted, Obstacle> {
    let span = rows.raw.span;
    let query = narrow(estate.cx.catalog(), done.query);
    let mut columns = Vec::new();
    for c in query.outputs() {
        let Some(target) = rows.table.columns.get(&c.name) else {
            continue;
        };
        let audit = is_audit(&query, &c.name);
        let in_key = key.contains(&c.name);
        if audit && in_key {
            return Err(obstacle(
                ObstacleKind::NonDeterministic,
                span,
                format!("the clock is part of the key ({})", c.name),
                "take a column of the source as the key",
            ));
        }
        columns.push(LiftedColumn {
            name: c.name,
            ty: known(&target.ty, &c.ty),
            nullable: target.nullable && !in_key,
            role: match (in_key, audit) {
                (true, _) => ColumnRole::Key,
                (false, true) => ColumnRole::Audit,
                (false, false) => ColumnRole::Value,
            },
        });
    }
    if let Some(missing) = key.iter().find(|k| !columns.iter().any(|c| c.name == **k)) {
        return Err(obstacle(
            ObstacleKind::NoKey,
            span,
            format!("the key column {missing} is not written"),
            "write all columns of the key",
        ));
    }
    let mut notes = rows.raw.notes.clone();
    notes.extend(done.notes);
    notes.dedup();
    Ok(Lifted {
        columns,
        key,
        query,
        period: done.period,
        notes,
    })
}

fn known(target: &DataType, own: &DataType) -> DataType {
    match target {
        DataType::Unknown { .. } => own.clone(),
        other => other.clone(),
    }
}

fn is_audit(query: &Rel, name: &str) -> bool {
    let Rel::Project { items, .. } = query else {
        return false;
    };
    let item = items.iter().find(|n| n.name == name);
    item.is_some_and(|n| {
        any(&n.expr, &|s| {
            matches!(s, Scalar::EventTime { .. } | Scalar::EventUser)
        })
    })
}
