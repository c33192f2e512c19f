//! One SELECT under construction. Operators are folded into it while SQL's order of clauses allows; beyond
//! that it becomes a derived table of the next one.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, GroupByExpr, LimitClause, OrderBy, OrderByExpr, OrderByKind,
    Query, Select, SelectFlavor, SelectItem, SetExpr, TableAlias, TableFactor, TableWithJoins,
};

use super::build::{Node, call, chain, ident, lit_number, qualified, unnest};
use super::env::Env;
use super::{Compiler, Dialect};

/// How far a block has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// FROM.
    From,
    /// WHERE.
    Filtered,
    /// GROUP BY, HAVING.
    Grouped,
    /// Analytic functions.
    Windowed,
    /// Select list of plain columns and constants.
    Renamed,
    /// Select list.
    Projected,
    /// DISTINCT, ORDER BY, set operation.
    Closed,
}

/// A SELECT under construction.
#[derive(Clone, Debug)]
pub struct Block<'o> {
    /// FROM.
    pub from: Option<TableWithJoins>,
    /// WHERE.
    pub filters: Vec<Expr>,
    /// GROUP BY; Some(empty) aggregates everything.
    pub group: Option<Vec<Expr>>,
    /// HAVING.
    pub having: Vec<Expr>,
    /// Has analytic functions.
    pub windowed: bool,
    /// Select list; None: all columns in scope.
    pub projection: Option<Vec<(String, Node)>>,
    /// DISTINCT.
    pub distinct: bool,
    /// ORDER BY and LIMIT.
    pub tail: Option<(Vec<OrderByExpr>, u64)>,
    /// A set operation instead of all the above.
    pub set: Option<SetExpr>,
    /// Columns in scope after all the above.
    pub env: Env<'o>,
}

impl<'o> Block<'o> {
    /// Nothing yet, inside `outer`.
    pub fn new(outer: Option<&'o Env<'o>>) -> Self {
        Self {
            from: None,
            filters: Vec::new(),
            group: None,
            having: Vec::new(),
            windowed: false,
            projection: None,
            distinct: false,
            tail: None,
            set: None,
            env: Env::inside(outer),
        }
    }

    /// A block over one table factor.
    pub fn over(relation: TableFactor, outer: Option<&'o Env<'o>>) -> Self {
        let from = Some(TableWithJoins {
            relation,
            joins: Vec::new(),
        });
        Self {
            from,
            ..Self::new(outer)
        }
    }

    /// How far it has come.
    pub fn stage(&self) -> Stage {
        if self.set.is_some() || self.tail.is_some() || self.distinct {
            return Stage::Closed;
        }
        if let Some(items) = &self.projection {
            let plain = |n: &Node| matches!(n.expr, Expr::CompoundIdentifier(_));
            let renames = items.iter().all(|(_, n)| plain(n));
            return if renames && !self.windowed && self.group.is_none() {
                Stage::Renamed
            } else {
                Stage::Projected
            };
        }
        match (self.windowed, self.group.is_some(), self.filters.is_empty()) {
            (true, _, _) => Stage::Windowed,
            (_, true, _) => Stage::Grouped,
            (_, _, false) => Stage::Filtered,
            (_, _, true) => Stage::From,
        }
    }

    /// The block as a derived table of a new one. Columns keep their plan names; their SQL names are made
    /// unique.
    pub fn derive(self, c: &Compiler<'_>, alias: &str) -> Block<'o> {
        let outer = self.env.outer();
        let mut names: Vec<String> = Vec::new();
        let mut env = Env::inside(outer);
        let mut items = Vec::new();
        for column in self.env.columns() {
            let name = unique(&column.name, &names);
            names.push(name.clone());
            let expr = qualified(c.dialect, alias, &name);
            env.add(
                &column.relation,
                &column.name,
                Node::new(expr, column.node.kind),
            );
            items.push((name, column.node.clone()));
        }
        let query = self.query(c.dialect, &items);
        let mut block = Block::over(derived(c.dialect, query, alias), outer);
        block.env = env;
        block
    }

    /// Outputs by name: the select list, or all columns in scope.
    pub fn outputs(&self) -> Vec<(String, Node)> {
        if let Some(items) = &self.projection {
            return items.clone();
        }
        let mut names: Vec<String> = Vec::new();
        let mut items = Vec::new();
        for column in self.env.columns() {
            let name = unique(&column.name, &names);
            names.push(name.clone());
            items.push((name, column.node.clone()));
        }
        items
    }

    /// The finished query with the given select list.
    pub fn query(self, dialect: &dyn Dialect, items: &[(String, Node)]) -> Query {
        let (order, limit) = match self.tail.clone() {
            Some((order, limit)) => (order, Some(limit)),
            None => (Vec::new(), None),
        };
        let body = match self.set.clone() {
            Some(set) => set,
            None => SetExpr::Select(Box::new(self.select(dialect, items))),
        };
        Query {
            order_by: (!order.is_empty()).then_some(OrderBy {
                kind: OrderByKind::Expressions(order),
                interpolate: None,
            }),
            limit_clause: limit.map(|n| LimitClause::LimitOffset {
                limit: Some(lit_number(&n.to_string())),
                offset: None,
                limit_by: Vec::new(),
            }),
            ..query_of(body)
        }
    }

    fn select(self, dialect: &dyn Dialect, items: &[(String, Node)]) -> Select {
        let and = |list| chain(BinaryOperator::And, list);
        let group = grouped(self.group.unwrap_or_default(), items, &self.having);
        Select {
            select_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            distinct: self.distinct.then_some(Distinct::Distinct),
            select_modifiers: None,
            top: None,
            top_before_distinct: false,
            projection: items
                .iter()
                .map(|(name, node)| select_item(dialect, name, node))
                .collect(),
            exclude: None,
            into: None,
            from: self.from.into_iter().collect(),
            lateral_views: Vec::new(),
            prewhere: None,
            selection: and(self.filters),
            connect_by: Vec::new(),
            group_by: GroupByExpr::Expressions(group, Vec::new()),
            cluster_by: Vec::new(),
            distribute_by: Vec::new(),
            sort_by: Vec::new(),
            having: and(self.having),
            named_window: Vec::new(),
            qualify: None,
            window_before_qualify: false,
            value_table_mode: None,
            flavor: SelectFlavor::Standard,
        }
    }
}

/// Group keys that are written without their blanks are grouped without them: the planner then sees that the
/// written key is the group's, and rows of one CHAR value never differ in their blanks.
fn grouped(group: Vec<Expr>, items: &[(String, Node)], having: &[Expr]) -> Vec<Expr> {
    if !having.is_empty() {
        return group;
    }
    let written = |e: &Expr| items.iter().any(|(_, node)| node.expr == *e);
    let key = |e: Expr| {
        let trimmed = call("RTRIM", vec![e.clone()]);
        if written(&trimmed) && !written(&e) {
            trimmed
        } else {
            e
        }
    };
    group.into_iter().map(key).collect()
}

/// A query of this body alone.
pub fn query_of(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

fn select_item(dialect: &dyn Dialect, name: &str, node: &Node) -> SelectItem {
    let alias = ident(dialect, name);
    if let Expr::CompoundIdentifier(parts) = &node.expr
        && parts.last() == Some(&alias)
    {
        return SelectItem::UnnamedExpr(node.expr.clone());
    }
    SelectItem::ExprWithAlias {
        expr: unnest(node.expr.clone()),
        alias,
    }
}

/// `(query) AS alias`.
pub fn derived(dialect: &dyn Dialect, query: Query, alias: &str) -> TableFactor {
    TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query),
        alias: Some(table_alias(dialect, alias)),
        sample: None,
    }
}

/// `AS alias`.
pub fn table_alias(dialect: &dyn Dialect, alias: &str) -> TableAlias {
    TableAlias {
        explicit: true,
        name: ident(dialect, alias),
        columns: Vec::new(),
        at: None,
    }
}

fn unique(name: &str, taken: &[String]) -> String {
    let mut candidate = name.to_string();
    let mut n = 1;
    while taken.contains(&candidate) {
        n += 1;
        candidate = format!("{name}_{n}");
    }
    candidate
}
