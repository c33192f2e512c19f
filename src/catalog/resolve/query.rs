//! Columns of queries: what FROM brings into sight, what a select list gives, and names in SQL, where columns of the
//! tables in sight come before variables.

use std::borrow::Cow;

use super::super::model::Resolved;
use super::super::typing::Typing;
use super::name::{Found, NameMeaning};
use super::types::unknown;
use super::{MAX_DEPTH, Resolver, Scope, ValueType};
use crate::rel::{DataType, TableName};
use crate::syntax::ast::{
    Expr, ExprKind, FromItem, FromKind, Id, Ident, List, Query, Select, SelectItem, SetExpr,
};

/// A column that a query or table gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutColumn {
    /// Name.
    pub name: String,
    /// Type, or why it is not known.
    pub ty: DataType,
    /// The table's column that it is, unchanged.
    pub origin: Option<(TableName, String)>,
}

/// One element of FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Alias, or the table's own name.
    pub alias: String,
    /// Table or view, when it is one.
    pub table: Option<TableName>,
    /// Its columns.
    pub columns: Vec<OutColumn>,
    /// Why its columns are not known; names that nobody else explains may be its.
    pub open: Option<String>,
}

/// A name in SQL.
#[derive(Clone, Debug)]
pub enum SqlName {
    /// A column of a FROM element.
    Column {
        /// Query level, outermost first.
        level: usize,
        /// Element within the level.
        source: usize,
        /// The column.
        column: OutColumn,
    },
    /// No column in sight: a variable, parameter, function, sequence.
    Plsql(Found),
    /// Not known, with the reason.
    Unknown(String),
}

/// Named subqueries and FROM elements in sight.
#[derive(Clone, Default)]
struct Env<'e> {
    ctes: Vec<(String, Vec<OutColumn>)>,
    levels: Cow<'e, [Vec<Source>]>,
    depth: u32,
}

impl Resolver<'_> {
    /// The columns that a query gives.
    pub fn query_columns(&self, scope: &Scope, query: Id<Query>) -> Vec<OutColumn> {
        self.query_columns_at(scope, query, 0)
    }

    pub(super) fn query_columns_at(
        &self,
        scope: &Scope,
        query: Id<Query>,
        depth: u32,
    ) -> Vec<OutColumn> {
        let mut env = Env {
            depth,
            ..Env::default()
        };
        self.columns_of(scope, &mut env, query)
    }

    /// What a SELECT's FROM brings into sight. Named subqueries of `query` and of nothing around it are known.
    pub fn select_sources(
        &self,
        scope: &Scope,
        query: Id<Query>,
        select: Id<Select>,
    ) -> Vec<Source> {
        let mut env = Env::default();
        self.add_ctes(scope, &mut env, query);
        let from = self.view(scope.unit).ast()[select].from;
        self.sources(scope, &mut env, from)
    }

    /// A FROM element that is one table (target of DML): its columns under its alias.
    pub fn item_source(&self, scope: &Scope, item: Id<FromItem>) -> Vec<Source> {
        let mut out = Vec::new();
        self.add_source(scope, &mut Env::default(), item, &mut out);
        out
    }

    /// A dotted name in SQL: `levels` are the FROM elements of the queries around it, outermost first.
    pub fn sql_name(&self, scope: &Scope, levels: &[Vec<Source>], parts: &[&str]) -> SqlName {
        for (level, sources) in levels.iter().enumerate().rev() {
            for (source, s) in sources.iter().enumerate() {
                if let Some(column) = s.column(parts) {
                    return SqlName::Column {
                        level,
                        source,
                        column,
                    };
                }
            }
        }
        let found = self.lookup_name(scope, parts);
        let NameMeaning::Unknown(reason) = &found.meaning else {
            return SqlName::Plsql(found);
        };
        let open = levels.iter().rev().flatten().find_map(|s| {
            let may = parts.len() == 1 || s.alias == parts[0];
            s.open.as_ref().filter(|_| may)
        });
        SqlName::Unknown(match open {
            Some(why) => format!("`{}` may be a column, but {why}", parts.join(".")),
            None => reason.clone(),
        })
    }

    fn columns_of(&self, scope: &Scope, env: &mut Env<'_>, query: Id<Query>) -> Vec<OutColumn> {
        if env.depth > MAX_DEPTH {
            return Vec::new();
        }
        let (ctes, depth) = (env.ctes.len(), env.depth);
        env.depth += 1;
        self.add_ctes(scope, env, query);
        let body = self.view(scope.unit).ast()[query].body;
        let columns = self.body_columns(scope, env, body);
        env.ctes.truncate(ctes);
        env.depth = depth;
        columns
    }

    fn add_ctes(&self, scope: &Scope, env: &mut Env<'_>, query: Id<Query>) {
        let ast = self.view(scope.unit).ast();
        for cte in ast.list(ast[query].with) {
            let columns = self.columns_of(scope, env, cte.query);
            let columns = renamed(columns, &ast.parts(cte.columns));
            env.ctes.push((ast.ident(cte.name).to_string(), columns));
        }
    }

    fn body_columns(&self, scope: &Scope, env: &mut Env<'_>, body: Id<SetExpr>) -> Vec<OutColumn> {
        let ast = self.view(scope.unit).ast();
        match ast[body] {
            SetExpr::Select(s) => self.select_columns(scope, env, s),
            SetExpr::Query(q) => self.columns_of(scope, env, q),
            SetExpr::Chain { first, .. } => {
                let columns = self.body_columns(scope, env, first);
                // Rows of several operands come from no one column.
                let merged = columns.into_iter().map(|c| OutColumn { origin: None, ..c });
                merged.collect()
            }
            SetExpr::Values(_) | SetExpr::Unparsed(_) => Vec::new(),
        }
    }

    fn select_columns(
        &self,
        scope: &Scope,
        env: &mut Env<'_>,
        select: Id<Select>,
    ) -> Vec<OutColumn> {
        let ast = self.view(scope.unit).ast();
        let sources = self.sources(scope, env, ast[select].from);
        env.levels.to_mut().push(sources);
        let mut out = Vec::new();
        for item in ast.list(ast[select].items) {
            self.add_item(scope, env, item, &mut out);
        }
        env.levels.to_mut().pop();
        out
    }

    fn add_item(
        &self,
        scope: &Scope,
        env: &mut Env<'_>,
        item: &SelectItem,
        out: &mut Vec<OutColumn>,
    ) {
        let view = self.view(scope.unit);
        let ast = view.ast();
        let here = env.levels.last().map_or(&[][..], Vec::as_slice);
        if let ExprKind::Star(of) = ast[item.expr].kind {
            let parts = of.map(|n| ast.parts(ast[n].parts)).unwrap_or_default();
            let wanted = |s: &&Source| parts.is_empty() || s.is_named(&parts);
            out.extend(here.iter().filter(wanted).flat_map(|s| s.columns.clone()));
            return;
        }
        let column = match ast[item.expr].kind {
            ExprKind::Name(n) => self.named_column(scope, env, &ast.parts(ast[n].parts)),
            _ => OutColumn {
                name: expression_name(view.text(ast[item.expr].span)),
                ty: self.typed(scope, env, item.expr),
                origin: None,
            },
        };
        let name = item.alias.map(|a: Ident| ast.ident(a).to_string());
        out.push(OutColumn {
            name: name.unwrap_or_else(|| column.name.clone()),
            ..column
        });
    }

    fn named_column(&self, scope: &Scope, env: &Env<'_>, parts: &[&str]) -> OutColumn {
        let (ty, origin) = match self.sql_name(scope, &env.levels, parts) {
            SqlName::Column { column, .. } => (column.ty, column.origin),
            SqlName::Plsql(found) => (self.type_of_found(&found, parts, env.depth).scalar(), None),
            SqlName::Unknown(reason) => (unknown(reason), None),
        };
        OutColumn {
            name: parts.last().map_or(String::new(), |p| (*p).to_string()),
            ty,
            origin,
        }
    }

    fn sources(&self, scope: &Scope, env: &mut Env<'_>, from: List<FromItem>) -> Vec<Source> {
        let mut out = Vec::new();
        for item in from.ids() {
            self.add_source(scope, env, item, &mut out);
        }
        out
    }

    fn add_source(
        &self,
        scope: &Scope,
        env: &mut Env<'_>,
        item: Id<FromItem>,
        out: &mut Vec<Source>,
    ) {
        let view = self.view(scope.unit);
        let ast = view.ast();
        let alias = ast[item].alias.map(|a| ast.ident(a).to_string());
        match ast[item].kind {
            FromKind::Table { name, .. } => {
                let parts = ast.parts(ast[name].parts);
                out.push(self.table_source(scope, env, name, &parts, alias));
            }
            FromKind::Query { query, .. } => out.push(Source {
                alias: alias.unwrap_or_default(),
                table: None,
                columns: self.columns_of(scope, env, query),
                open: None,
            }),
            FromKind::Join { left, right, .. } => {
                // A chain of joins is as deep as it is long.
                stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
                    self.add_source(scope, env, left, out);
                    self.add_source(scope, env, right, out);
                });
            }
            FromKind::Paren(inner) => self.add_source(scope, env, inner, out),
            FromKind::Function { .. } | FromKind::Derived { .. } | FromKind::Unparsed => {
                let text = view.text(ast[item].span);
                let head: String = text.chars().take(40).collect();
                out.push(Source {
                    alias: alias.unwrap_or_default(),
                    table: None,
                    columns: Vec::new(),
                    open: Some(format!("the columns of `{head}` are not derived")),
                });
            }
        }
    }

    fn table_source(
        &self,
        scope: &Scope,
        env: &Env<'_>,
        name: Id<crate::syntax::ast::ObjectName>,
        parts: &[&str],
        alias: Option<String>,
    ) -> Source {
        let own = parts.last().map_or("", |p| p);
        let alias = alias.unwrap_or_else(|| own.to_string());
        if let [single] = parts
            && let Some((_, columns)) = env.ctes.iter().rev().find(|c| c.0 == *single)
        {
            return Source {
                alias,
                table: None,
                columns: columns.clone(),
                open: None,
            };
        }
        match self.table(scope, name) {
            Resolved::Known(t) => self.known_table(t, alias),
            Resolved::Unknown(_) if parts == ["DUAL"] => Source {
                alias,
                table: None,
                columns: Vec::new(),
                open: None,
            },
            Resolved::Unknown(reason) => Source {
                alias,
                table: None,
                columns: Vec::new(),
                open: Some(reason),
            },
        }
    }

    fn known_table(&self, name: TableName, alias: String) -> Source {
        let columns: Vec<_> = self.catalog.tables[&name]
            .columns
            .values()
            .map(|c| OutColumn {
                name: c.name.clone(),
                ty: c.ty.clone(),
                origin: Some((name.clone(), c.name.clone())),
            })
            .collect();
        let open = columns
            .is_empty()
            .then(|| format!("the columns of {name} are not known"));
        Source {
            alias,
            table: Some(name),
            columns,
            open,
        }
    }

    /// The type of an expression of PL/SQL, or of SQL with `levels` in sight.
    pub fn expr_type(&self, scope: &Scope, levels: &[Vec<Source>], expr: Id<Expr>) -> DataType {
        let env = Env {
            levels: Cow::Borrowed(levels),
            ..Env::default()
        };
        self.typed(scope, &env, expr)
    }

    /// The same, records and collections unfolded where the expression is a name of PL/SQL.
    pub fn expr_value_type(
        &self,
        scope: &Scope,
        levels: &[Vec<Source>],
        expr: Id<Expr>,
    ) -> ValueType {
        if !levels.is_empty() {
            return ValueType::Scalar(self.expr_type(scope, levels, expr));
        }
        let env = Env::default();
        self.typing(scope, &env, &|t| t.value(expr, 0))
    }

    fn typed(&self, scope: &Scope, env: &Env<'_>, expr: Id<Expr>) -> DataType {
        if env.depth > MAX_DEPTH {
            return unknown("the expression is nested too deeply");
        }
        self.typing(scope, env, &|t| t.of(expr, 0))
    }

    fn typing<T>(&self, scope: &Scope, env: &Env<'_>, ask: &dyn Fn(Typing<'_, '_>) -> T) -> T {
        ask(Typing {
            resolver: self,
            scope,
            name: &|parts: &[&str]| self.named_column(scope, env, parts).ty,
            query: &|q| {
                let first = self
                    .columns_of(scope, &mut env.clone(), q)
                    .into_iter()
                    .next();
                first.map_or_else(|| unknown("a query without columns"), |c| c.ty)
            },
        })
    }
}

impl Source {
    /// Called by that (possibly qualified) name.
    fn is_named(&self, parts: &[&str]) -> bool {
        match (parts, &self.table) {
            ([one], _) => self.alias == *one,
            ([schema, name], Some(t)) => {
                // The text may name another schema than that of the table that it was taken to mean.
                t.name == *name && (t.schema == *schema || self.alias == *name)
            }
            _ => false,
        }
    }

    /// The column that a dotted name means here.
    fn column(&self, parts: &[&str]) -> Option<OutColumn> {
        let (last, qualifier) = parts.split_last()?;
        if !qualifier.is_empty() && !self.is_named(qualifier) {
            return None;
        }
        self.columns.iter().find(|c| c.name == *last).cloned()
    }
}

/// Columns under a list of aliases; columns beyond the list keep their names.
fn renamed(columns: Vec<OutColumn>, names: &[&str]) -> Vec<OutColumn> {
    let mut names = names.iter();
    let rename = |c: OutColumn| match names.next() {
        Some(n) => OutColumn {
            name: (*n).to_string(),
            ..c
        },
        None => c,
    };
    columns.into_iter().map(rename).collect()
}

/// The name that Oracle gives to a select item without an alias: its text in upper case without blanks.
fn expression_name(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace());
    kept.flat_map(char::to_uppercase).collect()
}
