//! Relational operators.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ColumnRef, DataType, Literal, Scalar, TableName};

/// A base table with an alias.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    /// Table.
    pub table: TableName,
    /// Alias, unique within the query.
    pub alias: String,
    /// The columns that are used, in the table's order.
    pub columns: Vec<ScanColumn>,
}

/// A column of a scan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ScanColumn {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: DataType,
    /// May be NULL.
    pub nullable: bool,
}

/// A named expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// Output name.
    pub name: String,
    /// Expression.
    pub expr: Scalar,
}

/// Aggregates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AggFunction {
    /// SUM.
    Sum,
    /// COUNT(x).
    Count,
    /// COUNT(*).
    CountStar,
    /// MIN.
    Min,
    /// MAX.
    Max,
    /// AVG.
    Avg,
    /// LISTAGG.
    Listagg,
}

/// A named aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct NamedAgg {
    /// Output name.
    pub name: String,
    /// Function.
    pub function: AggFunction,
    /// DISTINCT.
    #[serde(default)]
    pub distinct: bool,
    /// Argument; None for COUNT(*).
    pub arg: Option<Scalar>,
    /// LISTAGG: separator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// LISTAGG: WITHIN GROUP order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order_by: Vec<SortKey>,
    /// Result type.
    pub ty: DataType,
}

/// Window functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowFunction {
    /// ROW_NUMBER.
    RowNumber,
    /// RANK.
    Rank,
    /// DENSE_RANK.
    DenseRank,
    /// LAG.
    Lag,
    /// LEAD.
    Lead,
    /// FIRST_VALUE.
    FirstValue,
    /// LAST_VALUE.
    LastValue,
    /// SUM.
    Sum,
    /// COUNT.
    Count,
    /// MIN.
    Min,
    /// MAX.
    Max,
    /// AVG.
    Avg,
}

/// A named window call over the default frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct NamedWindow {
    /// Output name.
    pub name: String,
    /// Function.
    pub function: WindowFunction,
    /// Arguments.
    pub args: Vec<Scalar>,
    /// PARTITION BY.
    pub partition_by: Vec<Scalar>,
    /// ORDER BY.
    pub order_by: Vec<SortKey>,
    /// Result type.
    pub ty: DataType,
}

/// ORDER BY item; NULLs are explicit (Oracle: last ascending, first descending).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SortKey {
    /// Expression.
    pub expr: Scalar,
    /// DESC.
    pub desc: bool,
    /// NULLS FIRST.
    pub nulls_first: bool,
}

/// Joins. Semi and anti joins come from EXISTS and IN where they could be unnested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinKind {
    /// INNER.
    Inner,
    /// LEFT OUTER.
    Left,
    /// RIGHT OUTER.
    Right,
    /// FULL OUTER.
    Full,
    /// CROSS.
    Cross,
}

/// Set operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetOperator {
    /// UNION ALL.
    UnionAll,
    /// UNION.
    Union,
    /// INTERSECT.
    Intersect,
    /// MINUS.
    Minus,
}

/// A relation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rel", rename_all = "snake_case")]
pub enum Rel {
    /// A table.
    Scan(Scan),
    /// Constant rows; columns of the empty relation. One row without columns is DUAL.
    Values {
        /// Columns.
        columns: Vec<ScanColumn>,
        /// Rows.
        rows: Vec<Vec<Literal>>,
    },
    /// A subquery in FROM: all outputs get this relation.
    Derived {
        /// Query.
        input: Box<Rel>,
        /// Alias.
        alias: String,
    },
    /// WHERE or HAVING.
    Filter {
        /// Input.
        input: Box<Rel>,
        /// Condition: rows where it is true.
        predicate: Scalar,
    },
    /// Select list.
    Project {
        /// Input.
        input: Box<Rel>,
        /// Outputs.
        items: Vec<Named>,
    },
    /// Join.
    Join {
        /// Kind.
        kind: JoinKind,
        /// Left.
        left: Box<Rel>,
        /// Right.
        right: Box<Rel>,
        /// Condition; None for CROSS.
        on: Option<Scalar>,
    },
    /// GROUP BY. Without keys: one row, even of no input.
    Aggregate {
        /// Input.
        input: Box<Rel>,
        /// Group keys.
        keys: Vec<Named>,
        /// Aggregates.
        aggs: Vec<NamedAgg>,
    },
    /// Analytic functions: all outputs of the input plus these.
    Window {
        /// Input.
        input: Box<Rel>,
        /// Calls.
        calls: Vec<NamedWindow>,
    },
    /// DISTINCT.
    Distinct {
        /// Input.
        input: Box<Rel>,
    },
    /// Set operation; outputs are named as on the left.
    SetOp {
        /// Operator.
        set: SetOperator,
        /// Left.
        left: Box<Rel>,
        /// Right.
        right: Box<Rel>,
    },
    /// ORDER BY with a row limit.
    Limit {
        /// Input.
        input: Box<Rel>,
        /// Order.
        order_by: Vec<SortKey>,
        /// Rows.
        count: u64,
    },
}

impl Rel {
    /// Columns that this relation gives, in order.
    pub fn outputs(&self) -> Vec<ColumnRef> {
        match self {
            Rel::Scan(s) => columns(&s.alias, &s.columns),
            Rel::Values { columns: c, .. } => columns("", c),
            Rel::Derived { input, alias } => input
                .outputs()
                .into_iter()
                .map(|c| ColumnRef {
                    relation: alias.clone(),
                    ..c
                })
                .collect(),
            Rel::Filter { input, .. } | Rel::Distinct { input } | Rel::Limit { input, .. } => {
                input.outputs()
            }
            Rel::SetOp { left, .. } => left.outputs(),
            Rel::Project { items, .. } => items.iter().map(named).collect(),
            Rel::Join {
                kind, left, right, ..
            } => join_outputs(*kind, left, right),
            Rel::Aggregate { keys, aggs, .. } => {
                keys.iter().map(named).chain(aggs.iter().map(agg)).collect()
            }
            Rel::Window { input, calls } => {
                let mut out = input.outputs();
                out.extend(calls.iter().map(|c| column(&c.name, &c.ty, true)));
                out
            }
        }
    }

    /// Calls `f` on every direct input relation; subqueries in scalars are not entered.
    pub fn for_each_input<'a>(&'a self, f: &mut dyn FnMut(&'a Rel)) {
        match self {
            Rel::Scan(_) | Rel::Values { .. } => {}
            Rel::Derived { input, .. }
            | Rel::Filter { input, .. }
            | Rel::Project { input, .. }
            | Rel::Aggregate { input, .. }
            | Rel::Window { input, .. }
            | Rel::Distinct { input }
            | Rel::Limit { input, .. } => f(input),
            Rel::Join { left, right, .. } | Rel::SetOp { left, right, .. } => {
                f(left);
                f(right);
            }
        }
    }

    /// Calls `f` on every scalar of this operator, not of its inputs.
    pub fn for_each_scalar<'a>(&'a self, f: &mut dyn FnMut(&'a Scalar)) {
        match self {
            Rel::Scan(_)
            | Rel::Values { .. }
            | Rel::Derived { .. }
            | Rel::Distinct { .. }
            | Rel::SetOp { .. } => {}
            Rel::Filter { predicate, .. } => f(predicate),
            Rel::Project { items, .. } => items.iter().for_each(|i| f(&i.expr)),
            Rel::Join { on, .. } => {
                if let Some(on) = on {
                    f(on);
                }
            }
            Rel::Aggregate { keys, aggs, .. } => {
                keys.iter().for_each(|k| f(&k.expr));
                for a in aggs {
                    a.arg.iter().for_each(&mut *f);
                    a.order_by.iter().for_each(|k| f(&k.expr));
                }
            }
            Rel::Window { calls, .. } => {
                for c in calls {
                    c.args.iter().for_each(&mut *f);
                    c.partition_by.iter().for_each(&mut *f);
                    c.order_by.iter().for_each(|k| f(&k.expr));
                }
            }
            Rel::Limit { order_by, .. } => order_by.iter().for_each(|k| f(&k.expr)),
        }
    }

    /// Every scan of the tree, subqueries in scalars included, in order of appearance.
    pub fn scans(&self) -> Vec<&Scan> {
        let mut out = Vec::new();
        collect_scans(self, &mut out);
        out
    }
}

fn collect_scans<'a>(rel: &'a Rel, out: &mut Vec<&'a Scan>) {
    if let Rel::Scan(s) = rel {
        out.push(s);
    }
    rel.for_each_input(&mut |r| collect_scans(r, out));
    rel.for_each_scalar(&mut |s| scalar_scans(s, out));
}

fn scalar_scans<'a>(s: &'a Scalar, out: &mut Vec<&'a Scan>) {
    if let Scalar::Exists { query, .. }
    | Scalar::InQuery { query, .. }
    | Scalar::ScalarQuery { query } = s
    {
        collect_scans(query, out);
    }
    s.for_each_child(&mut |c| scalar_scans(c, out));
}

fn column(name: &str, ty: &DataType, nullable: bool) -> ColumnRef {
    ColumnRef {
        relation: String::new(),
        name: name.into(),
        ty: ty.clone(),
        nullable,
    }
}

fn named(n: &Named) -> ColumnRef {
    let nullable = !matches!(&n.expr, Scalar::Column(c) if !c.nullable);
    column(&n.name, &n.expr.ty(), nullable)
}

fn agg(a: &NamedAgg) -> ColumnRef {
    let counts = matches!(a.function, AggFunction::Count | AggFunction::CountStar);
    column(&a.name, &a.ty, !counts)
}

fn columns(alias: &str, list: &[ScanColumn]) -> Vec<ColumnRef> {
    let one = |c: &ScanColumn| ColumnRef {
        relation: alias.into(),
        name: c.name.clone(),
        ty: c.ty.clone(),
        nullable: c.nullable,
    };
    list.iter().map(one).collect()
}

fn join_outputs(kind: JoinKind, left: &Rel, right: &Rel) -> Vec<ColumnRef> {
    let (null_left, null_right) = match kind {
        JoinKind::Inner | JoinKind::Cross => (false, false),
        JoinKind::Left => (false, true),
        JoinKind::Right => (true, false),
        JoinKind::Full => (true, true),
    };
    let side = |r: &Rel, outer: bool| {
        r.outputs()
            .into_iter()
            .map(move |c| ColumnRef {
                nullable: c.nullable || outer,
                ..c
            })
            .collect::<Vec<_>>()
    };
    let mut out = side(left, null_left);
    out.extend(side(right, null_right));
    out
}
