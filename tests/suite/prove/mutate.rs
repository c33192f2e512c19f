//! Faults that a planner could make, put into a plan one at a time: one place of one kind.

use ora2stream::plan::model::{Plan, StreamJob};
use ora2stream::rel::{
    AggFunction, ArithOp, CmpOp, DataType, JoinKind, Literal, PeriodUnit, Rel, Scalar, SetOperator,
    SortKey,
};

/// A kind of fault: each function changes a node that it fits, and says whether it did.
pub struct Fault {
    /// Name.
    pub name: &'static str,
    scalar: fn(&mut Scalar) -> bool,
    rel: fn(&mut Rel) -> bool,
    job: fn(&mut StreamJob) -> bool,
}

const NONE: Fault = Fault {
    name: "",
    scalar: |_| false,
    rel: |_| false,
    job: |_| false,
};

const fn rel(name: &'static str, rel: fn(&mut Rel) -> bool) -> Fault {
    Fault { name, rel, ..NONE }
}

const fn scalar(name: &'static str, scalar: fn(&mut Scalar) -> bool) -> Fault {
    Fault {
        name,
        scalar,
        ..NONE
    }
}

const fn job(name: &'static str, job: fn(&mut StreamJob) -> bool) -> Fault {
    Fault { name, job, ..NONE }
}

fn text(t: &str) -> Scalar {
    Scalar::Literal(Literal::Text(t.into()))
}

fn number(n: &str) -> Scalar {
    Scalar::Literal(Literal::Number(n.into()))
}

fn truth() -> Scalar {
    Scalar::Literal(Literal::Boolean(true))
}

fn reversed(keys: &mut [SortKey]) -> bool {
    match keys.first_mut() {
        Some(k) => {
            k.desc = !k.desc;
            true
        }
        None => false,
    }
}

fn wrapped(s: &mut Scalar, function: &str, more: Vec<Scalar>) {
    let ty = s.ty();
    let mut args = vec![s.clone()];
    args.extend(more);
    *s = Scalar::Call {
        function: function.into(),
        args,
        ty,
    };
}

/// All kinds.
pub const FAULTS: &[Fault] = &[
    rel("join kind", |r| match r {
        Rel::Join { kind, .. } => {
            *kind = match kind {
                JoinKind::Left => JoinKind::Inner,
                JoinKind::Inner => JoinKind::Left,
                JoinKind::Right | JoinKind::Full | JoinKind::Cross => return false,
            };
            true
        }
        _ => false,
    }),
    rel("join condition lost", |r| match r {
        Rel::Join { on: Some(on), .. } => {
            *on = truth();
            true
        }
        _ => false,
    }),
    rel("aggregate", |r| match r {
        Rel::Aggregate { aggs, .. } => match aggs.first_mut() {
            Some(a) => {
                a.function = match a.function {
                    AggFunction::Max => AggFunction::Min,
                    _ => AggFunction::Max,
                };
                true
            }
            None => false,
        },
        _ => false,
    }),
    rel("last aggregate", |r| match r {
        Rel::Aggregate { aggs, .. } if aggs.len() > 1 => match aggs.last_mut() {
            Some(a) if a.function == AggFunction::Sum => {
                a.function = AggFunction::Avg;
                true
            }
            Some(a) => {
                a.function = AggFunction::Min;
                a.arg.is_some()
            }
            None => false,
        },
        _ => false,
    }),
    rel("distinct", |r| match r {
        Rel::Aggregate { aggs, .. } => match aggs.iter_mut().find(|a| a.distinct) {
            Some(a) => {
                a.distinct = false;
                true
            }
            None => false,
        },
        _ => false,
    }),
    rel("order", |r| match r {
        Rel::Window { calls, .. } => calls.iter_mut().any(|c| reversed(&mut c.order_by)),
        Rel::Limit { order_by, .. } => reversed(order_by),
        _ => false,
    }),
    rel("partition lost", |r| match r {
        Rel::Window { calls, .. } => calls.iter_mut().any(|c| c.partition_by.pop().is_some()),
        _ => false,
    }),
    rel("group key", |r| match r {
        Rel::Aggregate { keys, .. } if keys.len() > 1 => match keys.last_mut() {
            Some(k) => {
                k.expr = number("1");
                true
            }
            None => false,
        },
        _ => false,
    }),
    rel("filter lost", |r| match r {
        Rel::Filter { predicate, .. } => {
            *predicate = truth();
            true
        }
        _ => false,
    }),
    rel("condition lost", |r| match r {
        Rel::Filter {
            predicate: Scalar::And { items },
            ..
        } if items.len() > 1 => items.pop().is_some(),
        _ => false,
    }),
    rel("set operator", |r| match r {
        Rel::SetOp { set, .. } => {
            *set = match set {
                SetOperator::UnionAll => SetOperator::Union,
                SetOperator::Union | SetOperator::Minus | SetOperator::Intersect => {
                    SetOperator::UnionAll
                }
            };
            true
        }
        _ => false,
    }),
    scalar("comparison", |s| match s {
        Scalar::Compare { cmp, .. } => {
            *cmp = match cmp {
                CmpOp::Eq => CmpOp::Ne,
                CmpOp::Ne => CmpOp::Eq,
                CmpOp::Lt => CmpOp::Le,
                CmpOp::Le => CmpOp::Lt,
                CmpOp::Gt => CmpOp::Ge,
                CmpOp::Ge => CmpOp::Gt,
            };
            true
        }
        Scalar::Exists { not, .. } | Scalar::InList { not, .. } | Scalar::Between { not, .. } => {
            *not = !*not;
            true
        }
        _ => false,
    }),
    scalar("null test", |s| match s {
        Scalar::IsNull { not, .. } => {
            *not = !*not;
            true
        }
        _ => false,
    }),
    scalar("and for or", |s| match s {
        Scalar::Or { items } => {
            *s = Scalar::And {
                items: std::mem::take(items),
            };
            true
        }
        _ => false,
    }),
    scalar("sign", |s| match s {
        Scalar::Arith { arith, .. } => {
            *arith = match arith {
                ArithOp::Add => ArithOp::Sub,
                ArithOp::Sub | ArithOp::Mul => ArithOp::Add,
                ArithOp::Div => ArithOp::Mul,
            };
            true
        }
        _ => false,
    }),
    scalar("null handling", |s| match s {
        Scalar::Call { function, args, .. }
            if matches!(function.as_str(), "NVL" | "COALESCE") && !args.is_empty() =>
        {
            let first = args[0].clone();
            *s = first;
            true
        }
        _ => false,
    }),
    scalar("case without else", |s| match s {
        Scalar::Case { otherwise, .. } => otherwise.take().is_some(),
        _ => false,
    }),
    scalar("literal", |s| match s {
        Scalar::Literal(Literal::Text(t)) if !t.starts_with("YYYY") => {
            t.push('?');
            true
        }
        _ => false,
    }),
    scalar("period", |s| match s {
        Scalar::PeriodOf { unit, .. } => {
            *unit = match unit {
                PeriodUnit::Month => PeriodUnit::Day,
                _ => PeriodUnit::Month,
            };
            true
        }
        Scalar::Call { function, args, .. }
            if function == "TRUNC" && args.len() == 1 && args[0].ty().is_datetime() =>
        {
            args.push(text("MM"));
            true
        }
        _ => false,
    }),
    scalar("rounding", |s| match s {
        Scalar::Column(c) if matches!(&c.ty, DataType::Number { scale: Some(n), .. } if *n > 0) => {
            wrapped(s, "TRUNC", Vec::new());
            true
        }
        Scalar::Call { function, .. } if function == "ROUND" => {
            *function = "TRUNC".into();
            true
        }
        _ => false,
    }),
    job("key", |j| {
        if j.write.key.len() < 2 {
            return false;
        }
        j.write.key.pop();
        true
    }),
];

/// Applies a fault to the `n`-th place that it fits; false if there are fewer.
pub fn seeded(plan: &mut Plan, job: &str, fault: &Fault, n: usize) -> bool {
    let mut jobs = plan.groups.iter_mut().flat_map(|g| &mut g.jobs);
    let Some(j) = jobs.find(|j| j.id == job) else {
        return false;
    };
    let mut left = n;
    tried(j, fault.job, &mut left) || in_rel(&mut j.write.query, fault, &mut left)
}

/// Changes a copy; it counts if it fits, and stays if it is the one that is wanted.
fn tried<T: Clone>(node: &mut T, change: fn(&mut T) -> bool, left: &mut usize) -> bool {
    let mut probe = node.clone();
    if !change(&mut probe) {
        return false;
    }
    if *left == 0 {
        *node = probe;
        return true;
    }
    *left -= 1;
    false
}

fn in_rel(r: &mut Rel, fault: &Fault, left: &mut usize) -> bool {
    if tried(r, fault.rel, left) {
        return true;
    }
    let mut scalars: Vec<&mut Scalar> = Vec::new();
    let mut inputs: Vec<&mut Rel> = Vec::new();
    match r {
        Rel::Scan(_) | Rel::Values { .. } => {}
        Rel::Derived { input, .. } | Rel::Distinct { input } => inputs.push(input),
        Rel::Filter { input, predicate } => {
            scalars.push(predicate);
            inputs.push(input);
        }
        Rel::Project { input, items } => {
            scalars.extend(items.iter_mut().map(|i| &mut i.expr));
            inputs.push(input);
        }
        Rel::Join {
            left: a,
            right: b,
            on,
            ..
        } => {
            scalars.extend(on.iter_mut());
            inputs.push(a);
            inputs.push(b);
        }
        Rel::Aggregate { input, keys, aggs } => {
            scalars.extend(keys.iter_mut().map(|k| &mut k.expr));
            scalars.extend(aggs.iter_mut().filter_map(|a| a.arg.as_mut()));
            inputs.push(input);
        }
        Rel::Window { input, calls } => {
            for c in calls {
                scalars.extend(&mut c.args);
                scalars.extend(&mut c.partition_by);
                scalars.extend(c.order_by.iter_mut().map(|k| &mut k.expr));
            }
            inputs.push(input);
        }
        Rel::SetOp {
            left: a, right: b, ..
        } => {
            inputs.push(a);
            inputs.push(b);
        }
        Rel::Limit {
            input, order_by, ..
        } => {
            scalars.extend(order_by.iter_mut().map(|k| &mut k.expr));
            inputs.push(input);
        }
    }
    scalars.into_iter().any(|s| in_scalar(s, fault, left))
        || inputs.into_iter().any(|r| in_rel(r, fault, left))
}

fn in_scalar(s: &mut Scalar, fault: &Fault, left: &mut usize) -> bool {
    if tried(s, fault.scalar, left) {
        return true;
    }
    let mut parts: Vec<&mut Scalar> = Vec::new();
    match s {
        Scalar::Arith { left, right, .. } | Scalar::Compare { left, right, .. } => {
            parts.push(left);
            parts.push(right);
        }
        Scalar::Negate { operand }
        | Scalar::Not { operand }
        | Scalar::IsNull { operand, .. }
        | Scalar::PeriodOf { operand, .. }
        | Scalar::Cast { operand, .. } => parts.push(operand),
        Scalar::And { items } | Scalar::Or { items } | Scalar::Concat { items } => {
            parts.extend(items);
        }
        Scalar::Call { args, .. } => parts.extend(args),
        Scalar::Between {
            operand, low, high, ..
        } => {
            parts.push(operand);
            parts.push(low);
            parts.push(high);
        }
        Scalar::InList { operand, items, .. } => {
            parts.push(operand);
            parts.extend(items);
        }
        Scalar::Like {
            operand, pattern, ..
        } => {
            parts.push(operand);
            parts.push(pattern);
        }
        Scalar::Case { whens, otherwise } => {
            for w in whens {
                parts.push(&mut w.when);
                parts.push(&mut w.then);
            }
            parts.extend(otherwise.as_deref_mut());
        }
        Scalar::Exists { query, .. } | Scalar::ScalarQuery { query } => {
            return in_rel(query, fault, left);
        }
        Scalar::InQuery {
            operands, query, ..
        } => {
            if operands.iter_mut().any(|o| in_scalar(o, fault, left)) {
                return true;
            }
            return in_rel(query, fault, left);
        }
        Scalar::Column(_) | Scalar::Literal(_) | Scalar::EventTime { .. } | Scalar::EventUser => {}
    }
    parts.into_iter().any(|p| in_scalar(p, fault, left))
}
