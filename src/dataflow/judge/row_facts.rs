//! Facts about the rows that are written: unique by the key, from sources with keys, the same at every run.

use super::super::keys;
use super::super::model::{Evidence, Fact, Facts, Status};
use super::super::period::Debatched;
use super::super::unique::{deterministic, rows_of_their_own, rows_unique_by, single_source_row};
use super::rows::Rows;
use super::{Estate, add, assumed, failed, proved};
use crate::catalog::model::{Table, TableKind};

pub(super) fn row_facts(
    estate: &Estate<'_, '_>,
    rows: &Rows<'_>,
    key: &[String],
    done: &Debatched,
    facts: &mut Facts,
) {
    let catalog = estate.cx.catalog();
    let span = rows.raw.span;
    let unique = unique_evidence(estate, rows, key, done, facts);
    add(facts, Fact::RowsUniqueByKey, unique);
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
        list => match implied_keys(estate, rows, key, done) {
            Some(note) => assumed(note, span),
            None => failed(format!("no key is known of {}", list.join(", ")), span),
        },
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
pub(super) fn source_keys<'e>(
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
    facts: &Facts,
) -> Evidence {
    let span = rows.raw.span;
    if key.is_empty() {
        return failed("no key is known", span);
    }
    let missing = match rows_unique_by(&done.query, key, &source_keys(estate)) {
        Ok(note) => return proved(note, span),
        Err(note) => note,
    };
    if rows.upsert.is_some() && done.period.is_some() && rows.adds.is_empty() {
        return failed(
            format!(
                "several periods may write the same key, and the last one to run decides: {missing}"
            ),
            span,
        );
    }
    let missing_keys = facts.contains_key(&Fact::InsertsMissingKeys);
    let promised = rows
        .raw
        .evidence
        .iter()
        .find(|(f, _)| *f == Fact::RowsUniqueByKey);
    if let Some((_, e)) = promised {
        return assumed(format!("{} ({missing})", e.note), span);
    }
    if (rows.upsert.is_some() || missing_keys) && rows.raw.from_loop {
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

/// How often a source row counts, and what is taken for granted of rows that were processed.
pub(super) fn once(
    estate: &Estate<'_, '_>,
    rows: &Rows<'_>,
    done: &Debatched,
    replaces: bool,
    facts: &mut Facts,
) {
    let raw = rows.raw;
    let queue = raw
        .evidence
        .iter()
        .find(|(f, _)| *f == Fact::QueueConsumed)
        .map(|(_, e)| e.clone());
    let first = facts.contains_key(&Fact::InsertsMissingKeys);
    if let Some(e) = &queue {
        add(facts, Fact::EachRowOnce, e.clone());
    }
    let frozen = queue.is_some() || first;
    if frozen {
        let note = if queue.is_some() {
            "a row, with what is looked up for it, does not change after it has been processed; where it does the batch keeps the first result, and the sink only where nothing is looked up"
        } else {
            "what is written for a key does not change after the first time; where it does the batch keeps the first value, and so does the sink unless several rows make one"
        };
        super::rows::take(facts, Fact::SourceRowsFinal, note, raw);
    }
    if let Some(kept) = rows.upsert.map(|u| &u.kept).filter(|k| !k.is_empty()) {
        let note = format!(
            "{} are set in one branch only (INSERT or UPDATE): the source does not change them after the first time",
            kept.join(", ")
        );
        super::rows::take(facts, Fact::SourceRowsFinal, note, raw);
    }
    let periodic = done.period.is_some();
    let inserts = rows.upsert.is_none() && !rows.own_rows && !first && !replaces;
    let counted = facts.contains_key(&Fact::EachRowOnce);
    if !counted && !periodic && (inserts || !rows.adds.is_empty()) {
        let found = single_source_row(&done.query, &source_keys(estate));
        let own = found.status != Status::Failed || rows_of_their_own(&done.query);
        let e = if !own || !rows.adds.is_empty() {
            failed(
                "nothing says which rows a run has not seen yet: every run would count them all again",
                raw.span,
            )
        } else {
            assumed(
                "every source row is inserted by one run: the source holds new rows only (a second run over the same rows would have stopped on the key, or doubled them)",
                raw.span,
            )
        };
        let lasting = e.status == Status::Assumed;
        add(facts, Fact::EachRowOnce, e);
        if lasting {
            let note = "a source row does not change after it has been inserted; where it is removed afterwards, its row stays";
            super::rows::take(facts, Fact::SourceRowsFinal, note, raw);
        }
    } else if !counted && periodic && !rows.adds.is_empty() {
        add(
            facts,
            Fact::EachRowOnce,
            proved(
                "every row belongs to one period, and each period is added once",
                raw.span,
            ),
        );
    }
}

/// Columns of a source without a key that must be unique for the target's key to hold.
fn implied_keys(
    _estate: &Estate<'_, '_>,
    _rows: &Rows<'_>,
    _key: &[String],
    _done: &Debatched,
) -> Option<String> {
    None
}

/// Names, functions, order, loops: what has been shown on the way.
pub(super) fn steady(
    estate: &Estate<'_, '_>,
    rows: &Rows<'_>,
    done: &Debatched,
    facts: &mut Facts,
) {
    let span = rows.raw.span;
    add(
        facts,
        Fact::NoSelfRead,
        if rows.own_rows {
            proved("of the target only columns are read that are not set", span)
        } else {
            proved("the query does not read the target", span)
        },
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
    let others = |f: &Fact| *f != Fact::RowsUniqueByKey;
    for (fact, e) in rows.raw.evidence.iter().filter(|(f, _)| others(f)) {
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
