//! INSERT: one branch at a time, values converted to the types of the columns.

use super::super::cx::{not_lowered, unknown_name};
use super::super::env::VarKey;
use super::super::model::Obstacle;
use super::super::raw::Source;
use super::{Low, Lowerer, assign, rename_outputs};
use crate::catalog::model::{Column, Table};
use crate::rel::{DataType, Literal, Named, Rel, Scalar, TableName};
use crate::source::Span;
use crate::syntax::ast::{
    Assign, Expr, ExprKind, FromItem, FromKind, Id, Ident, InsertBranch, InsertSource, List, Query,
};

impl<'a> Lowerer<'_, 'a> {
    /// The table that a statement writes.
    pub fn target(&mut self, f: Id<FromItem>) -> Low<TableName> {
        let ast = self.view.ast();
        let span = self.span(ast[f].span);
        match ast[f].kind {
            FromKind::Table { name, .. } => {
                let object = ast[name];
                let parts = ast.parts(object.parts);
                if !object.link.is_empty() {
                    return Err(super::names::db_link(span, &parts.join(".")));
                }
                match self.cx.resolver.table_named(&self.scope.schema, &parts) {
                    crate::catalog::model::Resolved::Known(t) => Ok(t),
                    crate::catalog::model::Resolved::Unknown(reason) => {
                        Err(unknown_name(span, reason))
                    }
                }
            }
            FromKind::Paren(inner) => self.target(inner),
            FromKind::Query { .. } => Err(not_lowered(span, "writing through a subquery")),
            FromKind::Function { .. }
            | FromKind::Join { .. }
            | FromKind::Derived { .. }
            | FromKind::Unparsed => Err(not_lowered(span, "writing through this element")),
        }
    }

    /// The target's definition.
    pub(super) fn target_table(&mut self, f: Id<FromItem>) -> Low<&'a Table> {
        let span = self.span(self.view.ast()[f].span);
        let name = self.target(f)?;
        let found = self.cx.catalog().tables.get(&name);
        let table = found.ok_or_else(|| unknown_name(span, format!("{name} is not known")))?;
        if table.view.is_some() {
            return Err(not_lowered(
                span,
                format!("writing through the view {name}"),
            ));
        }
        if table.columns.is_empty() {
            return Err(unknown_name(
                span,
                format!("the columns of {name} are not known"),
            ));
        }
        Ok(table)
    }

    /// INSERT INTO one table.
    pub fn insert(
        &mut self,
        into: &InsertBranch,
        source: InsertSource,
    ) -> Low<(TableName, Source)> {
        let table = self.target_table(into.target)?;
        let span = self.span(self.view.ast()[into.target].span);
        let columns = self.insert_columns(span, table, into.columns)?;
        let mut source = match source {
            InsertSource::Values(values) => {
                Source::Row(self.values(span, table, &columns, values)?)
            }
            InsertSource::Record(record) => Source::Row(self.record(table, record)?),
            InsertSource::Query(q) => Source::Query(self.insert_query(span, table, &columns, q)?),
            InsertSource::Set(assigns) => Source::Row(self.set_values(span, table, assigns)?),
        };
        self.defaults(span, table, &mut source);
        Ok((table.name.clone(), source))
    }

    /// One branch of INSERT ALL: its values over the rows of the common query, under its condition.
    pub fn insert_branch(
        &mut self,
        into: &InsertBranch,
        query: Id<Query>,
    ) -> Low<(TableName, Source)> {
        let table = self.target_table(into.target)?;
        let span = self.span(self.view.ast()[into.target].span);
        if into.is_else {
            return Err(not_lowered(span, "the ELSE of INSERT ALL or FIRST"));
        }
        let columns = self.insert_columns(span, table, into.columns)?;
        let rel = self.query(query)?;
        let rel = self.derived(rel, "");
        let condition = into.when.map(|w| self.expr(w)).transpose()?;
        let values = if into.values.is_empty() {
            let outputs = rel.outputs().into_iter().map(Scalar::Column).collect();
            assigned(span, table, &columns, outputs)?
        } else {
            self.values(span, table, &columns, into.values)?
        };
        let items = values
            .into_iter()
            .map(|(name, expr)| Named { name, expr })
            .collect();
        let input = Box::new(super::super::tree::filter(rel, condition));
        let mut source = Source::Query(Rel::Project { input, items });
        self.defaults(span, table, &mut source);
        Ok((table.name.clone(), source))
    }

    pub(super) fn insert_columns(
        &self,
        span: Span,
        table: &Table,
        list: List<Ident>,
    ) -> Low<Vec<String>> {
        if list.is_empty() {
            if !table.complete {
                return Err(unordered(span, table));
            }
            return Ok(table
                .columns
                .values()
                .filter(|c| !c.is_virtual)
                .map(|c| c.name.clone())
                .collect());
        }
        let names = self.view.ast().parts(list);
        for n in &names {
            if !table.columns.contains_key(*n) {
                return Err(unknown_name(
                    span,
                    format!("{} has no column `{n}`", table.name),
                ));
            }
        }
        Ok(names.into_iter().map(String::from).collect())
    }

    pub(super) fn values(
        &mut self,
        span: Span,
        table: &Table,
        columns: &[String],
        values: List<Expr>,
    ) -> Low<Vec<(String, Scalar)>> {
        let several = values
            .ids()
            .any(|v| matches!(self.view.ast()[v].kind, ExprKind::Row(_)));
        if several {
            return Err(not_lowered(span, "VALUES of several rows"));
        }
        let mut out = Vec::new();
        let mut given = Vec::new();
        for (v, column) in values.ids().zip(columns) {
            if self.is_default_word(v) {
                continue;
            }
            given.push(column.clone());
            out.push(self.expr(v)?);
        }
        if values.len() != columns.len() {
            return Err(unknown_name(
                span,
                format!("{} columns and {} values", columns.len(), values.len()),
            ));
        }
        assigned(span, table, &given, out)
    }

    fn is_default_word(&self, e: Id<Expr>) -> bool {
        let ast = self.view.ast();
        matches!(ast[e].kind, ExprKind::Name(n) if ast.parts(ast[n].parts) == ["DEFAULT"])
    }

    /// `VALUES record`: the record's fields, by the names of the table's columns.
    pub(super) fn record(&mut self, table: &Table, record: Id<Expr>) -> Low<Vec<(String, Scalar)>> {
        let span = self.expr_span(record);
        let Some(key) = self.key_of(record) else {
            return Err(not_lowered(span, "a record that is no variable"));
        };
        if !table.complete {
            return Err(unordered(span, table));
        }
        let mut values = Vec::new();
        let names: Vec<String> = table
            .columns
            .values()
            .filter(|c| !c.is_virtual)
            .map(|c| c.name.clone())
            .collect();
        // A declared record begins with fields that are all NULL, and so are those that nothing has set.
        let null = Scalar::Literal(Literal::Null);
        let fresh = matches!(key, VarKey::Decl(..)) && self.env.get(&key) == Some(&null);
        for name in &names {
            match self.env.get(&key.clone().field(name)) {
                Some(v) => values.push(v.clone()),
                None if fresh => values.push(null.clone()),
                None => {
                    return Err(not_lowered(
                        span,
                        format!("the field `{name}` of this record"),
                    ));
                }
            }
        }
        assigned(span, table, &names, values)
    }

    fn insert_query(
        &mut self,
        span: Span,
        table: &Table,
        columns: &[String],
        q: Id<Query>,
    ) -> Low<Rel> {
        let rel = self.query(q)?;
        let count = rel.outputs().len();
        if count != columns.len() {
            return Err(unknown_name(
                span,
                format!("{} columns and {count} values", columns.len()),
            ));
        }
        self.assign_outputs(span, table, columns, rel)
    }

    /// Names and converts the outputs of a query as the columns that they are written to.
    pub(super) fn assign_outputs(
        &mut self,
        span: Span,
        table: &Table,
        columns: &[String],
        rel: Rel,
    ) -> Low<Rel> {
        let values: Vec<Scalar> = rel.outputs().into_iter().map(Scalar::Column).collect();
        let converted = assigned(span, table, columns, values.clone())?;
        let changes = converted.iter().zip(&values).any(|((_, c), v)| c != v);
        if let Rel::Project { input, items } = rel {
            let exprs = items.into_iter().map(|n| n.expr).collect();
            let items = assigned(span, table, columns, exprs)?;
            let items = items
                .into_iter()
                .map(|(name, expr)| Named { name, expr })
                .collect();
            return Ok(Rel::Project { input, items });
        }
        if !changes {
            return rename_outputs(rel, columns).ok_or_else(|| not_lowered(span, "this query"));
        }
        let rel = self.derived(rel, "");
        let values = rel.outputs().into_iter().map(Scalar::Column).collect();
        let items = assigned(span, table, columns, values)?;
        let items = items
            .into_iter()
            .map(|(name, expr)| Named { name, expr })
            .collect();
        Ok(Rel::Project {
            input: Box::new(rel),
            items,
        })
    }

    fn set_values(
        &mut self,
        span: Span,
        table: &Table,
        assigns: List<Assign>,
    ) -> Low<Vec<(String, Scalar)>> {
        let sets = self.sets(span, assigns)?;
        let (names, values): (Vec<_>, Vec<_>) = sets.into_iter().unzip();
        assigned(span, table, &names, values)
    }

    /// Columns that are left out get their DEFAULT, where it is a constant or the clock.
    fn defaults(&mut self, span: Span, table: &Table, source: &mut Source) {
        let written = |source: &Source, name: &str| match source {
            Source::Row(values) => values.iter().any(|(n, _)| n == name),
            Source::Query(rel) => rel.outputs().iter().any(|c| c.name == name),
        };
        for c in table
            .columns
            .values()
            .filter(|c| !c.is_virtual && (c.default || c.identity))
        {
            if written(source, &c.name) {
                continue;
            }
            match default_value(c).and_then(|v| assign(span, v, &c.ty).ok()) {
                Some(value) => add(source, &c.name, value),
                None => self.shared.notes.push(format!(
                    "{} is filled by Oracle's DEFAULT and left out",
                    c.name
                )),
            }
        }
    }
}

fn add(source: &mut Source, name: &str, value: Scalar) {
    match source {
        Source::Row(values) => values.push((name.into(), value)),
        Source::Query(Rel::Project { items, .. }) => items.push(Named {
            name: name.into(),
            expr: value,
        }),
        Source::Query(_) => {}
    }
}

fn default_value(c: &Column) -> Option<Scalar> {
    let text = c.default_text.as_deref()?.trim();
    if text.eq_ignore_ascii_case("SYSDATE") || text.eq_ignore_ascii_case("SYSTIMESTAMP") {
        return Some(Scalar::EventTime { ty: c.ty.clone() });
    }
    if text.eq_ignore_ascii_case("USER") {
        return Some(Scalar::EventUser);
    }
    if let Some(inner) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
        let value = inner.replace("''", "'");
        return Some(Scalar::Literal(if value.is_empty() {
            Literal::Null
        } else {
            Literal::Text(value)
        }));
    }
    let number = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'-' || b == b'.');
    number.then(|| Scalar::Literal(Literal::Number(text.to_string())))
}

/// Values with the names of their columns, converted to the columns' types.
pub(super) fn assigned(
    span: Span,
    table: &Table,
    columns: &[String],
    values: Vec<Scalar>,
) -> Low<Vec<(String, Scalar)>> {
    let mut out = Vec::new();
    for (name, value) in columns.iter().zip(values) {
        let ty = table.columns.get(name).map(|c| c.ty.clone());
        let ty = ty.unwrap_or(DataType::Unknown {
            reason: "unknown column".into(),
        });
        out.push((name.clone(), assign(span, value, &ty)?));
    }
    Ok(out)
}

/// Columns that the statement does not name, of a table that no definition states.
fn unordered(span: Span, table: &Table) -> Obstacle {
    let why = format!(
        "{} has no definition in the input: which columns it has, and in which order, is not known, and the statement names none",
        table.name
    );
    unknown_name(span, why)
}
