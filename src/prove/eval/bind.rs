//! Relations and scalars with their columns found: positions instead of names.

use super::EvalError;
use crate::rel::{
    AggFunction, ArithOp, CaseWhen, CmpOp, ColumnRef, DataType, JoinKind, Literal, NamedAgg,
    NamedWindow, PeriodUnit, Rel, Scalar, SetOperator, SortKey, TableName, WindowFunction,
};
use crate::value::func::Function;
use crate::value::{Number, Value};

/// A relation, ready to run.
pub(super) enum Node {
    Scan(TableName, Vec<String>),
    Values(Vec<Vec<Value>>),
    Filter(Box<Node>, Ex),
    Project(Box<Node>, Vec<Ex>),
    Join {
        kind: JoinKind,
        left: Box<Node>,
        right: Box<Node>,
        widths: (usize, usize),
        /// Equalities of columns: left, right, padded.
        hash: Vec<(usize, usize, bool)>,
        on: Vec<Ex>,
    },
    Aggregate {
        input: Box<Node>,
        keys: Vec<Ex>,
        aggs: Vec<Agg>,
    },
    Window(Box<Node>, Vec<Win>),
    Distinct(Box<Node>),
    Set(SetOperator, Box<Node>, Box<Node>),
    Limit(Box<Node>, Vec<Sort>, u64),
}

pub(super) struct Agg {
    pub function: AggFunction,
    pub distinct: bool,
    pub arg: Option<Ex>,
    pub separator: String,
    pub order: Vec<Sort>,
}

pub(super) struct Win {
    pub function: WindowFunction,
    pub args: Vec<Ex>,
    pub partition: Vec<Ex>,
    pub order: Vec<Sort>,
}

pub(super) struct Sort {
    pub ex: Ex,
    pub desc: bool,
    pub nulls_first: bool,
}

/// A scalar, ready to run.
pub(super) enum Ex {
    Col {
        up: usize,
        at: usize,
    },
    Const(Value),
    Truth(bool),
    Arith(ArithOp, Box<Ex>, Box<Ex>),
    Negate(Box<Ex>),
    Concat(Vec<Ex>),
    Compare(CmpOp, Box<Ex>, Box<Ex>, bool),
    And(Vec<Ex>),
    Or(Vec<Ex>),
    Not(Box<Ex>),
    IsNull(Box<Ex>, bool),
    Between(Box<[Ex; 3]>, bool, bool),
    InList(Box<Ex>, Vec<Ex>, bool, bool),
    Like(Box<Ex>, Box<Ex>, Option<Box<Ex>>, bool),
    Case(Vec<(Ex, Ex)>, Option<Box<Ex>>),
    Cast(Box<Ex>, DataType),
    Decode(Vec<Ex>),
    RegexpLike(Vec<Ex>),
    Call(&'static Function, Vec<Ex>),
    /// Whether a conversion succeeds.
    CanBe(&'static Function, Vec<Ex>),
    PeriodOf(Box<Ex>, PeriodUnit),
    Exists(Box<Node>, bool),
    InQuery(Vec<Ex>, Box<Node>, bool),
    Query(Box<Node>),
    Now(bool),
    User,
}

type Res<T> = Result<T, EvalError>;

/// Columns in reach, the innermost query last.
pub(super) type Scopes = Vec<Vec<ColumnRef>>;

fn unsupported<T>(what: &str) -> Res<T> {
    Err(EvalError::Unsupported(what.into()))
}

/// Binds a relation; `scopes` are the queries around it.
pub(super) fn relation(rel: &Rel, scopes: &mut Scopes) -> Res<Node> {
    if scopes.len() > 100 {
        return unsupported("queries nested this deep");
    }
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || node(rel, scopes))
}

fn boxed(rel: &Rel, scopes: &mut Scopes) -> Res<Box<Node>> {
    relation(rel, scopes).map(Box::new)
}

/// Binds with the outputs of `input` in reach.
fn over<T>(input: &Rel, scopes: &mut Scopes, f: impl FnOnce(&mut Scopes) -> Res<T>) -> Res<T> {
    scopes.push(input.outputs());
    let result = f(scopes);
    scopes.pop();
    result
}

fn node(rel: &Rel, scopes: &mut Scopes) -> Res<Node> {
    Ok(match rel {
        Rel::Scan(s) => Node::Scan(
            s.table.clone(),
            s.columns.iter().map(|c| c.name.clone()).collect(),
        ),
        Rel::Values { rows, .. } => Node::Values(
            rows.iter()
                .map(|r| r.iter().map(literal).collect())
                .collect::<Res<_>>()?,
        ),
        Rel::Derived { input, .. } => relation(input, scopes)?,
        Rel::Filter { input, predicate } => {
            let inner = boxed(input, scopes)?;
            Node::Filter(inner, over(input, scopes, |s| scalar(predicate, s))?)
        }
        Rel::Project { input, items } => {
            let inner = boxed(input, scopes)?;
            let items = over(input, scopes, |s| {
                items.iter().map(|i| scalar(&i.expr, s)).collect()
            })?;
            Node::Project(inner, items)
        }
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => join(*kind, left, right, on.as_ref(), rel, scopes)?,
        Rel::Aggregate { input, keys, aggs } => {
            let inner = boxed(input, scopes)?;
            over(input, scopes, |s| {
                let keys: Res<Vec<Ex>> = keys.iter().map(|k| scalar(&k.expr, s)).collect();
                let aggs: Res<Vec<Agg>> = aggs.iter().map(|a| aggregate(a, s)).collect();
                Ok(Node::Aggregate {
                    input: inner,
                    keys: keys?,
                    aggs: aggs?,
                })
            })?
        }
        Rel::Window { input, calls } => {
            let inner = boxed(input, scopes)?;
            let calls: Res<Vec<Win>> = over(input, scopes, |s| {
                Ok(calls.iter().map(|c| window(c, s)).collect())
            })?;
            Node::Window(inner, calls?)
        }
        Rel::Distinct { input } => Node::Distinct(boxed(input, scopes)?),
        Rel::SetOp { set, left, right } => {
            Node::Set(*set, boxed(left, scopes)?, boxed(right, scopes)?)
        }
        Rel::Limit {
            input,
            order_by,
            count,
        } => {
            let inner = boxed(input, scopes)?;
            let order = over(input, scopes, |s| sort(order_by, s))?;
            Node::Limit(inner, order, *count)
        }
    })
}

fn join(
    kind: JoinKind,
    left: &Rel,
    right: &Rel,
    on: Option<&Scalar>,
    rel: &Rel,
    scopes: &mut Scopes,
) -> Res<Node> {
    let widths = (left.outputs().len(), right.outputs().len());
    let (l, r) = (boxed(left, scopes)?, boxed(right, scopes)?);
    let conds: Vec<&Scalar> = match on {
        Some(Scalar::And { items }) => items.iter().collect(),
        Some(other) => vec![other],
        None => Vec::new(),
    };
    let mut hash = Vec::new();
    let mut rest = Vec::new();
    over(rel, scopes, |s| {
        for c in conds {
            let ex = scalar(c, s)?;
            match equality(c, &ex, widths.0) {
                Some(pair) => hash.push(pair),
                None => rest.push(ex),
            }
        }
        Ok(())
    })?;
    Ok(Node::Join {
        kind,
        left: l,
        right: r,
        widths,
        hash,
        on: rest,
    })
}

/// An equality of a left and a right column of one kind.
fn equality(c: &Scalar, ex: &Ex, left: usize) -> Option<(usize, usize, bool)> {
    let (
        Scalar::Compare {
            left: a, right: b, ..
        },
        Ex::Compare(CmpOp::Eq, x, y, padded),
    ) = (c, ex)
    else {
        return None;
    };
    let kind = |t: DataType| (t.is_numeric(), t.is_text(), t.is_datetime());
    if kind(a.ty()) != kind(b.ty()) {
        return None;
    }
    match (&**x, &**y) {
        (Ex::Col { up: 0, at: a }, Ex::Col { up: 0, at: b }) if *a < left && *b >= left => {
            Some((*a, b - left, *padded))
        }
        (Ex::Col { up: 0, at: a }, Ex::Col { up: 0, at: b }) if *b < left && *a >= left => {
            Some((*b, a - left, *padded))
        }
        _ => None,
    }
}

fn sort(keys: &[SortKey], scopes: &mut Scopes) -> Res<Vec<Sort>> {
    let one = |k: &SortKey, scopes: &mut Scopes| {
        Ok(Sort {
            ex: scalar(&k.expr, scopes)?,
            desc: k.desc,
            nulls_first: k.nulls_first,
        })
    };
    keys.iter().map(|k| one(k, scopes)).collect()
}

fn aggregate(a: &NamedAgg, scopes: &mut Scopes) -> Res<Agg> {
    Ok(Agg {
        function: a.function,
        distinct: a.distinct,
        arg: a.arg.as_ref().map(|e| scalar(e, scopes)).transpose()?,
        separator: a.separator.clone().unwrap_or_default(),
        order: sort(&a.order_by, scopes)?,
    })
}

fn window(w: &NamedWindow, scopes: &mut Scopes) -> Res<Win> {
    Ok(Win {
        function: w.function,
        args: scalars(&w.args, scopes)?,
        partition: scalars(&w.partition_by, scopes)?,
        order: sort(&w.order_by, scopes)?,
    })
}

fn scalars(list: &[Scalar], scopes: &mut Scopes) -> Res<Vec<Ex>> {
    list.iter().map(|e| scalar(e, scopes)).collect()
}

/// A literal's value.
fn literal(l: &Literal) -> Res<Value> {
    let date = |t: &str| {
        let moment = crate::value::moment::Moment::parse_iso(t.as_bytes()).ok();
        let date = moment.and_then(|m| crate::value::from_moment(&m));
        date.ok_or_else(|| EvalError::Unsupported(format!("the literal {t}")))
    };
    Ok(match l {
        Literal::Null => Value::Null,
        Literal::Number(n) => Value::Number(n.parse::<Number>()?),
        Literal::Text(t) => Value::text(t.clone()),
        Literal::Date(t) => Value::Date(date(t)?),
        Literal::Timestamp(t) => Value::Timestamp(date(t)?),
        Literal::Boolean(_) => return unsupported("BOOLEAN values"),
    })
}

/// Compared with blanks padded: CHAR columns and text literals.
fn is_char(s: &Scalar) -> bool {
    matches!(s, Scalar::Literal(Literal::Text(_))) || matches!(s.ty(), DataType::Char { .. })
}

fn column(c: &ColumnRef, scopes: &Scopes) -> Res<Ex> {
    for (up, scope) in scopes.iter().rev().enumerate() {
        let at = scope
            .iter()
            .position(|o| o.relation == c.relation && o.name == c.name);
        if let Some(at) = at {
            return Ok(Ex::Col { up, at });
        }
    }
    Err(EvalError::Missing(format!(
        "column {}.{}",
        c.relation, c.name
    )))
}

fn boxed_scalar(s: &Scalar, scopes: &mut Scopes) -> Res<Box<Ex>> {
    scalar(s, scopes).map(Box::new)
}

fn scalar(s: &Scalar, scopes: &mut Scopes) -> Res<Ex> {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || expression(s, scopes))
}

fn expression(s: &Scalar, scopes: &mut Scopes) -> Res<Ex> {
    Ok(match s {
        Scalar::Column(c) => column(c, scopes)?,
        Scalar::Literal(Literal::Boolean(b)) => Ex::Truth(*b),
        Scalar::Literal(l) => Ex::Const(literal(l)?),
        Scalar::Arith { arith, left, right } => Ex::Arith(
            *arith,
            boxed_scalar(left, scopes)?,
            boxed_scalar(right, scopes)?,
        ),
        Scalar::Negate { operand } => Ex::Negate(boxed_scalar(operand, scopes)?),
        Scalar::Concat { items } => Ex::Concat(scalars(items, scopes)?),
        Scalar::Compare { cmp, left, right } => {
            let padded = is_char(left) && is_char(right);
            Ex::Compare(
                *cmp,
                boxed_scalar(left, scopes)?,
                boxed_scalar(right, scopes)?,
                padded,
            )
        }
        Scalar::And { items } => Ex::And(scalars(items, scopes)?),
        Scalar::Or { items } => Ex::Or(scalars(items, scopes)?),
        Scalar::Not { operand } => Ex::Not(boxed_scalar(operand, scopes)?),
        Scalar::IsNull { operand, not } => Ex::IsNull(boxed_scalar(operand, scopes)?, *not),
        Scalar::Between {
            operand,
            low,
            high,
            not,
        } => {
            let padded = is_char(operand) && (is_char(low) || is_char(high));
            let three = [
                scalar(operand, scopes)?,
                scalar(low, scopes)?,
                scalar(high, scopes)?,
            ];
            Ex::Between(Box::new(three), *not, padded)
        }
        Scalar::InList {
            operand,
            items,
            not,
        } => {
            let padded = is_char(operand) && items.iter().all(is_char);
            Ex::InList(
                boxed_scalar(operand, scopes)?,
                scalars(items, scopes)?,
                *not,
                padded,
            )
        }
        Scalar::Like {
            operand,
            pattern,
            escape,
            not,
        } => {
            let escape = escape
                .as_ref()
                .map(|e| boxed_scalar(e, scopes))
                .transpose()?;
            Ex::Like(
                boxed_scalar(operand, scopes)?,
                boxed_scalar(pattern, scopes)?,
                escape,
                *not,
            )
        }
        Scalar::Case { whens, otherwise } => {
            let arm = |w: &CaseWhen, scopes: &mut Scopes| {
                Ok((scalar(&w.when, scopes)?, scalar(&w.then, scopes)?))
            };
            let arms: Res<Vec<(Ex, Ex)>> = whens.iter().map(|w| arm(w, scopes)).collect();
            let otherwise = otherwise
                .as_ref()
                .map(|o| boxed_scalar(o, scopes))
                .transpose()?;
            Ex::Case(arms?, otherwise)
        }
        Scalar::Cast { operand, to } => Ex::Cast(boxed_scalar(operand, scopes)?, to.clone()),
        Scalar::Call { function, args, .. } => call(function, scalars(args, scopes)?)?,
        Scalar::PeriodOf { operand, unit } => Ex::PeriodOf(boxed_scalar(operand, scopes)?, *unit),
        Scalar::Exists { query, not } => Ex::Exists(boxed(query, scopes)?, *not),
        Scalar::InQuery {
            operands,
            query,
            not,
        } => Ex::InQuery(scalars(operands, scopes)?, boxed(query, scopes)?, *not),
        Scalar::ScalarQuery { query } => Ex::Query(boxed(query, scopes)?),
        Scalar::EventTime { ty } => Ex::Now(*ty == DataType::Date),
        Scalar::EventUser => Ex::User,
    })
}

fn call(function: &str, args: Vec<Ex>) -> Res<Ex> {
    match function {
        "DECODE" => Ok(Ex::Decode(args)),
        "REGEXP_LIKE" => Ok(Ex::RegexpLike(args)),
        "CAN_BE_NUMBER" => conversion("TO_NUMBER", args),
        "CAN_BE_DATE" => conversion("TO_DATE", args),
        _ => match Function::find(function) {
            Some(f) => Ok(Ex::Call(f, args)),
            None => unsupported(&format!("the function {function}")),
        },
    }
}

fn conversion(function: &str, args: Vec<Ex>) -> Res<Ex> {
    match Function::find(function) {
        Some(f) => Ok(Ex::CanBe(f, args)),
        None => unsupported(&format!("the function {function}")),
    }
}
