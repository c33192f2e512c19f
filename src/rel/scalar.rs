//! Scalar expressions with Oracle's meaning: `''` is NULL, NUMBER is decimal, NULLs sort last ascending.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DataType, Rel};

/// A column of an input.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ColumnRef {
    /// Alias of the scan or derived table; empty for outputs of projections and aggregates.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub relation: String,
    /// Column.
    pub name: String,
    /// Type.
    pub ty: DataType,
    /// May be NULL.
    pub nullable: bool,
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "literal", content = "value", rename_all = "snake_case")]
pub enum Literal {
    /// NULL; also `''`.
    Null,
    /// Decimal text, as `value::Number` prints it.
    Number(String),
    /// Not empty.
    Text(String),
    /// `yyyy-MM-dd HH:mm:ss`.
    Date(String),
    /// `yyyy-MM-dd HH:mm:ss[.f]`.
    Timestamp(String),
    /// TRUE/FALSE.
    Boolean(bool),
}

/// Operators on two numbers or dates. Dates: `DATE + n` adds days, `DATE - DATE` is days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArithOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`: decimal, never integer division.
    Div,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CmpOp {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// Units of a period, and of TRUNC on dates.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PeriodUnit {
    /// Minute.
    Minute,
    /// Hour.
    Hour,
    /// Day.
    Day,
    /// ISO week, from Monday.
    Week,
    /// Month.
    Month,
    /// Quarter.
    Quarter,
    /// Year.
    Year,
}

/// WHEN .. THEN.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CaseWhen {
    /// Condition.
    pub when: Scalar,
    /// Result.
    pub then: Scalar,
}

/// A scalar expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Scalar {
    /// A column.
    Column(ColumnRef),
    /// A constant.
    Literal(Literal),
    /// Arithmetic.
    Arith {
        /// Operator.
        arith: ArithOp,
        /// Left.
        left: Box<Scalar>,
        /// Right.
        right: Box<Scalar>,
    },
    /// `-x`.
    Negate {
        /// Operand.
        operand: Box<Scalar>,
    },
    /// `||`: NULL operands vanish.
    Concat {
        /// Two or more.
        items: Vec<Scalar>,
    },
    /// Comparison.
    Compare {
        /// Operator.
        cmp: CmpOp,
        /// Left.
        left: Box<Scalar>,
        /// Right.
        right: Box<Scalar>,
    },
    /// AND.
    And {
        /// Conditions.
        items: Vec<Scalar>,
    },
    /// OR.
    Or {
        /// Conditions.
        items: Vec<Scalar>,
    },
    /// NOT.
    Not {
        /// Operand.
        operand: Box<Scalar>,
    },
    /// IS [NOT] NULL.
    IsNull {
        /// Operand.
        operand: Box<Scalar>,
        /// IS NOT NULL.
        not: bool,
    },
    /// [NOT] BETWEEN.
    Between {
        /// Operand.
        operand: Box<Scalar>,
        /// Lower bound.
        low: Box<Scalar>,
        /// Upper bound.
        high: Box<Scalar>,
        /// NOT.
        not: bool,
    },
    /// [NOT] IN (..).
    InList {
        /// Operand.
        operand: Box<Scalar>,
        /// Candidates.
        items: Vec<Scalar>,
        /// NOT.
        not: bool,
    },
    /// [NOT] LIKE.
    Like {
        /// Operand.
        operand: Box<Scalar>,
        /// Pattern.
        pattern: Box<Scalar>,
        /// ESCAPE.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        escape: Option<Box<Scalar>>,
        /// NOT.
        not: bool,
    },
    /// Searched CASE (a simple CASE is rewritten to it).
    Case {
        /// Branches.
        whens: Vec<CaseWhen>,
        /// ELSE; NULL if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<Box<Scalar>>,
    },
    /// CAST.
    Cast {
        /// Operand.
        operand: Box<Scalar>,
        /// Target.
        to: DataType,
    },
    /// A function by its Oracle name, upper case; its forms are rows of rules/functions.
    Call {
        /// Name, for example `NVL`.
        function: String,
        /// Arguments.
        args: Vec<Scalar>,
        /// Result type.
        ty: DataType,
    },
    /// Start of the period that a DATE or TIMESTAMP falls in (`TRUNC(x, unit)`).
    PeriodOf {
        /// Date.
        operand: Box<Scalar>,
        /// Unit.
        unit: PeriodUnit,
    },
    /// [NOT] EXISTS; the subquery may refer to outer relations.
    Exists {
        /// Subquery.
        query: Box<Rel>,
        /// NOT.
        not: bool,
    },
    /// [NOT] IN (subquery).
    InQuery {
        /// Operands, one or a row.
        operands: Vec<Scalar>,
        /// Subquery.
        query: Box<Rel>,
        /// NOT.
        not: bool,
    },
    /// Scalar subquery.
    ScalarQuery {
        /// Subquery of one column.
        query: Box<Rel>,
    },
    /// Audit value: the time at which the change is processed, instead of SYSDATE.
    EventTime {
        /// Type wanted.
        ty: DataType,
    },
    /// Audit value: who wrote, instead of USER.
    EventUser,
}

impl Scalar {
    /// A column.
    pub fn column(relation: &str, name: &str, ty: DataType, nullable: bool) -> Self {
        Scalar::Column(ColumnRef {
            relation: relation.into(),
            name: name.into(),
            ty,
            nullable,
        })
    }

    /// AND of conditions, without nesting; None for none.
    pub fn all(items: impl IntoIterator<Item = Scalar>) -> Option<Scalar> {
        let mut flat = Vec::new();
        for item in items {
            match item {
                Scalar::And { items } => flat.extend(items),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => None,
            1 => flat.pop(),
            _ => Some(Scalar::And { items: flat }),
        }
    }

    /// Calls `f` on every direct operand; subqueries are not entered.
    pub fn for_each_child<'a>(&'a self, f: &mut dyn FnMut(&'a Scalar)) {
        match self {
            Scalar::Column(_)
            | Scalar::Literal(_)
            | Scalar::EventTime { .. }
            | Scalar::EventUser
            | Scalar::Exists { .. }
            | Scalar::ScalarQuery { .. } => {}
            Scalar::Arith { left, right, .. } | Scalar::Compare { left, right, .. } => {
                f(left);
                f(right);
            }
            Scalar::Negate { operand }
            | Scalar::Not { operand }
            | Scalar::IsNull { operand, .. }
            | Scalar::Cast { operand, .. }
            | Scalar::PeriodOf { operand, .. } => f(operand),
            Scalar::Concat { items } | Scalar::And { items } | Scalar::Or { items } => {
                items.iter().for_each(f);
            }
            Scalar::Between {
                operand, low, high, ..
            } => {
                f(operand);
                f(low);
                f(high);
            }
            Scalar::InList { operand, items, .. } => {
                f(operand);
                items.iter().for_each(f);
            }
            Scalar::Like {
                operand,
                pattern,
                escape,
                ..
            } => {
                f(operand);
                f(pattern);
                if let Some(e) = escape {
                    f(e);
                }
            }
            Scalar::Case { whens, otherwise } => {
                for w in whens {
                    f(&w.when);
                    f(&w.then);
                }
                if let Some(e) = otherwise {
                    f(e);
                }
            }
            Scalar::Call { args, .. } => args.iter().for_each(f),
            Scalar::InQuery { operands, .. } => operands.iter().for_each(f),
        }
    }

    /// Type of the result, by Oracle's rules; `Unknown` where it depends on a subquery without columns.
    pub fn ty(&self) -> DataType {
        match self {
            Scalar::Column(c) => c.ty.clone(),
            Scalar::Literal(l) => literal_type(l),
            Scalar::Arith { arith, left, right } => arith_type(*arith, &left.ty(), &right.ty()),
            Scalar::Negate { operand } => operand.ty(),
            Scalar::Concat { .. } => DataType::Varchar { length: 4000 },
            Scalar::Case { whens, otherwise } => whens
                .iter()
                .map(|w| &w.then)
                .chain(otherwise.as_deref())
                .map(Scalar::ty)
                .find(|t| !matches!(t, DataType::Unknown { .. }))
                .unwrap_or_else(|| DataType::Unknown {
                    reason: "CASE of NULLs".into(),
                }),
            Scalar::Cast { to, .. } => to.clone(),
            Scalar::Call { ty, .. } => ty.clone(),
            Scalar::PeriodOf { .. } => DataType::Date,
            Scalar::EventTime { ty } => ty.clone(),
            Scalar::EventUser => DataType::Varchar { length: 128 },
            Scalar::ScalarQuery { query } => query.outputs().into_iter().next().map_or(
                DataType::Unknown {
                    reason: "subquery without columns".into(),
                },
                |c| c.ty,
            ),
            Scalar::Compare { .. }
            | Scalar::And { .. }
            | Scalar::Or { .. }
            | Scalar::Not { .. }
            | Scalar::IsNull { .. }
            | Scalar::Between { .. }
            | Scalar::InList { .. }
            | Scalar::Like { .. }
            | Scalar::Exists { .. }
            | Scalar::InQuery { .. } => DataType::Boolean,
        }
    }
}

fn literal_type(l: &Literal) -> DataType {
    match l {
        Literal::Null => DataType::Unknown {
            reason: "NULL".into(),
        },
        Literal::Number(n) => {
            let digits = n.bytes().filter(u8::is_ascii_digit).count().clamp(1, 38) as u8;
            let scale = n.split_once('.').map_or(0, |(_, f)| f.len() as i16);
            DataType::Number {
                precision: Some(digits),
                scale: Some(scale),
            }
        }
        Literal::Text(t) => DataType::Varchar {
            length: t.len() as u32,
        },
        Literal::Date(_) => DataType::Date,
        Literal::Timestamp(_) => DataType::Timestamp { precision: 9 },
        Literal::Boolean(_) => DataType::Boolean,
    }
}

fn arith_type(op: ArithOp, left: &DataType, right: &DataType) -> DataType {
    match (left.is_datetime(), right.is_datetime(), op) {
        (true, true, _) => DataType::number(),
        (true, false, _) => DataType::Date,
        (false, true, _) => DataType::Date,
        (false, false, op) => number_type(op, left, right),
    }
}

/// Scale of exact results: add and subtract keep the larger scale, multiply adds scales, divide is open.
fn number_type(op: ArithOp, left: &DataType, right: &DataType) -> DataType {
    let scale = |t: &DataType| match t {
        DataType::Number { scale, precision } => scale.or(precision.map(|_| 0)),
        _ => None,
    };
    if *left == DataType::BinaryDouble || *right == DataType::BinaryDouble {
        return DataType::BinaryDouble;
    }
    let known = scale(left).zip(scale(right));
    let scale = known.and_then(|(a, b)| match op {
        ArithOp::Add | ArithOp::Sub => Some(a.max(b)),
        ArithOp::Mul => Some(a + b),
        ArithOp::Div => None,
    });
    DataType::Number {
        precision: scale.map(|_| 38),
        scale,
    }
}
