//! The period that a DELETE clears before an INSERT writes it again.

use super::anchor::Anchor;
use super::binding::BatchParam;
use super::clock;
use super::detect::detect;
use super::moment::Moment;
use super::place::constants;
use crate::dataflow::tree::conjuncts;
use crate::rel::{PeriodUnit, Rel, Scalar, Scan, ScanColumn};

/// A period of a target.
#[derive(Clone, Debug)]
pub struct DeletedPeriod {
    /// Column of the target.
    pub column: String,
    /// Parameter.
    pub parameter: String,
    /// Unit.
    pub unit: PeriodUnit,
    moment: Moment,
    /// The condition compares the column's own values, not the day or month that they lie in.
    pub(super) exact: bool,
}

impl DeletedPeriod {
    /// The period is the one that an insert by this anchor writes.
    pub(super) fn is_of(&self, anchor: &Anchor) -> bool {
        if self.parameter != anchor.param {
            return false;
        }
        if self.moment == anchor.moment {
            return self.exact || self.unit == anchor.unit;
        }
        // `sales_date = TRUNC(p)` beside `x >= p`, where p is the start of a day.
        let plain = |m: &Moment| m.is_plain();
        let truncated = |m: &Moment| {
            matches!(m.base, Scalar::PeriodOf { .. }) && m.aligned == Some(anchor.unit)
        };
        let pair = (plain(&self.moment) && truncated(&anchor.moment))
            || (truncated(&self.moment) && plain(&anchor.moment));
        pair && anchor.whole
            && self.moment.months == anchor.moment.months
            && self.moment.days == anchor.moment.days
    }
}

/// The period that the condition of a DELETE on one table is: its column and parameter. None: it is more, less or
/// something else.
pub fn delete_period(predicate: &Scalar, params: &[BatchParam]) -> Option<DeletedPeriod> {
    let target = target(predicate)?;
    let values: Vec<(String, Scalar)> = params
        .iter()
        .filter_map(|p| Some((p.name.clone(), p.constant()?)))
        .collect();
    let filter = Rel::Filter {
        input: Box::new(target),
        predicate: predicate.clone(),
    };
    let filter = clock::adopt(constants(filter, &values));
    let params = super::parameters(&filter, params);
    let Rel::Filter { input, predicate } = filter else {
        return None;
    };
    let [param] = params.as_slice() else {
        return None;
    };
    let conditions = conjuncts(predicate);
    let found = detect(&input, &conditions, param)?;
    let whole = found.used.len() == conditions.len();
    whole.then(|| DeletedPeriod {
        column: found.anchor.source.name.clone(),
        parameter: param.name.clone(),
        unit: found.anchor.unit,
        exact: matches!(found.anchor.traced, Scalar::Column(_)),
        moment: found.anchor.moment,
    })
}

/// The table as far as the condition shows it.
fn target(predicate: &Scalar) -> Option<Rel> {
    let mut columns: Vec<ScanColumn> = Vec::new();
    let mut aliases: Vec<String> = Vec::new();
    crate::dataflow::tree::columns_of(predicate, &mut |c| {
        if !aliases.contains(&c.relation) {
            aliases.push(c.relation.clone());
        }
        if !columns.iter().any(|o| o.name == c.name) {
            columns.push(ScanColumn {
                name: c.name.clone(),
                ty: c.ty.clone(),
                nullable: c.nullable,
            });
        }
    });
    let [alias] = aliases.as_slice() else {
        return None;
    };
    let table = crate::rel::TableName::new("TARGET", "TARGET");
    Some(Rel::Scan(Scan {
        table,
        alias: alias.clone(),
        columns,
    }))
}
