//! Variables after a loop: folds become aggregates that are joined to the rows of the loop around, or values of the
//! run where there is none; the last row under an order becomes the first of a ranking.

use super::fold::{Fold, always, fold_of, may_be_null, null, one, zero};
use super::grouped::Grouped;
use super::{Exec, Rows};
use crate::dataflow::env::{Env, VarKey};
use crate::dataflow::lower::RunValue;
use crate::dataflow::tree::filter;
use crate::rel::{
    AggFunction, ArithOp, CaseWhen, CmpOp, DataType, JoinKind, Literal, Named, NamedAgg,
    NamedWindow, Rel, Scalar, SortKey, WindowFunction,
};
use crate::source::Span;

/// A variable that the body changes.
#[derive(Clone, Debug)]
pub(super) struct Carried {
    pub key: VarKey,
    pub span: Span,
    /// Its value at the top of the body.
    pub acc: Scalar,
    /// Its value before the loop.
    pub before: Option<Scalar>,
}

/// The end of a loop's body.
pub(super) struct Ended {
    pub rows: Rows,
    pub env: Env,
    /// Values where a row was left for the next one.
    pub continued: Vec<Env>,
}

/// Aggregates of one loop, each once.
#[derive(Default)]
struct Aggs(Vec<NamedAgg>);

impl Aggs {
    fn add(&mut self, function: AggFunction, arg: Option<Scalar>, ty: DataType) -> NamedAgg {
        let same = |a: &&NamedAgg| a.function == function && a.arg == arg;
        if let Some(found) = self.0.iter().find(same) {
            return found.clone();
        }
        let agg = NamedAgg {
            name: format!("F{}", self.0.len() + 1),
            function,
            distinct: false,
            arg,
            separator: None,
            order_by: Vec::new(),
            ty,
        };
        self.0.push(agg.clone());
        agg
    }

    fn count(&mut self, arg: Option<Scalar>) -> NamedAgg {
        let function = match arg {
            Some(_) => AggFunction::Count,
            None => AggFunction::CountStar,
        };
        self.add(function, arg, DataType::integer(19))
    }
}

impl Exec<'_, '_> {
    /// Gives every variable that was folded its value.
    pub(super) fn after_loop(&mut self, carried: &[Carried], ended: Ended) {
        let mut folds: Vec<(&Carried, Fold)> = Vec::new();
        for c in carried {
            let untouched = ended
                .continued
                .iter()
                .all(|e| e.get(&c.key) == Some(&c.acc));
            let fold = ended.env.get(&c.key).and_then(|end| fold_of(end, &c.acc));
            if let (true, Some(fold)) = (untouched, fold) {
                folds.push((c, fold));
            }
        }
        if folds.is_empty() {
            return;
        }
        let order = ended.rows.order.iter().map(|k| k.expr.clone());
        let uses: Vec<Scalar> = folds
            .iter()
            .flat_map(|(_, f)| f.scalars())
            .chain(order)
            .collect();
        let Some(grouped) = self.grouped(&ended.rows, &uses) else {
            return;
        };
        if self.rows.is_some() {
            self.join_folds(&folds, grouped, &ended.rows);
        } else {
            self.run_folds(&folds, &grouped);
        }
    }

    /// Once a run: each variable is a value over one row of aggregates.
    fn run_folds(&mut self, folds: &[(&Carried, Fold)], grouped: &Grouped) {
        let mut aggs = Aggs::default();
        let mut values = Vec::new();
        for (c, fold) in folds {
            let counts = matches!(fold, Fold::Sum(s) | Fold::SumFromNull(s) if *s == one());
            if let Some(value) = aggregated(c, fold, grouped, &mut aggs, "") {
                values.push((*c, value, counts));
            }
        }
        let from = Rel::Aggregate {
            input: Box::new(grouped.input.clone()),
            keys: Vec::new(),
            aggs: aggs.0,
        };
        for (c, expr, counts) in values {
            let value = RunValue {
                from: from.clone(),
                expr,
                counts,
                span: c.span,
            };
            let value = self.run_value(&c.key, value);
            self.env.set(c.key.clone(), value);
        }
    }

    /// Once a row of the loop around: joined by its key, or by what the inner rows are compared with.
    fn join_folds(&mut self, folds: &[(&Carried, Fold)], grouped: Grouped, inner: &Rows) {
        let alias = self.done.shared.alias("");
        let mut aggs = Aggs::default();
        let mut values = Vec::new();
        let mut ranked = Vec::new();
        for (c, fold) in folds {
            match aggregated(c, fold, &grouped, &mut aggs, &alias) {
                Some(value) => values.push((c.key.clone(), value)),
                None => ranked.push((*c, fold)),
            }
        }
        if !aggs.0.is_empty() {
            let keys = grouped.named_keys();
            let derived = Rel::Aggregate {
                input: Box::new(grouped.input.clone()),
                keys,
                aggs: aggs.0,
            };
            self.join_derived(derived, alias, &grouped);
        }
        for (c, fold) in ranked {
            if let Some(value) = self.last_row(c, fold, &grouped, inner) {
                values.push((c.key.clone(), value));
            }
        }
        for (key, value) in values {
            self.env.set(key, value);
        }
        if let Some(rows) = &mut self.rows {
            let known = rows.evidence.len().min(inner.evidence.len());
            rows.evidence
                .extend(inner.evidence[known..].iter().cloned());
        }
    }

    fn join_derived(&mut self, rel: Rel, alias: String, grouped: &Grouped) {
        let items = rel.outputs().into_iter().map(|c| Named {
            name: c.name.clone(),
            expr: Scalar::Column(c),
        });
        let project = Rel::Project {
            items: items.collect(),
            input: Box::new(rel),
        };
        let derived = Rel::Derived {
            input: Box::new(project),
            alias: alias.clone(),
        };
        let on = Scalar::all(grouped.keys.iter().enumerate().map(|(i, (inner, outer))| {
            let key = Scalar::column(&alias, &grouped.key_name(i), inner.ty(), true);
            compare(CmpOp::Eq, outer.clone(), key)
        }));
        let kind = if on.is_some() {
            JoinKind::Left
        } else {
            JoinKind::Cross
        };
        if let Some(rows) = &mut self.rows {
            rows.from = Rel::Join {
                kind,
                left: Box::new(rows.from.clone()),
                right: Box::new(derived),
                on,
            };
        }
    }

    /// The last row that set the variable, where the loop has an order.
    fn last_row(
        &mut self,
        c: &Carried,
        fold: &Fold,
        grouped: &Grouped,
        inner: &Rows,
    ) -> Option<Scalar> {
        let Fold::Set { marker, value } = fold else {
            return None;
        };
        if inner.order.is_empty() || grouped.keys.is_empty() {
            return None;
        }
        let before = c.before.clone()?;
        let alias = self.done.shared.alias("");
        let cond = (!always(marker)).then(|| not_null(grouped.of(marker)));
        let input = filter(grouped.input.clone(), cond);
        let order_by = inner.order.iter().map(|k| SortKey {
            expr: grouped.of(&k.expr),
            desc: !k.desc,
            nulls_first: !k.nulls_first,
        });
        let number = NamedWindow {
            name: "RN".into(),
            function: WindowFunction::RowNumber,
            args: Vec::new(),
            partition_by: grouped.keys.iter().map(|(k, _)| k.clone()).collect(),
            order_by: order_by.collect(),
            ty: DataType::integer(19),
        };
        let ty = value.ty();
        let named = |name: &str, expr: Scalar| Named {
            name: name.into(),
            expr,
        };
        let mut items = grouped.named_keys();
        items.push(named("FOUND", one()));
        items.push(named("V", grouped.of(value)));
        let column = |n: &str, ty| Scalar::column("", n, ty, true);
        items.push(named("RN", column("RN", DataType::integer(19))));
        let ranking = Rel::Project {
            input: Box::new(Rel::Window {
                input: Box::new(input),
                calls: vec![number],
            }),
            items,
        };
        let below = self.done.shared.alias("");
        let ranking = Rel::Derived {
            input: Box::new(ranking),
            alias: below.clone(),
        };
        let first = Rel::Project {
            items: ranking
                .outputs()
                .into_iter()
                .filter(|c| c.name != "RN")
                .map(|c| named(&c.name.clone(), Scalar::Column(c)))
                .collect(),
            input: Box::new(filter(
                ranking,
                Some(compare(
                    CmpOp::Eq,
                    Scalar::column(&below, "RN", DataType::integer(19), false),
                    one(),
                )),
            )),
        };
        self.join_derived(first, alias.clone(), grouped);
        let found = not_null(Scalar::column(&alias, "FOUND", DataType::integer(1), true));
        let last = Scalar::column(&alias, "V", ty, true);
        Some(if before == null() {
            last
        } else {
            case(found, last, before)
        })
    }
}

/// A fold as an expression over aggregates of the relation `alias`; None where it is no aggregate.
fn aggregated(
    c: &Carried,
    fold: &Fold,
    grouped: &Grouped,
    aggs: &mut Aggs,
    alias: &str,
) -> Option<Scalar> {
    let before = c.before.clone()?;
    let column = |a: &NamedAgg| Scalar::column(alias, &a.name, a.ty.clone(), true);
    match fold {
        Fold::Keep => Some(before),
        Fold::Sum(value) => {
            let value = grouped.of(value);
            if before == null() {
                return Some(null());
            }
            let nullable = may_be_null(&value);
            let sum = aggs.add(AggFunction::Sum, Some(value.clone()), sum_type(&value));
            let total = add(before, or_zero(column(&sum)));
            if !nullable {
                return Some(total);
            }
            // One NULL makes the variable NULL for good.
            let (all, known) = (aggs.count(None), aggs.count(Some(value)));
            let lost = compare(CmpOp::Gt, or_zero(column(&all)), or_zero(column(&known)));
            Some(case(lost, null(), total))
        }
        Fold::SumFromNull(value) => {
            let value = grouped.of(value);
            if may_be_null(&value) {
                return None;
            }
            let sum = aggs.add(AggFunction::Sum, Some(value.clone()), sum_type(&value));
            Some(match before {
                b if b == null() => column(&sum),
                b if b == zero() => or_zero(column(&sum)),
                _ => return None,
            })
        }
        Fold::Pick {
            max,
            value,
            from_null,
        } => {
            let value = grouped.of(value);
            let (function, op) = if *max {
                (AggFunction::Max, CmpOp::Gt)
            } else {
                (AggFunction::Min, CmpOp::Lt)
            };
            let ty = value.ty();
            if before == null() && !*from_null {
                return Some(null());
            }
            let best = column(&aggs.add(function, Some(value), ty));
            if before == null() {
                return Some(best);
            }
            let better = compare(op, best.clone(), before.clone());
            let better = if *from_null && may_be_null(&before) {
                Scalar::Or {
                    items: vec![is_null(before.clone()), better],
                }
            } else {
                better
            };
            Some(case(better, best, before))
        }
        Fold::Set { marker, value } => set_once(before, marker, value, grouped, aggs, &column),
    }
}

/// A constant that some row sets, or the value of the only row there can be.
fn set_once(
    before: Scalar,
    marker: &Scalar,
    value: &Scalar,
    grouped: &Grouped,
    aggs: &mut Aggs,
    column: &dyn Fn(&NamedAgg) -> Scalar,
) -> Option<Scalar> {
    let constant = matches!(value, Scalar::Literal(_));
    if !constant && !grouped.single {
        return None;
    }
    let (marker, value) = (grouped.of(marker), grouped.of(value));
    let marks = aggs.count((!always(&marker)).then(|| marker.clone()));
    let set = compare(CmpOp::Gt, or_zero(column(&marks)), zero());
    if constant {
        return Some(case(set, value, before));
    }
    let ty = value.ty();
    let only = column(&aggs.add(AggFunction::Max, Some(value), ty));
    Some(if before == null() {
        only
    } else {
        case(set, only, before)
    })
}

fn sum_type(of: &Scalar) -> DataType {
    match of.ty() {
        DataType::Number { scale: Some(s), .. } => DataType::Number {
            precision: Some(38),
            scale: Some(s),
        },
        DataType::Number {
            precision: Some(_),
            scale: None,
        } => DataType::integer(38),
        DataType::BinaryDouble | DataType::BinaryFloat => DataType::BinaryDouble,
        _ => DataType::number(),
    }
}

pub(super) fn compare(cmp: CmpOp, left: Scalar, right: Scalar) -> Scalar {
    Scalar::Compare {
        cmp,
        left: Box::new(left),
        right: Box::new(right),
    }
}

fn case(when: Scalar, then: Scalar, otherwise: Scalar) -> Scalar {
    Scalar::Case {
        whens: vec![CaseWhen { when, then }],
        otherwise: Some(Box::new(otherwise)),
    }
}

fn is_null(s: Scalar) -> Scalar {
    Scalar::IsNull {
        operand: Box::new(s),
        not: false,
    }
}

pub(super) fn not_null(s: Scalar) -> Scalar {
    Scalar::IsNull {
        operand: Box::new(s),
        not: true,
    }
}

fn or_zero(s: Scalar) -> Scalar {
    let ty = s.ty();
    Scalar::Call {
        function: "NVL".into(),
        args: vec![s, zero()],
        ty,
    }
}

/// Zero is not added.
fn add(a: Scalar, b: Scalar) -> Scalar {
    if matches!(&a, Scalar::Literal(Literal::Number(n)) if n == "0") {
        return b;
    }
    Scalar::Arith {
        arith: ArithOp::Add,
        left: Box::new(a),
        right: Box::new(b),
    }
}
