//! What a reader's query asks of each table: columns compared for equality, by range, and the order wanted.
//! Only the outermost WHERE is read; what cannot be told is a problem with a reason.

use crate::catalog::model::Catalog;
use crate::rel::TableName;
use crate::source::{SourceFile, SourceMap};
use crate::syntax::View;
use crate::syntax::ast::{
    ChainOp, CompareOp, Expr, ExprKind, FromItem, FromKind, Id, ItemKind, List, Query, Select,
    SetExpr,
};

/// A column of a table.
pub type TableColumn = (TableName, String);

/// The access path of one query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessPath {
    /// Tables in FROM.
    pub tables: Vec<TableName>,
    /// Compared with `=` or IN to something that is not a column.
    pub equality: Vec<TableColumn>,
    /// Compared otherwise.
    pub range: Vec<TableColumn>,
    /// ORDER BY; true: descending.
    pub order: Vec<(TableColumn, bool)>,
}

/// Reads one query text. The error is a sentence.
pub fn access_path(catalog: &Catalog, sql: &str) -> Result<AccessPath, String> {
    let mut map = SourceMap::default();
    let id = map.add(SourceFile::from_text("query", sql));
    let parsed = crate::syntax::parse_file(&map, id);
    let [unit] = parsed.units.as_slice() else {
        return Err("it is not one statement".into());
    };
    if let Some(e) = unit.errors.first() {
        return Err(e.message.clone());
    }
    let view = View::new(&map, unit);
    let ItemKind::Query(query) = view.ast()[unit.item].kind else {
        return Err("it is not a SELECT".into());
    };
    Reader {
        catalog,
        view,
        from: Vec::new(),
    }
    .read(query)
}

struct Reader<'a> {
    catalog: &'a Catalog,
    view: View<'a>,
    /// Alias and table.
    from: Vec<(String, TableName)>,
}

impl Reader<'_> {
    fn read(mut self, query: Id<Query>) -> Result<AccessPath, String> {
        let node = self.view.ast()[query];
        let select = self.select(node.body)?;
        self.tables(select.from)?;
        let mut path = AccessPath {
            tables: self.from.iter().map(|(_, t)| t.clone()).collect(),
            ..Default::default()
        };
        if let Some(cond) = select.where_ {
            self.condition(cond, &mut path);
        }
        for item in self.view.ast().list(node.order_by) {
            if let Some(c) = self.column(item.expr) {
                path.order.push((c, item.desc));
            }
        }
        Ok(path)
    }

    fn select(&self, body: Id<SetExpr>) -> Result<Select, String> {
        match self.view.ast()[body] {
            SetExpr::Select(s) => Ok(self.view.ast()[s]),
            SetExpr::Query(q) => self.select(self.view.ast()[q].body),
            SetExpr::Chain { .. } => {
                Err("it is a UNION or the like: name one query a branch".into())
            }
            SetExpr::Values(_) => Err("it reads no table".into()),
            SetExpr::Unparsed(_) => Err("it is not understood".into()),
        }
    }

    fn tables(&mut self, from: List<FromItem>) -> Result<(), String> {
        for item in from.ids() {
            self.table(item)?;
        }
        Ok(())
    }

    fn table(&mut self, item: Id<FromItem>) -> Result<(), String> {
        let node = self.view.ast()[item];
        match node.kind {
            FromKind::Table { name, .. } => {
                let parts = self.view.ast().parts(self.view.ast()[name].parts);
                let table = match parts.as_slice() {
                    [t] => TableName::new(self.catalog.default_schema.clone(), *t),
                    [s, t] => TableName::new(*s, *t),
                    _ => return Err("a table name has more than two parts".into()),
                };
                if !self.catalog.tables.contains_key(&table) {
                    return Err(format!("{table} is not in the catalogue"));
                }
                let alias = node
                    .alias
                    .map_or(table.name.clone(), |a| self.view.ast().ident(a).to_string());
                self.from.push((alias, table));
                Ok(())
            }
            FromKind::Join { left, right, .. } => {
                self.table(left)?;
                self.table(right)
            }
            FromKind::Paren(inner) => self.table(inner),
            FromKind::Query { .. }
            | FromKind::Function { .. }
            | FromKind::Derived { .. }
            | FromKind::Unparsed => Err("only tables and joins in FROM are read".into()),
        }
    }

    /// Conjuncts of WHERE; what is not a comparison of a column with a value asks nothing of the key.
    fn condition(&self, cond: Id<Expr>, path: &mut AccessPath) {
        let ast = self.view.ast();
        match ast[cond].kind {
            ExprKind::Chain {
                op: ChainOp::And,
                items,
            } => {
                for item in items.ids() {
                    self.condition(item, path);
                }
            }
            ExprKind::Paren(inner) => self.condition(inner, path),
            ExprKind::Compare {
                op,
                quantifier: None,
                left,
                right,
            } => match (self.column(left), self.column(right)) {
                (Some(c), None) | (None, Some(c)) => self.compared(op, c, path),
                (Some(_), Some(_)) | (None, None) => {}
            },
            ExprKind::Between {
                not: false,
                operand,
                ..
            } => path.range.extend(self.column(operand)),
            ExprKind::InList {
                not: false,
                operand,
                ..
            } => path.equality.extend(self.column(operand)),
            _ => {}
        }
    }

    fn compared(&self, op: CompareOp, column: TableColumn, path: &mut AccessPath) {
        match op {
            CompareOp::Eq => path.equality.push(column),
            CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge => {
                if !path.range.contains(&column) {
                    path.range.push(column);
                }
            }
            CompareOp::Ne => {}
        }
    }

    fn column(&self, e: Id<Expr>) -> Option<TableColumn> {
        let ast = self.view.ast();
        let ExprKind::Name(name) = ast[e].kind else {
            return None;
        };
        let parts = ast.parts(ast[name].parts);
        let has = |t: &TableName, c: &str| {
            self.catalog
                .tables
                .get(t)
                .is_some_and(|t| t.columns.contains_key(c))
        };
        match parts.as_slice() {
            [c] => self
                .from
                .iter()
                .find(|(_, t)| has(t, c))
                .map(|(_, t)| (t.clone(), c.to_string())),
            [a, c] => self
                .from
                .iter()
                .find(|(alias, t)| alias == a && has(t, c))
                .map(|(_, t)| (t.clone(), c.to_string())),
            _ => None,
        }
    }
}
