//! Whether the same tables always give the same rows.

use super::columns::{Col, Known, Set};
use super::derive::known;
use super::{Given, Keys};
use crate::dataflow::model::{Evidence, Status};
use crate::dataflow::tree::{any, bare, picks_clock, visit, visit_rel};
use crate::rel::{
    AggFunction, DataType, NamedAgg, NamedWindow, Rel, Scalar, SortKey, WindowFunction,
};

/// Proved, or assumed with the ties that would have to be broken, or failed with what is random.
pub fn deterministic(rel: &Rel, keys: Keys<'_>) -> Evidence {
    let mut found = Found::default();
    random(rel, &mut found);
    walk(rel, keys, &mut found);
    if let Some(reason) = found.failed {
        return evidence(Status::Failed, reason);
    }
    if found.assumed.is_empty() {
        return evidence(Status::Proved, "the rows depend on the tables alone".into());
    }
    evidence(Status::Assumed, found.assumed.join("; "))
}

fn evidence(status: Status, note: String) -> Evidence {
    Evidence {
        status,
        note,
        spans: Vec::new(),
    }
}

#[derive(Default)]
struct Found {
    failed: Option<String>,
    assumed: Vec<String>,
}

impl Found {
    fn assume(&mut self, note: String) {
        if !self.assumed.contains(&note) {
            self.assumed.push(note);
        }
    }
}

fn random(rel: &Rel, found: &mut Found) {
    visit_rel(rel, &mut |n| {
        let Scalar::Call { function, .. } = n else {
            return;
        };
        let random = matches!(
            function.as_str(),
            "SYS_GUID" | "ROWNUM" | "SYS_CONTEXT" | "USERENV" | "ORA_ROWSCN"
        ) || function.starts_with("DBMS_RANDOM");
        if random {
            found
                .failed
                .get_or_insert(format!("{function} gives another value each time"));
        }
    });
}

fn walk(rel: &Rel, keys: Keys<'_>, found: &mut Found) {
    clock(rel, found);
    match rel {
        Rel::Window { input, calls } => {
            let mut k = known(input, Given::tables(keys));
            calls.iter().for_each(|c| ranking(&mut k, c, found));
        }
        Rel::Limit {
            input,
            order_by,
            count,
        } => {
            let mut k = known(input, Given::tables(keys));
            if !total(&mut k, &[], order_by) {
                found.assume(format!(
                    "no two of the first {count} rows are equal in the order of the row limit"
                ));
            }
        }
        Rel::Aggregate {
            input,
            keys: by,
            aggs,
        } => {
            let mut k = known(input, Given::tables(keys));
            let by: Vec<Scalar> = by.iter().map(|n| n.expr.clone()).collect();
            aggs.iter().for_each(|a| aggregate(&mut k, &by, a, found));
        }
        Rel::Scan(_)
        | Rel::Values { .. }
        | Rel::Derived { .. }
        | Rel::Filter { .. }
        | Rel::Project { .. }
        | Rel::Join { .. }
        | Rel::Distinct { .. }
        | Rel::SetOp { .. } => {}
    }
    rel.for_each_scalar(&mut |s| {
        visit(s, &mut |n| {
            if let Scalar::Exists { query, .. }
            | Scalar::InQuery { query, .. }
            | Scalar::ScalarQuery { query } = n
            {
                query.for_each_input(&mut |r| walk(r, keys, found));
            }
        });
    });
    rel.for_each_input(&mut |r| walk(r, keys, found));
}

/// SYSDATE written as it is is an audit value; in a computation with columns it makes the row depend on the run.
fn clock(rel: &Rel, found: &mut Found) {
    let audit = matches!(rel, Rel::Project { .. });
    rel.for_each_scalar(&mut |s| {
        let clock = any(s, &|n| matches!(n, Scalar::EventTime { .. }));
        let alone = audit && picks_clock(s);
        let plain = matches!(bare(s), Scalar::EventTime { .. });
        if clock && !alone && !plain {
            found
                .failed
                .get_or_insert("the values depend on the time of the run (SYSDATE)".into());
        }
    });
}

fn ranking(k: &mut Known, call: &NamedWindow, found: &mut Found) {
    let picks = match call.function {
        WindowFunction::RowNumber
        | WindowFunction::Lag
        | WindowFunction::Lead
        | WindowFunction::FirstValue
        | WindowFunction::LastValue => true,
        // Equal rows get equal values.
        WindowFunction::Rank
        | WindowFunction::DenseRank
        | WindowFunction::Sum
        | WindowFunction::Count
        | WindowFunction::Min
        | WindowFunction::Max
        | WindowFunction::Avg => false,
    };
    if picks && !total(k, &call.partition_by, &call.order_by) {
        found.assume(format!(
            "no two rows of a partition are equal in the order of {}",
            call.name
        ));
    }
}

/// The order leaves no two rows equal within a partition.
fn total(k: &mut Known, partition: &[Scalar], order: &[SortKey]) -> bool {
    let columns: Set = partition
        .iter()
        .chain(order.iter().map(|o| &o.expr))
        .map(|s| k.column(s))
        .collect::<Set>();
    k.key_in(&columns).is_some()
}

fn aggregate(k: &mut Known, by: &[Scalar], agg: &NamedAgg, found: &mut Found) {
    match agg.function {
        AggFunction::Listagg => {
            let sorted: Vec<Col> = agg.order_by.iter().map(|o| k.column(&o.expr)).collect();
            let by_value = agg.arg.iter().any(|a| sorted.contains(&k.column(a)));
            if !by_value && !total(k, by, &agg.order_by) {
                found.assume("no two rows of a group are equal in the order of LISTAGG".into());
            }
        }
        AggFunction::Sum | AggFunction::Avg => {
            let binary = agg
                .arg
                .as_ref()
                .is_some_and(|a| matches!(a.ty(), DataType::BinaryDouble | DataType::BinaryFloat));
            if binary {
                found.assume(
                    "sums of binary floating-point numbers may differ in the last digits".into(),
                );
            }
        }
        AggFunction::Count | AggFunction::CountStar | AggFunction::Min | AggFunction::Max => {}
    }
}
