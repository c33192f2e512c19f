//! Keys that the code relies on: what MERGE matches by, what a lookup that must find one row compares, what an UPDATE
//! finds its row by, which column a sequence fills, what a foreign key refers to.

use std::collections::BTreeMap;

use super::bodies::{self, Body};
use super::inferred;
use super::sight::{Sight, Subject};
use crate::catalog::model::{AssumedKey, Catalog, Table};
use crate::catalog::resolve::{NameMeaning, Resolver, SqlName};
use crate::catalog::walk::{Node, Place, Visitor};
use crate::rel::TableName;
use crate::source::Span;
use crate::syntax::ast::{
    ChainOp, CompareOp, Dml, DmlKind, Expr, ExprKind, FromItem, Id, InsertSource, Query, Select,
    SetExpr,
};

/// What shows a key, the strongest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    /// Lookups take one row by it, whichever there is.
    AnyOne,
    /// Its name.
    Name,
    /// An UPDATE or DELETE finds its row by it.
    Found,
    /// SELECT INTO must find one row by it.
    Lookup,
    /// A sequence fills it.
    Sequence,
    /// MERGE matches by it.
    Merge,
    /// A foreign key refers to it.
    Referred,
}

impl Sign {
    fn note(self) -> &'static str {
        match self {
            Sign::AnyOne => "lookups take one row by these columns, whichever there is",
            Sign::Name => "by its name",
            Sign::Found => "statements that change one row find it by these columns",
            Sign::Lookup => "lookups that stop on several rows find their row by these columns",
            Sign::Sequence => "a sequence fills it",
            Sign::Merge => "MERGE matches rows by these columns",
            Sign::Referred => "a foreign key refers to these columns",
        }
    }
}

/// A key that a statement relies on.
pub(super) struct Relied {
    table: TableName,
    columns: Vec<String>,
    sign: Sign,
    span: Span,
}

/// Looks at one piece of code.
pub(super) fn of_body(resolver: &Resolver<'_>, body: &Body) -> Vec<Relied> {
    let mut collector = Collector {
        sight: Sight::new(resolver),
        relied: Vec::new(),
    };
    bodies::walk(resolver, body, &mut collector);
    collector.relied
}

/// Writes the keys to the tables that declare none, and what MERGE matches by to all.
pub(super) fn choose(catalog: &mut Catalog, found: Vec<Vec<Relied>>) {
    let mut all: BTreeMap<(TableName, Vec<String>), (Sign, Vec<Span>)> = BTreeMap::new();
    let mut add = |r: Relied| {
        let mut columns = r.columns;
        columns.sort();
        columns.dedup();
        let entry = all
            .entry((r.table, columns))
            .or_insert_with(|| (r.sign, Vec::new()));
        entry.0 = entry.0.max(r.sign);
        entry.1.push(r.span);
    };
    found.into_iter().flatten().for_each(&mut add);
    referred(catalog).into_iter().for_each(&mut add);
    let mut by_table: BTreeMap<TableName, Vec<(Sign, AssumedKey)>> = BTreeMap::new();
    for ((table, columns), (sign, spans)) in all {
        let evidence = inferred(sign.note(), spans);
        let key = AssumedKey { columns, evidence };
        by_table.entry(table).or_default().push((sign, key));
    }
    for t in catalog.tables.values_mut() {
        if t.view.is_some() {
            continue;
        }
        let mut keys = by_table.remove(&t.name).unwrap_or_default();
        keys.retain(|(sign, k)| fits(t, *sign, k));
        // The strongest first; of equals the shortest.
        keys.sort_by(|a, b| {
            let (x, y) = (a.1.columns.len(), b.1.columns.len());
            b.0.cmp(&a.0)
                .then(x.cmp(&y))
                .then(a.1.columns.cmp(&b.1.columns))
        });
        let certain = keys.iter().any(|(sign, _)| *sign > Sign::AnyOne);
        if !certain && !t.has_declared_key() {
            keys.splice(0..0, named(t).map(|k| (Sign::Name, k)));
        }
        let strong = |(sign, _): &&(Sign, AssumedKey)| *sign > Sign::Found;
        let many = keys.iter().filter(strong).count().max(1);
        t.assumed_keys = keys
            .into_iter()
            .take(many)
            .map(|(_, k)| in_order(t, k))
            .collect();
    }
}

/// A table that declares a key has others only where a statement could not work without.
fn fits(table: &Table, sign: Sign, key: &AssumedKey) -> bool {
    let same = |k: &Vec<String>| {
        let mut k = k.clone();
        k.sort();
        k == key.columns
    };
    let declared = table.primary_key.iter().chain(&table.uniques).any(same);
    let known = key.columns.iter().all(|c| table.columns.contains_key(c));
    known && !declared && (!table.has_declared_key() || matches!(sign, Sign::Merge))
}

/// Columns in the table's order.
fn in_order(table: &Table, mut key: AssumedKey) -> AssumedKey {
    key.columns
        .sort_by_key(|c| table.columns.get_index_of(c).unwrap_or(usize::MAX));
    key
}

fn referred(catalog: &Catalog) -> Vec<Relied> {
    let tables = catalog.tables.values();
    let keys = tables.flat_map(|t| t.foreign_keys.iter().map(move |f| (t, f)));
    let relied = keys.filter_map(|(t, f)| {
        let columns = f.parent_columns.clone();
        Some(Relied {
            table: f.parent.clone(),
            columns: (!columns.is_empty()).then_some(columns)?,
            sign: Sign::Referred,
            span: t.span?,
        })
    });
    relied.collect()
}

/// `ID`, or the table's own name with `_ID` and the like.
fn named(table: &Table) -> Option<AssumedKey> {
    let own: Vec<&str> = table.name.name.split('_').filter(|w| w.len() > 2).collect();
    let is_own = |column: &str| {
        let Some(stem) = [
            "_ID", "_KEY", "_SK", "_NO", "_NUM", "_NBR", "_NUMBER", "_CODE", "_CD",
        ]
        .iter()
        .find_map(|e| column.strip_suffix(e))
        .or_else(|| column.strip_prefix("ID_")) else {
            return false;
        };
        let words: Vec<&str> = stem.split('_').filter(|w| w.len() > 2).collect();
        let matches = |w: &&str| own.iter().any(|o| singular(o) == singular(w));
        !words.is_empty()
            && words.iter().all(matches)
            && words.len() >= own.len().min(2).min(words.len())
    };
    let columns = table.columns.values();
    let found = columns
        .clone()
        .find(|c| c.name == "ID")
        .or_else(|| columns.clone().find(|c| is_own(&c.name)))?;
    let spans = found.inferred.iter().flat_map(|e| e.spans.clone());
    Some(AssumedKey {
        columns: vec![found.name.clone()],
        evidence: inferred(Sign::Name.note(), spans.chain(table.span)),
    })
}

fn singular(word: &str) -> &str {
    let short = word.strip_suffix("IES").or_else(|| word.strip_suffix('Y'));
    short
        .or_else(|| word.strip_suffix("ES").filter(|w| w.len() > 3))
        .or_else(|| word.strip_suffix('S'))
        .unwrap_or(word)
}

struct Collector<'r, 'a> {
    sight: Sight<'r, 'a>,
    relied: Vec<Relied>,
}

impl Visitor for Collector<'_, '_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        self.sight.enter(at, node);
        match node {
            Node::Dml(d) => self.dml(at, d),
            Node::Select(q, s) => self.lookup(at, q, s),
            Node::Block(_)
            | Node::Decl(_)
            | Node::Stmt(_)
            | Node::Expr(_)
            | Node::Query(_)
            | Node::From(_) => {}
        }
        true
    }

    fn leave(&mut self, _at: &Place<'_>, node: Node) {
        self.sight.leave(node);
    }
}

impl Collector<'_, '_> {
    fn add(&mut self, table: TableName, columns: Vec<String>, sign: Sign, span: Span) {
        if !columns.is_empty() {
            self.relied.push(Relied {
                table,
                columns,
                sign,
                span,
            });
        }
    }

    fn dml(&mut self, at: &Place<'_>, d: Id<Dml>) {
        let ast = at.view.ast();
        let span = at.view.span(ast[d].span);
        match ast[d].kind {
            DmlKind::Merge { target, on, .. } => self.by(at, target, Some(on), Sign::Merge, span),
            DmlKind::Update {
                target,
                where_,
                current_of: None,
                ..
            }
            | DmlKind::Delete {
                target,
                where_,
                current_of: None,
                ..
            } => self.by(at, target, where_, Sign::Found, span),
            DmlKind::Insert { into, source } => {
                let Some(table) = self.sight.target(at, into.target) else {
                    return;
                };
                let columns = ast.parts(into.columns);
                let values = self.filled(at, source);
                for (column, value) in columns.into_iter().zip(values) {
                    if self.is_sequence(at, value) {
                        self.add(
                            table.clone(),
                            vec![column.to_string()],
                            Sign::Sequence,
                            span,
                        );
                    }
                }
            }
            DmlKind::Update { .. }
            | DmlKind::Delete { .. }
            | DmlKind::InsertMulti { .. }
            | DmlKind::Unparsed(_) => {}
        }
    }

    /// The expressions that an INSERT writes.
    fn filled(&self, at: &Place<'_>, source: InsertSource) -> Vec<Id<Expr>> {
        let ast = at.view.ast();
        match source {
            InsertSource::Values(values) => values.ids().collect(),
            InsertSource::Query(q) => match ast[ast[q].body] {
                SetExpr::Select(s) => ast.list(ast[s].items).iter().map(|i| i.expr).collect(),
                _ => Vec::new(),
            },
            InsertSource::Record(_) | InsertSource::Set(_) => Vec::new(),
        }
    }

    fn is_sequence(&self, at: &Place<'_>, value: Id<Expr>) -> bool {
        let ast = at.view.ast();
        match ast[value].kind {
            ExprKind::Name(n) => ast.parts(ast[n].parts).last() == Some(&"NEXTVAL"),
            ExprKind::Paren(e) => self.is_sequence(at, e),
            _ => false,
        }
    }

    /// A condition that is nothing but equality (and a row limit) of the target's columns with other values finds a row by them.
    fn by(
        &mut self,
        at: &Place<'_>,
        target: Id<FromItem>,
        condition: Option<Id<Expr>>,
        sign: Sign,
        span: Span,
    ) {
        let (Some(table), Some(condition)) = (self.sight.target(at, target), condition) else {
            return;
        };
        if sign != Sign::AnyOne && limits_to_one(at, condition) {
            return;
        }
        if let Some((columns, values)) = self.equal(at, &table, condition)
            && (values || sign == Sign::Merge)
        {
            self.add(table, columns, sign, span);
        }
    }

    /// SELECT INTO of one table.
    fn lookup(&mut self, at: &Place<'_>, query: Id<Query>, select: Id<Select>) {
        let ast = at.view.ast();
        let s = ast[select];
        let single = |i: Id<crate::syntax::ast::Into>| !ast[i].bulk;
        if !s.into.is_some_and(single) || !s.group_by.is_empty() || s.distinct {
            return;
        }
        let one_of_many = s.where_.is_some_and(|w| limits_to_one(at, w));
        let sign = if one_of_many {
            Sign::AnyOne
        } else {
            Sign::Lookup
        };
        let aggregate = ast.list(s.items).iter().any(|i| is_aggregate(at, i.expr));
        let from: Vec<Id<FromItem>> = s.from.ids().collect();
        if let ([only], Some(condition), false) = (from.as_slice(), s.where_, aggregate) {
            let span = at.view.span(ast[query].span);
            self.by(at, *only, Some(condition), sign, span);
        }
    }

    /// Columns of `table` that a chain of AND compares with values from elsewhere, and whether one of these is no
    /// literal; None if the condition is something else as well.
    fn equal(&self, at: &Place<'_>, table: &TableName, e: Id<Expr>) -> Option<(Vec<String>, bool)> {
        let ast = at.view.ast();
        match ast[e].kind {
            ExprKind::Paren(inner) => self.equal(at, table, inner),
            ExprKind::Chain {
                op: ChainOp::And,
                items,
            } => {
                let mut all = (Vec::new(), false);
                for i in items.ids() {
                    let (columns, values) = self.equal(at, table, i)?;
                    all.0.extend(columns);
                    all.1 |= values;
                }
                Some(all)
            }
            ExprKind::Compare { left, .. } if is_rownum(at, left) => Some((Vec::new(), false)),
            ExprKind::Compare {
                op: CompareOp::Eq,
                quantifier: None,
                left,
                right,
            } => {
                let (own, other) = match (self.own(at, table, left), self.own(at, table, right)) {
                    (Some(c), None) => (c, right),
                    (None, Some(c)) => (c, left),
                    _ => return None,
                };
                let literal = matches!(ast[other].kind, ExprKind::Number | ExprKind::String);
                Some((vec![own], !literal))
            }
            _ => None,
        }
    }

    /// The column of the target that an expression is.
    fn own(&self, at: &Place<'_>, table: &TableName, e: Id<Expr>) -> Option<String> {
        let ast = at.view.ast();
        let ExprKind::Name(n) = ast[e].kind else {
            return None;
        };
        let parts = ast.parts(ast[n].parts);
        match self
            .sight
            .resolver
            .sql_name(&at.scope, &self.sight.levels, &parts)
        {
            SqlName::Column {
                column,
                level,
                source,
            } => {
                let (t, c): Subject = column.origin?;
                // The target is the first element of the innermost level.
                let first = source == 0 && level + 1 == self.sight.levels.len();
                (t == *table && first).then_some(c)
            }
            SqlName::Plsql(found) => {
                let _: NameMeaning = found.meaning;
                None
            }
            SqlName::Unknown(_) => None,
        }
    }
}

/// `ROWNUM <= 1` among the conditions.
fn limits_to_one(at: &Place<'_>, e: Id<Expr>) -> bool {
    let ast = at.view.ast();
    match ast[e].kind {
        ExprKind::Paren(inner) => limits_to_one(at, inner),
        ExprKind::Chain { items, .. } => items.ids().any(|i| limits_to_one(at, i)),
        ExprKind::Compare { left, .. } => is_rownum(at, left),
        _ => false,
    }
}

fn is_rownum(at: &Place<'_>, e: Id<Expr>) -> bool {
    let ast = at.view.ast();
    matches!(ast[e].kind, ExprKind::Name(n) if ast.parts(ast[n].parts) == ["ROWNUM"])
}

fn is_aggregate(at: &Place<'_>, e: Id<Expr>) -> bool {
    let ast = at.view.ast();
    let ExprKind::Call {
        callee, args, rest, ..
    } = ast[e].kind
    else {
        return false;
    };
    if ast.rest(rest).over.is_some() {
        return false;
    }
    let ExprKind::Name(n) = ast[callee].kind else {
        return false;
    };
    match ast.parts(ast[n].parts).as_slice() {
        ["COUNT" | "SUM" | "MIN" | "MAX" | "AVG" | "LISTAGG" | "STDDEV" | "MEDIAN"] => true,
        ["NVL" | "COALESCE" | "ROUND" | "TRUNC" | "TO_CHAR"] => {
            ast.list(args).iter().any(|a| is_aggregate(at, a.value))
        }
        _ => false,
    }
}
