//! The type that the uses of a column show together. What contradicts itself or shows nothing is text: every value can
//! be held as text, and the report says so.

use std::collections::BTreeMap;

use super::columns::UNWEIGHED;
use super::inferred;
use super::sight::Subject;
use super::types::{Shown, Strength, Vote};
use crate::catalog::model::Catalog;
use crate::rel::DataType;
use crate::source::Span;

/// How often types pass from column to column.
const ROUNDS: usize = 6;

/// Kinds of types that do not mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Number,
    Text,
    Moment,
    Other,
}

/// What is known of a column so far.
#[derive(Clone, Debug)]
struct Weighed {
    ty: DataType,
    strength: Strength,
    note: &'static str,
    spans: Vec<Span>,
}

/// Sets the types of inferred columns.
pub(super) fn types(catalog: &mut Catalog, shown: Vec<Shown>) {
    let mut votes: BTreeMap<Subject, Vec<Vote>> = BTreeMap::new();
    let mut same = Vec::new();
    for s in shown {
        for v in s.votes {
            votes.entry(v.column.clone()).or_default().push(v);
        }
        same.extend(s.same);
    }
    let mut known: BTreeMap<Subject, Weighed> = votes
        .iter()
        .filter_map(|(column, votes)| Some((column.clone(), weigh(votes)?)))
        .collect();
    settle(&same, &mut known);
    // What nothing shows may still be shown by a name, or by that of a column that it is copied to.
    for (column, named) in named(catalog) {
        known.entry(column).or_insert(named);
    }
    settle(&same, &mut known);
    for t in catalog.tables.values_mut() {
        for c in t.columns.values_mut() {
            let Some(evidence) = c.inferred.as_mut().filter(|e| e.note == UNWEIGHED) else {
                continue;
            };
            let (ty, note) = match known.remove(&(t.name.clone(), c.name.clone())) {
                Some(w) => {
                    let spans = std::mem::take(&mut evidence.spans);
                    *evidence = inferred(w.note, w.spans.into_iter().chain(spans));
                    (w.ty, w.note)
                }
                None => (text(), "no use shows its type: taken as text"),
            };
            c.ty = ty;
            evidence.note = note.to_string();
        }
    }
}

/// Inferred columns whose names say what they are.
fn named(catalog: &Catalog) -> Vec<(Subject, Weighed)> {
    let columns = catalog.tables.values().flat_map(|t| {
        let open = t.columns.values().filter(|c| c.inferred.is_some());
        open.map(move |c| (t.name.clone(), c.name.clone()))
    });
    let weighed = |(table, name): Subject| {
        let (ty, note) = by_name(&name)?;
        let weighed = Weighed {
            ty,
            strength: Strength::Name,
            note,
            spans: Vec::new(),
        };
        Some(((table, name), weighed))
    };
    columns.filter_map(weighed).collect()
}

fn settle(same: &[(Subject, Subject, Span)], known: &mut BTreeMap<Subject, Weighed>) {
    for _ in 0..ROUNDS {
        if !spread(same, known) {
            break;
        }
    }
}

/// Passes types along equalities; true if something changed.
fn spread(same: &[(Subject, Subject, Span)], known: &mut BTreeMap<Subject, Weighed>) -> bool {
    let mut changed = false;
    for (a, b, span) in same {
        for (from, to) in [(a, b), (b, a)] {
            let Some(w) = known.get(from).cloned() else {
                continue;
            };
            let weaker = known
                .get(to)
                .is_none_or(|t| t.strength <= Strength::Literal && w.strength > Strength::Literal);
            if weaker {
                let strength = w.strength.min(Strength::Operand);
                let passed = Weighed {
                    ty: w.ty,
                    strength,
                    note: "its type is that of a column that it is compared with or copied to",
                    spans: vec![*span],
                };
                known.insert(to.clone(), passed);
                changed = true;
            }
        }
    }
    changed
}

fn weigh(votes: &[Vote]) -> Option<Weighed> {
    let strength = votes.iter().map(|v| v.strength).max()?;
    let strongest: Vec<&Vote> = votes.iter().filter(|v| v.strength == strength).collect();
    let spans = strongest.iter().map(|v| v.span).collect();
    let mut types = strongest.iter().map(|v| &v.ty);
    let first = types.next()?.clone();
    let merged = types.try_fold(first, |a, b| merge(&a, b));
    let (ty, note) = match (merged, strength) {
        (Some(t), Strength::Declared) => (
            t,
            "its type is that of what it is read into, compared with or set to",
        ),
        (Some(t), Strength::Operand) => (
            t,
            "its type is what the functions and operators that use it take",
        ),
        (Some(t), Strength::Literal | Strength::Name) => (
            widened(t),
            "its type is that of the literals that it is compared with or set to",
        ),
        (None, _) => (text(), "its uses contradict each other: taken as text"),
    };
    Some(Weighed {
        ty,
        strength,
        note,
        spans,
    })
}

/// A literal shows the kind of a type, not its length.
fn widened(ty: DataType) -> DataType {
    match family(&ty) {
        Family::Text => text(),
        Family::Number | Family::Moment | Family::Other => ty,
    }
}

fn merge(a: &DataType, b: &DataType) -> Option<DataType> {
    if a == b {
        return Some(a.clone());
    }
    match (family(a), family(b)) {
        (Family::Number, Family::Number) => Some(DataType::number()),
        (Family::Text, Family::Text) => Some(longest(a, b)),
        (Family::Moment, Family::Moment) => Some(match (a, b) {
            (DataType::Date, other) | (other, DataType::Date) => other.clone(),
            (first, _) => first.clone(),
        }),
        _ => None,
    }
}

fn longest(a: &DataType, b: &DataType) -> DataType {
    match (a, b) {
        (
            DataType::Varchar { length: x } | DataType::Char { length: x },
            DataType::Varchar { length: y } | DataType::Char { length: y },
        ) => DataType::Varchar { length: *x.max(y) },
        _ => DataType::Clob,
    }
}

fn family(ty: &DataType) -> Family {
    match ty {
        t if t.is_numeric() => Family::Number,
        t if t.is_text() => Family::Text,
        DataType::Date
        | DataType::Timestamp { .. }
        | DataType::TimestampTz { .. }
        | DataType::TimestampLtz { .. } => Family::Moment,
        _ => Family::Other,
    }
}

fn text() -> DataType {
    DataType::Varchar { length: 4000 }
}

/// The type that a name suggests.
fn by_name(name: &str) -> Option<(DataType, &'static str)> {
    let ends = |all: &[&str]| all.iter().any(|e| name.ends_with(e));
    if ends(&["_DATE", "_DT", "_TS", "_TIMESTAMP"])
        || name.starts_with("DATE_")
        || name.starts_with("DT_")
    {
        return Some((DataType::Date, "no use shows its type: a date, by its name"));
    }
    let numbers = &[
        "_AMT",
        "_AMOUNT",
        "_QTY",
        "_QUANTITY",
        "_PRICE",
        "_COST",
        "_CNT",
        "_COUNT",
        "_TOTAL",
        "_SUM",
        "_PCT",
    ];
    ends(numbers).then(|| {
        (
            DataType::number(),
            "no use shows its type: a number, by its name",
        )
    })
}
