//! Relations, folded into as few SELECTs as SQL allows.

use sqlparser::ast::{
    Expr, Join, JoinConstraint, JoinOperator, ObjectName, Query, SetExpr, SetOperator as Op,
    SetQuantifier, TableAliasColumnDef, TableFactor, Values,
};

use super::block::{Block, Stage, derived, query_of, table_alias};
use super::build::{Node, ident, lit_number, null_of, qualified, verbatim};
use super::decimal::{Kind, common};
use super::env::Env;
use super::{Compiler, Shape};
use crate::emit::EmitError;
use crate::rel::{
    JoinKind, Literal, Named, NamedAgg, Rel, Scalar, Scan, ScanColumn, SetOperator, SortKey,
};

type Out<'o> = Result<Block<'o>, EmitError>;
type Outer<'o> = Option<&'o Env<'o>>;

/// The query of a whole write; `shape` rewrites its outputs.
pub fn finish(
    c: &Compiler<'_>,
    rel: &Rel,
    shape: &mut Shape<'_>,
) -> Result<(Query, Vec<Kind>), EmitError> {
    let mut block = block(c, rel, None)?;
    if block.set.is_some() || block.distinct {
        let alias = c.alias();
        block = block.derive(c, &alias);
    }
    let types = rel.outputs();
    let mut items = Vec::new();
    for ((name, node), column) in block.outputs().into_iter().zip(&types) {
        let node = shape(&name, node, &column.ty)?;
        items.push((name, node));
    }
    let kinds = items.iter().map(|(_, n)| n.kind).collect();
    Ok((block.query(c.dialect, &items), kinds))
}

/// A subquery that may refer to `outer`.
pub fn subquery(c: &Compiler<'_>, rel: &Rel, outer: &Env<'_>) -> Result<Query, EmitError> {
    let block = block(c, rel, Some(outer))?;
    let items = block.outputs();
    if items.is_empty() {
        let one = Node::new(lit_number("1"), Kind::Integer);
        return Ok(block.query(c.dialect, &[("ONE".into(), one)]));
    }
    Ok(block.query(c.dialect, &items))
}

fn block<'o>(c: &Compiler<'_>, rel: &Rel, outer: Outer<'o>) -> Out<'o> {
    stacker::maybe_grow(256 << 10, 4 << 20, || match rel {
        Rel::Scan(s) => scan(c, s, outer),
        Rel::Values { columns, rows } => values(c, columns, rows, outer),
        Rel::Derived { input, alias } => derived_table(c, input, alias, outer),
        Rel::Filter { input, predicate } => filter(c, block(c, input, outer)?, predicate),
        Rel::Project { input, items } => project(c, block(c, input, outer)?, items),
        Rel::Join {
            kind,
            left,
            right,
            on,
        } => {
            let (l, r) = (block(c, left, outer)?, block(c, right, outer)?);
            join(c, *kind, l, r, on.as_ref())
        }
        Rel::Aggregate { input, keys, aggs } => aggregate(c, block(c, input, outer)?, keys, aggs),
        Rel::Window { input, calls } => {
            let mut b = open_below(c, block(c, input, outer)?, Stage::Grouped);
            for call in calls {
                let node = c.window(call, &b.env)?;
                b.env.add("", &call.name, node);
            }
            b.windowed = true;
            Ok(b)
        }
        Rel::Distinct { input } => {
            let mut b = open_below(c, block(c, input, outer)?, Stage::Closed);
            b.projection = Some(b.outputs());
            b.distinct = true;
            Ok(b)
        }
        Rel::SetOp { set, left, right } => set_operation(c, *set, left, right, outer),
        Rel::Limit {
            input,
            order_by,
            count,
        } => limit(c, block(c, input, outer)?, order_by, *count),
    })
}

/// The block, or a new one over it as a derived table where it has come to `stage` or further.
fn open_below<'o>(c: &Compiler<'_>, b: Block<'o>, stage: Stage) -> Block<'o> {
    if b.stage() < stage {
        return b;
    }
    let alias = c.alias();
    b.derive(c, &alias)
}

fn scan<'o>(c: &Compiler<'_>, s: &Scan, outer: Outer<'o>) -> Out<'o> {
    let unknown = |what: String| EmitError::Inconsistent {
        emitter: c.dialect.name(),
        item: s.table.to_string(),
        what,
    };
    let table = c
        .tables
        .table(&s.table)
        .ok_or_else(|| unknown("it is read, but is no source of the plan".into()))?;
    let factor = TableFactor::Table {
        name: ObjectName::from(vec![ident(c.dialect, &table)]),
        alias: Some(table_alias(c.dialect, &s.alias)),
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_directives: Vec::new(),
        inheritance: None,
    };
    let mut b = Block::over(factor, outer);
    for column in &s.columns {
        let (name, kind) = c.tables.column(&s.table, &column.name).ok_or_else(|| {
            unknown(format!(
                "column {} is read, but the source does not carry it in a type that this engine has",
                column.name
            ))
        })?;
        let expr = qualified(c.dialect, &s.alias, &name);
        b.env.add(&s.alias, &column.name, Node::new(expr, kind));
    }
    Ok(b)
}

fn values<'o>(
    c: &Compiler<'_>,
    columns: &[ScanColumn],
    rows: &[Vec<Literal>],
    outer: Outer<'o>,
) -> Out<'o> {
    if columns.is_empty() && rows.len() == 1 {
        return Ok(Block::new(outer)); // DUAL: SELECT without FROM
    }
    let alias = c.alias();
    let mut lines = Vec::new();
    for row in rows {
        let cells = row
            .iter()
            .zip(columns)
            .map(|(l, column)| constant(c, l, column));
        let cells = cells.collect::<Result<Vec<Expr>, EmitError>>()?;
        lines.push(sqlparser::ast::Parens::with_empty_span(cells));
    }
    let body = SetExpr::Values(Values {
        explicit_row: false,
        value_keyword: false,
        rows: lines,
    });
    let mut name = table_alias(c.dialect, &alias);
    name.columns = columns
        .iter()
        .map(|column| TableAliasColumnDef::from_name(c.dialect.quote(&column.name)))
        .collect();
    let factor = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query_of(body)),
        alias: Some(name),
        sample: None,
    };
    let mut b = Block::over(factor, outer);
    for column in columns {
        let expr = qualified(c.dialect, &alias, &column.name);
        b.env
            .add("", &column.name, Node::new(expr, Kind::of(&column.ty)));
    }
    Ok(b)
}

/// A constant in the column's type, so that rows of VALUES agree.
fn constant(c: &Compiler<'_>, l: &Literal, column: &ScanColumn) -> Result<Expr, EmitError> {
    if *l == Literal::Null {
        let ty = c.dialect.cast_type(&column.ty);
        return ty
            .map(null_of)
            .ok_or_else(|| c.unsupported(format!("constants of type {:?}", column.ty)));
    }
    let typed = Scalar::Cast {
        operand: Box::new(Scalar::Literal(l.clone())),
        to: column.ty.clone(),
    };
    Ok(c.scalar(&typed, &Env::default())?.expr)
}

fn derived_table<'o>(c: &Compiler<'_>, input: &Rel, alias: &str, outer: Outer<'o>) -> Out<'o> {
    let inner = block(c, input, outer)?;
    let items = inner.outputs();
    let query = inner.query(c.dialect, &items);
    let mut b = Block::over(derived(c.dialect, query, alias), outer);
    // the plan names the outputs; their SQL names differ only where they would clash
    for ((sql, node), column) in items.iter().zip(input.outputs()) {
        let expr = qualified(c.dialect, alias, sql);
        b.env.add(alias, &column.name, Node::new(expr, node.kind));
    }
    Ok(b)
}

fn filter<'o>(c: &Compiler<'_>, b: Block<'o>, predicate: &Scalar) -> Out<'o> {
    let stage = b.stage();
    let mut b = match stage {
        Stage::From | Stage::Filtered | Stage::Grouped | Stage::Renamed => b,
        Stage::Windowed | Stage::Projected | Stage::Closed => open_below(c, b, Stage::From),
    };
    let condition = c.scalar(predicate, &b.env)?.expr;
    match b.group {
        Some(_) => b.having.push(condition),
        None => b.filters.push(condition),
    }
    Ok(b)
}

fn project<'o>(c: &Compiler<'_>, b: Block<'o>, items: &[Named]) -> Out<'o> {
    let mut b = open_below(c, b, Stage::Projected);
    let mut env = Env::inside(b.env.outer());
    let mut list = Vec::new();
    for item in items {
        let node = c.scalar(&item.expr, &b.env)?;
        env.add("", &item.name, node.clone());
        list.push((item.name.clone(), node));
    }
    b.projection = Some(list);
    b.env = env;
    Ok(b)
}

fn join<'o>(
    c: &Compiler<'_>,
    kind: JoinKind,
    left: Block<'o>,
    right: Block<'o>,
    on: Option<&Scalar>,
) -> Out<'o> {
    // a filter may move behind the join where it cannot see rows that the join makes up
    let (left_until, right_until) = match kind {
        JoinKind::Inner | JoinKind::Cross => (Stage::Grouped, Stage::Grouped),
        JoinKind::Left => (Stage::Grouped, Stage::Filtered),
        JoinKind::Right => (Stage::Filtered, Stage::Grouped),
        JoinKind::Full => (Stage::Filtered, Stage::Filtered),
    };
    let mut left = with_source(c, open_below(c, left, left_until));
    let right = with_source(c, open_below(c, right, right_until));
    let joined = right.from.as_ref().is_some_and(|f| !f.joins.is_empty());
    let right = if joined {
        open_below(c, right, Stage::From)
    } else {
        right
    };
    left.env.extend(right.env);
    left.filters.extend(right.filters);
    let condition = on.map(|p| c.scalar(p, &left.env)).transpose()?;
    let on = condition.map_or(JoinConstraint::None, |n| JoinConstraint::On(n.expr));
    let operator = match kind {
        JoinKind::Inner => JoinOperator::Join(on),
        JoinKind::Left => JoinOperator::Left(on),
        JoinKind::Right => JoinOperator::Right(on),
        JoinKind::Full => JoinOperator::FullOuter(on),
        JoinKind::Cross => JoinOperator::CrossJoin(JoinConstraint::None),
    };
    let (Some(from), Some(source)) = (&mut left.from, right.from) else {
        return Err(c.unsupported("a join without tables"));
    };
    from.joins.push(Join {
        relation: source.relation,
        global: false,
        join_operator: operator,
    });
    Ok(left)
}

/// DUAL has no FROM; a join needs one.
fn with_source<'o>(c: &Compiler<'_>, b: Block<'o>) -> Block<'o> {
    if b.from.is_some() {
        return b;
    }
    let alias = c.alias();
    let mut b = b;
    let items = vec![(
        "DUMMY".to_string(),
        Node::new(verbatim(c.dialect.text("X")), Kind::Text),
    )];
    let outer = b.env.outer();
    let env = std::mem::take(&mut b.env);
    let query = b.query(c.dialect, &items);
    let mut over = Block::over(derived(c.dialect, query, &alias), outer);
    over.env = env;
    over
}

fn aggregate<'o>(c: &Compiler<'_>, b: Block<'o>, keys: &[Named], aggs: &[NamedAgg]) -> Out<'o> {
    let mut b = match b.stage() {
        Stage::From | Stage::Filtered | Stage::Renamed => b,
        Stage::Grouped | Stage::Windowed | Stage::Projected | Stage::Closed => {
            open_below(c, b, Stage::From)
        }
    };
    let mut env = Env::inside(b.env.outer());
    let mut group = Vec::new();
    for key in keys {
        let node = group_key(c, c.scalar(&key.expr, &b.env)?);
        group.push(node.expr.clone());
        env.add("", &key.name, node);
    }
    for agg in aggs {
        let node = c.aggregate(agg, &b.env)?;
        env.add("", &agg.name, node);
    }
    b.projection = None;
    b.group = Some(group);
    b.env = env;
    Ok(b)
}

/// A bare number in GROUP BY may be read as a position.
fn group_key(c: &Compiler<'_>, node: Node) -> Node {
    match (&node.expr, node.kind) {
        (Expr::Value(_), Kind::Integer) => {
            let ty = c.dialect.decimal(19, 0);
            Node::new(super::build::cast(node.expr, ty), Kind::Decimal(19, 0))
        }
        _ => node,
    }
}

fn set_operation<'o>(
    c: &Compiler<'_>,
    set: SetOperator,
    left: &Rel,
    right: &Rel,
    outer: Outer<'o>,
) -> Out<'o> {
    let (op, quantifier) = match set {
        SetOperator::UnionAll => (Op::Union, SetQuantifier::All),
        SetOperator::Union => (Op::Union, SetQuantifier::None),
        SetOperator::Intersect => (Op::Intersect, SetQuantifier::None),
        SetOperator::Minus => (Op::Except, SetQuantifier::None),
    };
    let (l, r) = (block(c, left, outer)?, block(c, right, outer)?);
    let (li, ri) = (l.outputs(), r.outputs());
    if li.len() != ri.len() {
        return Err(c.unsupported("a set operation over different numbers of columns"));
    }
    let mut env = Env::inside(outer);
    let kinds = li
        .iter()
        .zip(&ri)
        .map(|((_, a), (_, b))| common(a.kind, b.kind));
    for ((column, (name, _)), kind) in left.outputs().iter().zip(&li).zip(kinds) {
        let node = Node::new(Expr::Identifier(ident(c.dialect, name)), kind);
        env.add(&column.relation, &column.name, node);
    }
    let body = SetExpr::SetOperation {
        left: Box::new(side(l.query(c.dialect, &li))),
        op,
        set_quantifier: quantifier,
        right: Box::new(side(r.query(c.dialect, &ri))),
    };
    let mut b = Block::new(outer);
    b.set = Some(body);
    b.env = env;
    Ok(b)
}

/// A side of a set operation: bare SELECTs bare, everything else in brackets.
fn side(query: Query) -> SetExpr {
    let plain = query.order_by.is_none() && query.limit_clause.is_none();
    match *query.body {
        SetExpr::Select(s) if plain => SetExpr::Select(s),
        _ => SetExpr::Query(Box::new(query)),
    }
}

fn limit<'o>(c: &Compiler<'_>, b: Block<'o>, order_by: &[SortKey], count: u64) -> Out<'o> {
    let mut b = open_below(c, b, Stage::Closed);
    let order = c.sort_keys(order_by, &b.env)?;
    b.projection = Some(b.outputs());
    b.tail = Some((order, count));
    Ok(b)
}
