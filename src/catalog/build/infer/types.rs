//! What the uses of inferred columns show of their types: comparisons, assignments, functions, variables that are read
//! into, columns of other tables that they meet.

use super::bodies::{self, Body};
use super::sight::{Sight, Subject};
use crate::catalog::resolve::{OutColumn, Resolver};
use crate::catalog::walk::{Node, Place, Visitor};
use crate::rel::DataType;
use crate::source::Span;
use crate::syntax::ast::{
    Arg, Assign, BinaryOp, ChainOp, Dml, DmlKind, Expr, ExprKind, Id, Ident, InsertSource, Into,
    List, MergeClause, Query, SetExpr, StmtKind, UnaryOp,
};

/// How much a use shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Its name alone.
    Name,
    /// Compared with a literal, which Oracle would convert.
    Literal,
    /// Operand of a function or operator.
    Operand,
    /// Assigned from, to or compared with something whose type is declared.
    Declared,
}

/// A use that shows a type.
#[derive(Clone, Debug)]
pub(super) struct Vote {
    pub column: Subject,
    pub ty: DataType,
    pub strength: Strength,
    pub span: Span,
}

/// What one piece of code shows.
#[derive(Default)]
pub(super) struct Shown {
    pub votes: Vec<Vote>,
    /// Columns that are compared with or copied to each other.
    pub same: Vec<(Subject, Subject, Span)>,
}

/// Looks at one piece of code.
pub(super) fn of_body(resolver: &Resolver<'_>, body: &Body) -> Shown {
    let mut collector = Collector {
        sight: Sight::new(resolver),
        shown: Shown::default(),
    };
    bodies::walk(resolver, body, &mut collector);
    collector.shown
}

struct Collector<'r, 'a> {
    sight: Sight<'r, 'a>,
    shown: Shown,
}

impl Visitor for Collector<'_, '_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        self.sight.enter(at, node);
        match node {
            Node::Expr(e) => self.expr(at, e),
            Node::Dml(d) => self.dml(at, d),
            Node::Select(q, s) => {
                if let Some(into) = at.view.ast()[s].into {
                    self.into(at, &self.sight.outputs(at, q), into);
                }
            }
            Node::Stmt(s) => match at.view.ast()[s].kind {
                StmtKind::Assign { target, value } => self.meet(at, target, value),
                StmtKind::Fetch { cursor, into, .. } => {
                    if let Some(c) = self.sight.resolver.cursor_named(&at.scope, cursor)
                        && let Some(q) = c.query
                    {
                        let scope = self.sight.resolver.cursor_scope(&c);
                        let outputs = self.sight.resolver.query_columns(&scope, q);
                        self.into(at, &outputs, into);
                    }
                }
                _ => {}
            },
            Node::Block(_) | Node::Decl(_) | Node::Query(_) | Node::From(_) => {}
        }
        true
    }

    fn leave(&mut self, _at: &Place<'_>, node: Node) {
        self.sight.leave(node);
    }
}

impl Collector<'_, '_> {
    /// The column that an expression is, if its type is to be found.
    fn column(&self, at: &Place<'_>, e: Id<Expr>) -> Option<Subject> {
        let subject = self.sight.subject(at, e)?;
        self.is_inferred(&subject).then_some(subject)
    }

    fn is_inferred(&self, (table, column): &Subject) -> bool {
        let table = self.sight.resolver.catalog.tables.get(table);
        table
            .and_then(|t| t.columns.get(column))
            .is_some_and(|c| c.inferred.is_some())
    }

    fn vote(&mut self, column: Subject, ty: DataType, strength: Strength, span: Span) {
        let shows = !matches!(
            ty,
            DataType::Unknown { .. } | DataType::Other { .. } | DataType::Boolean
        );
        if shows {
            self.shown.votes.push(Vote {
                column,
                ty,
                strength,
                span,
            });
        }
    }

    /// Two expressions that hold values of one type.
    fn meet(&mut self, at: &Place<'_>, a: Id<Expr>, b: Id<Expr>) {
        let span = at.view.span(at.view.ast()[a].span);
        match (self.column(at, a), self.column(at, b)) {
            (Some(x), Some(y)) => self.shown.same.push((x, y, span)),
            (Some(x), None) => self.against(at, x, b, span),
            (None, Some(y)) => self.against(at, y, a, span),
            (None, None) => {}
        }
    }

    fn against(&mut self, at: &Place<'_>, column: Subject, other: Id<Expr>, span: Span) {
        let strength = if is_literal(at, other) {
            Strength::Literal
        } else {
            Strength::Declared
        };
        let ty = self.sight.type_of(at, other);
        self.vote(column, ty, strength, span);
    }

    fn operand(&mut self, at: &Place<'_>, e: Id<Expr>, ty: DataType) {
        if let Some(column) = self.column(at, e) {
            let span = at.view.span(at.view.ast()[e].span);
            self.vote(column, ty, Strength::Operand, span);
        }
    }

    fn expr(&mut self, at: &Place<'_>, e: Id<Expr>) {
        let ast = at.view.ast();
        match ast[e].kind {
            ExprKind::Compare { left, right, .. } => self.meet(at, left, right),
            ExprKind::Between {
                operand, low, high, ..
            } => {
                self.meet(at, operand, low);
                self.meet(at, operand, high);
            }
            ExprKind::InList { operand, items, .. } => {
                items.ids().for_each(|i| self.meet(at, operand, i));
            }
            ExprKind::InQuery { operand, query, .. } => {
                let first = self.sight.outputs(at, query).into_iter().next();
                if let (Some(column), Some(out)) = (self.column(at, operand), first) {
                    let span = at.view.span(ast[operand].span);
                    self.output(column, &out, span);
                }
            }
            ExprKind::Like {
                operand, pattern, ..
            } => {
                self.operand(at, operand, text());
                self.operand(at, pattern, text());
            }
            ExprKind::Binary { op, left, right } => match op {
                BinaryOp::Div | BinaryOp::Power | BinaryOp::Mod => {
                    self.operand(at, left, DataType::number());
                    self.operand(at, right, DataType::number());
                }
                BinaryOp::Sub => self.difference(at, left, right),
                BinaryOp::Range | BinaryOp::Pair => {}
            },
            ExprKind::Chain { op, items } => match op {
                ChainOp::Mul => items
                    .ids()
                    .for_each(|i| self.operand(at, i, DataType::number())),
                ChainOp::Add => self.sum(at, items),
                ChainOp::And | ChainOp::Or | ChainOp::Concat => {}
            },
            ExprKind::Unary {
                op: UnaryOp::Minus | UnaryOp::Plus,
                operand,
            } => self.operand(at, operand, DataType::number()),
            ExprKind::Extract { operand, .. } => self.operand(at, operand, DataType::Date),
            ExprKind::Case {
                operand: Some(operand),
                whens,
                ..
            } => {
                for w in ast.list(whens) {
                    self.meet(at, operand, w.when);
                }
            }
            ExprKind::Call { callee, args, .. } => {
                if let ExprKind::Name(n) = ast[callee].kind
                    && let [name] = ast.parts(ast[n].parts).as_slice()
                {
                    self.function(at, name, ast.list(args));
                }
            }
            _ => {}
        }
    }

    /// `date - date`, `date - number`, `number - number`: shown only where the other side is.
    fn difference(&mut self, at: &Place<'_>, left: Id<Expr>, right: Id<Expr>) {
        let (l, r) = (self.sight.type_of(at, left), self.sight.type_of(at, right));
        if l.is_numeric() {
            self.operand(at, right, DataType::number());
        }
        if r.is_datetime() {
            self.operand(at, left, DataType::Date);
        }
    }

    fn sum(&mut self, at: &Place<'_>, items: List<Expr>) {
        let dates = items.ids().any(|i| self.sight.type_of(at, i).is_datetime());
        let unknown = |c: &Self, i| matches!(c.sight.type_of(at, i), DataType::Unknown { .. });
        let open = items.ids().filter(|i| unknown(self, *i)).count();
        // Of `a + 1` the column may be a date; of `a + b` with a date the other is a number.
        if dates || open == items.ids().count() {
            items
                .ids()
                .filter(|_| open > 1 || dates)
                .collect::<Vec<_>>()
                .into_iter()
                .for_each(|i| self.operand(at, i, DataType::number()));
        }
    }

    fn function(&mut self, at: &Place<'_>, name: &str, args: &[Arg]) {
        let Some(first) = args.first().map(|a| a.value) else {
            return;
        };
        let literal = |i: usize| args.get(i).and_then(|a| at.view.string(a.value));
        match name {
            "SUM" | "AVG" | "ABS" | "MOD" | "CEIL" | "FLOOR" | "SIGN" | "POWER" | "SQRT"
            | "STDDEV" | "MEDIAN" => {
                self.operand(at, first, DataType::number());
            }
            "SUBSTR" | "INSTR" | "UPPER" | "LOWER" | "INITCAP" | "TRIM" | "LTRIM" | "RTRIM"
            | "LPAD" | "RPAD" | "REPLACE" | "TRANSLATE" | "REGEXP_LIKE" | "REGEXP_REPLACE"
            | "REGEXP_SUBSTR" | "TO_NUMBER" | "TO_DATE" | "TO_TIMESTAMP" => {
                self.operand(at, first, text())
            }
            "ADD_MONTHS" | "LAST_DAY" | "NEXT_DAY" => self.operand(at, first, DataType::Date),
            "MONTHS_BETWEEN" => {
                args.iter()
                    .for_each(|a| self.operand(at, a.value, DataType::Date));
            }
            "TO_CHAR" | "TRUNC" | "ROUND" => {
                let format = literal(1).map(|f| f.to_uppercase());
                let date = |f: &String| {
                    [
                        "YY", "RR", "MM", "MON", "DD", "HH", "MI", "SS", "IW", "WW", "Q", "DY",
                    ]
                    .iter()
                    .any(|e| f.contains(e))
                };
                match format {
                    Some(f) if date(&f) => self.operand(at, first, DataType::Date),
                    Some(_) => self.operand(at, first, DataType::number()),
                    None if args.len() > 1 => self.operand(at, first, DataType::number()),
                    None => {}
                }
            }
            "NVL" | "COALESCE" | "NULLIF" | "GREATEST" | "LEAST" | "NVL2" | "DECODE" => {
                let last = if name == "NVL2" { 1 } else { args.len() };
                let step = if name == "DECODE" { 2 } else { 1 };
                let others = args.get(1..last).unwrap_or(&[]).iter().step_by(step);
                let compared =
                    args.len() - usize::from(name == "DECODE" && args.len().is_multiple_of(2));
                others
                    .take(if name == "DECODE" {
                        compared / 2
                    } else {
                        compared
                    })
                    .for_each(|a| self.meet(at, first, a.value));
            }
            _ => {}
        }
    }

    /// A column of a query meets a column.
    fn output(&mut self, column: Subject, out: &OutColumn, span: Span) {
        match &out.origin {
            Some(origin) if self.is_inferred(origin) => {
                self.shown.same.push((column, origin.clone(), span));
            }
            _ => self.vote(column, out.ty.clone(), Strength::Declared, span),
        }
    }

    /// What a query gives is read into variables.
    fn into(&mut self, at: &Place<'_>, outputs: &[OutColumn], into: Id<Into>) {
        let ast = at.view.ast();
        let span = at.view.span(ast[into].span);
        let targets: Vec<Id<Expr>> = ast[into].targets.ids().collect();
        if let [row] = targets.as_slice()
            && let Some(table) = self.sight.row_table(&at.scope, *row)
        {
            self.row(&table, outputs, span);
            return;
        }
        for (out, target) in outputs.iter().zip(ast[into].targets.ids()) {
            let Some(origin) = out.origin.clone().filter(|o| self.is_inferred(o)) else {
                continue;
            };
            let mut ty = self.sight.resolver.expr_value_type(&at.scope, &[], target);
            if let crate::catalog::resolve::ValueType::Collection(of) = ty {
                ty = *of;
            }
            if let crate::catalog::resolve::ValueType::Scalar(ty) = ty {
                self.vote(origin, ty, Strength::Declared, span);
            }
        }
    }

    /// What a query gives is the row of a table: column by column.
    fn row(&mut self, table: &crate::rel::TableName, outputs: &[OutColumn], span: Span) {
        let catalog = self.sight.resolver.catalog;
        let Some(t) = catalog.tables.get(table).filter(|t| t.complete) else {
            return;
        };
        for (column, out) in t.columns.values().zip(outputs) {
            let subject = (table.clone(), column.name.clone());
            if column.inferred.is_some() {
                self.output(subject, out, span);
            } else if let Some(from) = out.origin.clone().filter(|o| self.is_inferred(o)) {
                self.vote(from, column.ty.clone(), Strength::Declared, span);
            }
        }
    }

    fn dml(&mut self, at: &Place<'_>, d: Id<Dml>) {
        let ast = at.view.ast();
        match ast[d].kind {
            DmlKind::Insert { into, source } => {
                let Some(table) = self.sight.target(at, into.target) else {
                    return;
                };
                let columns = self.columns(at, &table, into.columns);
                match source {
                    InsertSource::Values(values) => self.values(at, &columns, values),
                    InsertSource::Query(q) => self.query(at, &columns, q),
                    InsertSource::Record(_) | InsertSource::Set(_) => {}
                }
            }
            DmlKind::InsertMulti { branches, .. } => {
                for b in ast.list(branches) {
                    if let Some(table) = self.sight.target(at, b.target) {
                        let columns = self.columns(at, &table, b.columns);
                        self.values(at, &columns, b.values);
                    }
                }
            }
            DmlKind::Update { target, set, .. } => {
                if let Some(table) = self.sight.target(at, target) {
                    self.sets(at, &table, set);
                }
            }
            DmlKind::Merge {
                target, clauses, ..
            } => {
                let Some(table) = self.sight.target(at, target) else {
                    return;
                };
                for clause in ast.list(clauses) {
                    match *clause {
                        MergeClause::Update { set, .. } => self.sets(at, &table, set),
                        MergeClause::Insert {
                            columns, values, ..
                        } => {
                            let columns = self.columns(at, &table, columns);
                            self.values(at, &columns, values);
                        }
                    }
                }
            }
            DmlKind::Delete { .. } | DmlKind::Unparsed(_) => {}
        }
    }

    /// The columns of an INSERT: those listed, else all in order.
    fn columns(
        &self,
        at: &Place<'_>,
        table: &crate::rel::TableName,
        list: List<Ident>,
    ) -> Vec<Subject> {
        let names: Vec<String> = if list.is_empty() {
            let known = self.sight.resolver.catalog.tables.get(table);
            known
                .filter(|t| t.complete)
                .map(|t| t.columns.keys().cloned().collect())
                .unwrap_or_default()
        } else {
            let parts = at.view.ast().parts(list);
            parts.into_iter().map(String::from).collect()
        };
        names.into_iter().map(|n| (table.clone(), n)).collect()
    }

    fn values(&mut self, at: &Place<'_>, columns: &[Subject], values: List<Expr>) {
        for (column, value) in columns.iter().zip(values.ids()) {
            self.written(at, column, value);
        }
    }

    /// A value is written to a column.
    fn written(&mut self, at: &Place<'_>, column: &Subject, value: Id<Expr>) {
        let span = at.view.span(at.view.ast()[value].span);
        match (self.is_inferred(column), self.column(at, value)) {
            (true, Some(from)) => self.shown.same.push((column.clone(), from, span)),
            (true, None) => self.against(at, column.clone(), value, span),
            (false, Some(from)) => {
                let ty = self.sight.resolver.column_type(&column.0, &column.1);
                self.vote(from, ty, Strength::Declared, span);
            }
            (false, None) => {}
        }
    }

    fn query(&mut self, at: &Place<'_>, columns: &[Subject], query: Id<Query>) {
        let ast = at.view.ast();
        let span = at.view.span(ast[query].span);
        let outputs = self.sight.outputs(at, query);
        for (column, out) in columns.iter().zip(&outputs) {
            if self.is_inferred(column) {
                self.output(column.clone(), out, span);
            } else if let Some(from) = out.origin.clone().filter(|o| self.is_inferred(o)) {
                let ty = self.sight.resolver.column_type(&column.0, &column.1);
                self.vote(from, ty, Strength::Declared, span);
            }
        }
    }

    fn sets(&mut self, at: &Place<'_>, table: &crate::rel::TableName, set: List<Assign>) {
        let ast = at.view.ast();
        let column = |t: Id<Expr>| match ast[t].kind {
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                parts.last().map(|p| (table.clone(), (*p).to_string()))
            }
            _ => None,
        };
        for a in ast.list(set) {
            let targets: Vec<Subject> = a.targets.ids().filter_map(column).collect();
            match (targets.as_slice(), ast[a.value].kind) {
                ([one], _) => self.written(at, one, a.value),
                (several, ExprKind::Subquery(q)) => {
                    let is_select = matches!(ast[ast[q].body], SetExpr::Select(_));
                    if is_select {
                        self.query(at, several, q);
                    }
                }
                _ => {}
            }
        }
    }
}

fn text() -> DataType {
    DataType::Varchar { length: 4000 }
}

fn is_literal(at: &Place<'_>, e: Id<Expr>) -> bool {
    match at.view.ast()[e].kind {
        ExprKind::Number | ExprKind::String => true,
        ExprKind::Paren(e)
        | ExprKind::Unary {
            op: UnaryOp::Minus | UnaryOp::Plus,
            operand: e,
        } => is_literal(at, e),
        _ => false,
    }
}
