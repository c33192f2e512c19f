//! INSERT, UPDATE, DELETE, MERGE.

use std::rc::Rc;

use super::super::code::{
    Dml, DmlCode, Ex, From, InsertCode, IntoCode, Kind, Leaf, Merge, SetCode, SetValue,
};
use super::super::stop::{Res, Stop, Why};
use super::super::val::Ty;
use super::from::Item;
use super::{Cx, QScope, Src};
use crate::catalog::model::TableName;
use crate::syntax::ast::{
    self, Assign, DmlKind, Expr, ExprKind, FromItem, FromKind, Id, Ident, InsertBranch,
    InsertSource, List, MergeClause,
};
use crate::value::Value;

/// A DML target: table, its name, and its columns.
struct Target {
    at: usize,
    name: TableName,
    alias: String,
    cols: Vec<(String, Ty)>,
}

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// A DML statement.
    pub(super) fn dml(&mut self, id: Id<ast::Dml>) -> Res<Rc<Dml>> {
        let d = self.view.ast()[id];
        let span = self.span(d.span);
        let was = std::mem::replace(&mut self.in_sql, true);
        let kind = self.deeper(|cx| cx.dml_kind(&d));
        let result = kind.and_then(|(kind, table)| {
            let (returning, into) = self.returning(&d, table.as_ref())?;
            let clause = self.view.text(d.log_errors).to_uppercase();
            let log_errors = !clause.trim().is_empty();
            if log_errors && !(kind.inserts() && clause.contains("UNLIMITED")) {
                return Err(Stop::unsupported(
                    "LOG ERRORS but of an INSERT with REJECT LIMIT UNLIMITED",
                ));
            }
            Ok(Rc::new(Dml {
                span,
                kind,
                returning,
                into,
                log_errors,
            }))
        });
        self.in_sql = was;
        self.queries.truncate(0);
        result.map_err(|s| s.at(span))
    }

    fn dml_kind(&mut self, d: &ast::Dml) -> Res<(DmlCode, Option<Target>)> {
        match d.kind {
            DmlKind::Insert { into, source } => self.insert(into, source),
            DmlKind::InsertMulti {
                first,
                branches,
                query,
            } => self.insert_multi(first, branches, query),
            DmlKind::Update {
                target,
                set,
                from,
                where_,
                current_of,
            } => {
                if !from.is_empty() {
                    return Err(Stop::unsupported("UPDATE .. FROM"));
                }
                let target = self.dml_target(target)?;
                self.queries.push(scope(&target));
                let set = self.set_list(set, &target)?;
                let filter = self.dml_filter(where_)?;
                self.queries.pop();
                let current = current_of.map(|c| self.cursor(c)).transpose()?;
                let table = target.at;
                Ok((
                    DmlCode::Update {
                        table,
                        set,
                        filter,
                        current,
                    },
                    Some(target),
                ))
            }
            DmlKind::Delete {
                target,
                from,
                where_,
                current_of,
            } => {
                if !from.is_empty() {
                    return Err(Stop::unsupported("DELETE with a second FROM"));
                }
                let target = self.dml_target(target)?;
                self.queries.push(scope(&target));
                let filter = self.dml_filter(where_)?;
                self.queries.pop();
                let current = current_of.map(|c| self.cursor(c)).transpose()?;
                let table = target.at;
                Ok((
                    DmlCode::Delete {
                        table,
                        filter,
                        current,
                    },
                    Some(target),
                ))
            }
            DmlKind::Merge {
                target,
                source,
                on,
                clauses,
            } => self.merge(target, source, on, clauses).map(|m| (m, None)),
            DmlKind::Unparsed(_) => Err(Stop::refuse(
                Why::Syntax,
                "a statement that could not be parsed",
            )),
        }
    }

    fn dml_filter(&mut self, where_: Option<Id<Expr>>) -> Res<Vec<Ex>> {
        match where_ {
            Some(w) => Ok(self.conjuncts(w)?.into_iter().map(|(e, _)| e).collect()),
            None => Ok(Vec::new()),
        }
    }

    fn dml_target(&mut self, id: Id<FromItem>) -> Res<Target> {
        let f = self.view.ast()[id];
        let FromKind::Table { name, .. } = f.kind else {
            return self.unsupported("changing a subquery", f.span);
        };
        if !self.view.ast()[name].link.is_empty() {
            return self.unsupported("a database link", f.span);
        }
        let parts = self.parts(name);
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        let table = self.prog.table(&words, &self.schema)?;
        let at = self.prog.stored(&table)?;
        let cols = self.prog.row_type(&table).fields;
        let alias = f
            .alias
            .map_or_else(|| table.name.clone(), |a| self.ident(a));
        Ok(Target {
            at,
            name: table,
            alias,
            cols,
        })
    }

    fn returning(
        &mut self,
        d: &ast::Dml,
        target: Option<&Target>,
    ) -> Res<(Vec<Ex>, Option<IntoCode>)> {
        let Some(into) = d.returning_into else {
            return Ok((Vec::new(), None));
        };
        let Some(target) = target else {
            return Err(Stop::unsupported("RETURNING of this statement"));
        };
        self.queries.push(scope(target));
        let list: Vec<Id<Expr>> = d.returning.ids().collect();
        let exs: Res<Vec<Ex>> = list
            .into_iter()
            .map(|e| self.expr(e).map(|t| t.0))
            .collect();
        self.queries.pop();
        let exs = exs?;
        let into = self.into(into, exs.len())?;
        Ok((exs, Some(into)))
    }

    fn columns(&mut self, target: &Target, list: List<Ident>) -> Res<Vec<usize>> {
        let names: Vec<String> = self
            .view
            .ast()
            .list(list)
            .iter()
            .map(|i| self.ident(*i))
            .collect();
        if names.is_empty() {
            let table = self.prog.est.catalog.tables.get(&target.name);
            let real = |i: &usize| {
                let column = table.and_then(|t| t.columns.get_index(*i));
                column.is_none_or(|(_, c)| !c.is_virtual)
            };
            return Ok((0..target.cols.len()).filter(real).collect());
        }
        let place = |n: &String| {
            let at = target.cols.iter().position(|(c, _)| c == n);
            at.ok_or_else(|| Stop::missing(format!("column {n} of {} does not exist", target.name)))
        };
        names.iter().map(place).collect()
    }

    /// A value, or DEFAULT.
    fn value(&mut self, e: Id<Expr>) -> Res<Option<Ex>> {
        if let ExprKind::Name(n) = self.view.ast()[e].kind
            && self.parts(n) == ["DEFAULT"]
        {
            return Ok(None);
        }
        self.expr(e).map(|t| Some(t.0))
    }

    fn values(&mut self, list: List<Expr>) -> Res<Vec<Option<Ex>>> {
        let list: Vec<Id<Expr>> = list.ids().collect();
        list.into_iter().map(|e| self.value(e)).collect()
    }

    fn insert(
        &mut self,
        into: InsertBranch,
        source: InsertSource,
    ) -> Res<(DmlCode, Option<Target>)> {
        let target = self.dml_target(into.target)?;
        let columns = self.columns(&target, into.columns)?;
        let table = target.at;
        let fits = |n: usize| {
            if n == columns.len() {
                Ok(())
            } else if n < columns.len() {
                Err(Stop::ora(947, "not enough values"))
            } else {
                Err(Stop::ora(913, "too many values"))
            }
        };
        let code = match source {
            InsertSource::Values(list) => {
                // Column names are no values: variables of the same name are meant.
                let values = self.values(list)?;
                fits(values.len())?;
                DmlCode::Values(InsertCode {
                    table,
                    columns,
                    values,
                    when: None,
                    is_else: false,
                })
            }
            InsertSource::Record(e) => {
                let ex = self.expr(e)?.0;
                DmlCode::Record(table, columns, ex)
            }
            InsertSource::Query(q) => {
                let q = self.query(q)?;
                fits(q.cols.fields.len())?;
                DmlCode::Query(table, columns, q)
            }
            InsertSource::Set(_) => return Err(Stop::unsupported("INSERT .. SET")),
        };
        Ok((code, Some(target)))
    }

    fn insert_multi(
        &mut self,
        first: bool,
        branches: List<InsertBranch>,
        query: Id<ast::Query>,
    ) -> Res<(DmlCode, Option<Target>)> {
        let query = self.query(query)?;
        let src = Src {
            alias: String::new(),
            table: None,
            cols: query.cols.fields.clone(),
            merged: Vec::new(),
            rowid: false,
        };
        let mut codes = Vec::new();
        self.queries.push(QScope {
            srcs: vec![src],
            ..QScope::default()
        });
        for b in self.view.ast().list(branches).to_vec() {
            let target = self.dml_target(b.target)?;
            let columns = self.columns(&target, b.columns)?;
            let values = if b.values.is_empty() {
                let col = |c: usize| {
                    Some(Ex::Col {
                        up: 0,
                        src: 0,
                        col: c as u16,
                    })
                };
                (0..query.cols.fields.len()).map(col).collect()
            } else {
                self.values(b.values)?
            };
            if values.len() != columns.len() {
                return Err(Stop::ora(947, "not enough values"));
            }
            codes.push(InsertCode {
                table: target.at,
                columns,
                values,
                when: b.when.map(|w| self.cond(w)).transpose()?,
                is_else: b.is_else,
            });
        }
        self.queries.pop();
        let code = DmlCode::Multi {
            first,
            branches: codes,
            query,
        };
        Ok((code, None))
    }

    fn set_list(&mut self, list: List<Assign>, target: &Target) -> Res<Vec<SetCode>> {
        let mut out = Vec::new();
        for a in self.view.ast().list(list).to_vec() {
            let mut columns = Vec::new();
            for t in a.targets.ids() {
                if let ExprKind::Name(n) = self.view.ast()[t].kind
                    && self.parts(n) == ["ROW"]
                {
                    continue;
                }
                columns.push(self.set_column(t, target)?);
            }
            let value = match self.view.ast()[a.value].kind {
                _ if columns.is_empty() => {
                    columns = (0..target.cols.len()).collect();
                    SetValue::Record(self.expr(a.value)?.0)
                }
                ExprKind::Subquery(q) if columns.len() > 1 => SetValue::Query(self.subquery(q)?),
                _ => match self.value(a.value)? {
                    Some(ex) => SetValue::One(ex),
                    None => SetValue::Default,
                },
            };
            out.push(SetCode { columns, value });
        }
        Ok(out)
    }

    fn set_column(&self, e: Id<Expr>, target: &Target) -> Res<usize> {
        let name = match self.view.ast()[e].kind {
            ExprKind::Name(n) => self.parts(n).pop().unwrap_or_default(),
            _ => return Err(Stop::unsupported("SET of something that is no column")),
        };
        let at = target.cols.iter().position(|(c, _)| *c == name);
        at.ok_or_else(|| Stop::missing(format!("column {name} of {} does not exist", target.name)))
    }

    fn merge(
        &mut self,
        target: Id<FromItem>,
        source: Id<FromItem>,
        on: Id<Expr>,
        clauses: List<MergeClause>,
    ) -> Res<DmlCode> {
        let target = self.dml_target(target)?;
        let mut first = scope(&target);
        first.wins = None;
        self.queries.push(first);
        // The target is source 0, the other one comes behind it.
        let other = self.from_item(source)?;
        let conds = self.conjuncts(on)?.into_iter().map(|(e, _)| e).collect();
        let right = Item {
            from: From::Leaf(0, Leaf::Table(target.at), Vec::new()),
            srcs: vec![0],
            lateral: false,
        };
        let joined = self.join(Kind::Left, other, right, conds);
        let mut update = None;
        let mut insert = None;
        for c in self.view.ast().list(clauses).to_vec() {
            match c {
                MergeClause::Update {
                    set,
                    where_,
                    delete,
                } => {
                    let set = self.set_list(set, &target)?;
                    let filter = where_.map(|w| self.cond(w)).transpose()?;
                    let delete = delete.map(|w| self.cond(w)).transpose()?;
                    update = Some((set, filter, delete));
                }
                MergeClause::Insert {
                    columns,
                    values,
                    where_,
                } => {
                    let columns = self.columns(&target, columns)?;
                    let values = self.values(values)?;
                    if values.len() != columns.len() {
                        return Err(Stop::ora(947, "not enough values"));
                    }
                    let code = InsertCode {
                        table: target.at,
                        columns,
                        values,
                        when: None,
                        is_else: false,
                    };
                    insert = Some((code, where_.map(|w| self.cond(w)).transpose()?));
                }
            }
        }
        let srcs = self.queries.pop().map(|s| s.srcs).unwrap_or_default();
        Ok(DmlCode::Merge(Box::new(Merge {
            table: target.at,
            join: joined.from,
            nulls: srcs
                .iter()
                .map(|s| vec![Value::Null; s.cols.len() + 1].into())
                .collect(),
            update,
            insert,
        })))
    }

    /// INTO: how `count` values reach their targets.
    pub(super) fn into(&mut self, id: Id<ast::Into>, count: usize) -> Res<IntoCode> {
        let into = self.view.ast()[id];
        let hidden = std::mem::take(&mut self.queries);
        let list: Vec<Id<Expr>> = into.targets.ids().collect();
        let targets: Res<Vec<_>> = list.into_iter().map(|t| self.target(t)).collect();
        self.queries = hidden;
        let mut targets = targets?;
        let single = targets.len() == 1;
        if into.bulk {
            let of_records = |t: &Ty| matches!(t, Ty::Coll(c) if matches!(c.elem, Ty::Rec(_)));
            if single && targets.first().is_some_and(|t| of_records(t.ty())) {
                return Ok(IntoCode::BulkRecord(targets.remove(0)));
            }
            return match targets.len() == count {
                true => Ok(IntoCode::BulkEach(targets)),
                false => Err(Stop::ora(947, "not enough values")),
            };
        }
        if single
            && targets
                .first()
                .is_some_and(|t| matches!(t.ty(), Ty::Rec(_)))
        {
            return Ok(IntoCode::Record(targets.remove(0)));
        }
        match targets.len() == count {
            true => Ok(IntoCode::Each(targets)),
            false => Err(Stop::ora(947, "wrong number of targets")),
        }
    }

    /// The SELECT that a query consists of, for INTO.
    pub(super) fn into_of(&self, id: Id<ast::Query>) -> Option<Id<ast::Into>> {
        match self.view.ast()[self.view.ast()[id].body] {
            ast::SetExpr::Select(s) => self.view.ast()[s].into,
            _ => None,
        }
    }

    /// An expression over the columns of one table: CHECK, virtual columns.
    pub(super) fn over_table(&mut self, name: &TableName, alias: &str, e: Id<Expr>) -> Res<Ex> {
        let target = Target {
            at: 0,
            name: name.clone(),
            alias: alias.to_string(),
            cols: self.prog.row_type(name).fields,
        };
        self.queries.push(scope(&target));
        let ex = self.cond(e);
        self.queries.pop();
        ex
    }
}

/// The target as source 0.
fn scope(t: &Target) -> QScope {
    QScope {
        srcs: vec![Src {
            alias: t.alias.clone(),
            table: Some(t.name.clone()),
            cols: t.cols.clone(),
            merged: Vec::new(),
            rowid: true,
        }],
        ..QScope::default()
    }
}

impl<'e> super::Prog<'e> {
    /// An expression of a table's definition, given as text.
    pub fn column_expression(&mut self, table: &TableName, text: &str) -> Res<Ex> {
        let sql = format!("SELECT 1 FROM dual WHERE ({text}\n)");
        let select = format!("SELECT ({text}\n) FROM dual");
        let condition = self.of_text(table, &sql);
        if condition.is_ok() {
            condition
        } else {
            self.of_text(table, &select)
        }
    }

    fn of_text(&mut self, table: &TableName, sql: &str) -> Res<Ex> {
        let units = crate::syntax::parse_statement(sql, super::super::stop::NO_FILE);
        let bad = || {
            Stop::refuse(
                Why::Syntax,
                format!("an expression in the definition of {table}"),
            )
        };
        let unit = units
            .first()
            .filter(|u| u.errors.is_empty())
            .ok_or_else(bad)?;
        let view = crate::syntax::View { unit, src: sql };
        let ast::ItemKind::Query(q) = view.ast()[unit.item].kind else {
            return Err(bad());
        };
        let ast::SetExpr::Select(s) = view.ast()[view.ast()[q].body] else {
            return Err(bad());
        };
        let select = view.ast()[s];
        let first = view.ast().list(select.items).first().map(|i| i.expr);
        let expr = select.where_.or(first).ok_or_else(bad)?;
        let schema = table.schema.clone();
        let mut cx = Cx::new(self, view, None, &schema);
        cx.over_table(table, &table.name, expr)
    }
}
