//! FROM elements: tables, views, subqueries, WITH elements, ANSI joins.

use std::collections::BTreeSet;

use super::super::cx::{
    MAX_DEPTH, not_lowered, obstacle, too_deep, unknown_name, unparsed, unsupported,
};
use super::super::walk::{Part, operands};
use super::names::db_link;
use super::{Low, Lowerer, Visible, coerce};
use crate::catalog::model::{Resolved, Table, TableKind};
use crate::dataflow::model::ObstacleKind;
use crate::rel::{CmpOp, ColumnRef, JoinKind, Rel, Scalar, Scan, ScanColumn, SortKey, TableName};
use crate::source::Span;
use crate::syntax::ast::{
    Expr, ExprKind, FromItem, FromKind, Id, Ident, JoinKind as AstJoin, List, ObjectName, Query,
    TokSpan,
};

impl Lowerer<'_, '_> {
    /// The comma-separated elements of a FROM, put in sight as a new level.
    pub(super) fn from_list(&mut self, from: List<FromItem>) -> Low<Vec<Rel>> {
        self.scopes.push(Vec::new());
        from.ids().map(|f| self.from_item(f)).collect()
    }

    /// One element; its columns come in sight at the innermost level.
    pub fn from_item(&mut self, f: Id<FromItem>) -> Low<Rel> {
        let node = self.view.ast()[f];
        let span = self.span(node.span);
        if self.depth > MAX_DEPTH {
            return Err(too_deep(span));
        }
        match node.kind {
            FromKind::Table { name, tail } => self.table(span, name, tail, node.alias),
            FromKind::Query { query, lateral } => {
                if lateral {
                    return Err(not_lowered(span, "LATERAL"));
                }
                let rel = self.hidden_level(|l| l.query(query))?;
                let alias = node
                    .alias
                    .map(|a| self.view.ast().ident(a).to_string())
                    .unwrap_or_default();
                Ok(self.derived(rel, &alias))
            }
            FromKind::Function { .. } => {
                Err(not_lowered(span, "a table function or collection in FROM"))
            }
            FromKind::Join {
                left,
                right,
                kind,
                natural,
                on,
                using,
            } => {
                self.depth += 1;
                let out = self.ansi_join(span, left, right, kind, natural, on, using);
                self.depth -= 1;
                out
            }
            FromKind::Paren(inner) => self.from_item(inner),
            FromKind::Derived { keyword, .. } => {
                let word = self.view.ast().ident(keyword).to_string();
                Err(not_lowered(span, word))
            }
            FromKind::Unparsed => Err(unparsed(span)),
        }
    }

    /// Lowers something that does not see the elements beside it.
    fn hidden_level<T>(&mut self, f: impl FnOnce(&mut Self) -> Low<T>) -> Low<T> {
        let level = self.scopes.pop();
        let out = f(self);
        self.scopes.extend(level);
        out
    }

    /// A subquery with its ORDER BY as sort keys over its outputs.
    pub(super) fn ordered(&mut self, q: Id<Query>) -> Low<(Rel, Vec<SortKey>)> {
        let node = self.view.ast()[q];
        match self.view.ast()[node.body] {
            crate::syntax::ast::SetExpr::Select(s) if node.with.is_empty() => {
                let collected = self.collected.take();
                let out = self.select(s, node.order_by);
                self.collected = collected;
                out
            }
            _ => Err(not_lowered(
                self.span(node.span),
                "a row limit over this query",
            )),
        }
    }

    /// Gives a query an alias and puts its outputs in sight.
    pub fn derived(&mut self, rel: Rel, alias: &str) -> Rel {
        let unique = self.shared.alias(alias);
        let rel = Rel::Derived {
            input: Box::new(rel),
            alias: unique,
        };
        let visible = Visible {
            alias: alias.into(),
            table: None,
            columns: rel.outputs(),
            hidden: BTreeSet::new(),
        };
        self.show(visible);
        rel
    }

    fn show(&mut self, visible: Visible) {
        match self.scopes.last_mut() {
            Some(level) => level.push(visible),
            None => self.scopes.push(vec![visible]),
        }
    }

    fn table(
        &mut self,
        span: Span,
        name: Id<ObjectName>,
        tail: TokSpan,
        alias: Option<Ident>,
    ) -> Low<Rel> {
        let ast = self.view.ast();
        let object = ast[name];
        let parts: Vec<String> = ast
            .parts(object.parts)
            .into_iter()
            .map(String::from)
            .collect();
        let alias = alias.map(|a| ast.ident(a).to_string());
        if !object.link.is_empty() {
            return Err(db_link(span, &parts.join(".")));
        }
        self.check_tail(span, tail)?;
        if let [single] = parts.as_slice()
            && let Some(rel) = self.with_element(span, single, alias.as_deref())?
        {
            return Ok(rel);
        }
        let refs: Vec<&str> = parts.iter().map(String::as_str).collect();
        match self.cx.resolver.table_named(&self.scope.schema, &refs) {
            Resolved::Known(table) => {
                self.known_table(span, &table, alias, refs.last().copied().unwrap_or(""))
            }
            Resolved::Unknown(_) if matches!(refs.as_slice(), ["DUAL"] | ["SYS", "DUAL"]) => {
                Ok(dual())
            }
            Resolved::Unknown(reason) if reason.contains("database link") => {
                Err(db_link(span, &parts.join(".")))
            }
            Resolved::Unknown(reason) => Err(unknown_name(span, reason)),
        }
    }

    fn check_tail(&self, span: Span, tail: TokSpan) -> Low<()> {
        if tail.is_empty() {
            return Ok(());
        }
        let text = self.view.text(tail).to_ascii_uppercase();
        if text.starts_with("SAMPLE") {
            let why = "SAMPLE takes random rows";
            return Err(obstacle(
                ObstacleKind::NonDeterministic,
                span,
                why,
                "choose rows by a condition",
            ));
        }
        if text.is_empty() {
            return Ok(());
        }
        Err(not_lowered(
            span,
            format!("`{}` of a table", text.chars().take(40).collect::<String>()),
        ))
    }

    fn with_element(&mut self, span: Span, name: &str, alias: Option<&str>) -> Low<Option<Rel>> {
        let ast = self.view.ast();
        let Some(at) = self.ctes.iter().rposition(|c| ast.ident(c.name) == name) else {
            return Ok(None);
        };
        let cte = self.ctes[at];
        if cte.open {
            return Err(not_lowered(span, "a recursive WITH"));
        }
        // A WITH element sees what was in sight where it was defined, and the elements before it.
        let scopes = self.scopes.split_off(cte.level.min(self.scopes.len()));
        let later = self.ctes.split_off(at + 1);
        self.ctes[at].open = true;
        let rel = self.query(cte.query);
        self.ctes[at].open = false;
        self.ctes.extend(later);
        self.scopes.extend(scopes);
        let mut rel = rel?;
        if !cte.columns.is_empty() {
            let names: Vec<String> = ast
                .parts(cte.columns)
                .into_iter()
                .map(String::from)
                .collect();
            rel = super::rename_outputs(rel, &names).ok_or_else(|| {
                not_lowered(span, "a WITH element with another number of columns")
            })?;
        }
        Ok(Some(self.derived(rel, alias.unwrap_or(name))))
    }

    fn known_table(
        &mut self,
        span: Span,
        name: &TableName,
        alias: Option<String>,
        own: &str,
    ) -> Low<Rel> {
        let Some(table) = self.cx.catalog().tables.get(name) else {
            return Err(unknown_name(span, format!("{name} is not known")));
        };
        let alias_text = alias.unwrap_or_else(|| own.to_string());
        match table.kind {
            TableKind::View => self.view_query(span, table, &alias_text),
            TableKind::Temporary => Err(not_lowered(
                span,
                format!("the temporary work table {name}"),
            )),
            TableKind::Table | TableKind::External | TableKind::MaterializedView => {
                self.scan(span, table, &alias_text)
            }
        }
    }

    fn scan(&mut self, span: Span, table: &Table, alias: &str) -> Low<Rel> {
        if table.columns.is_empty() {
            return Err(unknown_name(
                span,
                format!("the columns of {} are not known", table.name),
            ));
        }
        let unique = self.shared.alias(alias);
        let column = |c: &crate::catalog::model::Column| ScanColumn {
            name: c.name.clone(),
            ty: c.ty.clone(),
            nullable: c.nullable,
        };
        let columns: Vec<ScanColumn> = table
            .columns
            .values()
            .filter(|c| !c.is_virtual)
            .map(column)
            .collect();
        let rel = Rel::Scan(Scan {
            table: table.name.clone(),
            alias: unique,
            columns,
        });
        self.show(Visible {
            alias: alias.into(),
            table: Some(table.name.clone()),
            columns: rel.outputs(),
            hidden: BTreeSet::new(),
        });
        Ok(rel)
    }

    /// A view is its query, read where the view stands.
    fn view_query(&mut self, span: Span, table: &Table, alias: &str) -> Low<Rel> {
        let Some((unit, query)) = table.view else {
            return Err(unknown_name(
                span,
                format!("the query of the view {} is not in the input", table.name),
            ));
        };
        if self.shared.depth > 20 {
            return Err(unsupported(
                span,
                format!(
                    "the view {} is defined by itself, or views nest too deeply",
                    table.name
                ),
            ));
        }
        let mut scope = self.cx.resolver.unit_scope(unit);
        scope.schema = table.name.schema.clone();
        let view = self.cx.resolver.view(unit);
        let env = Default::default();
        self.shared.depth += 1;
        let rel = Lowerer::new(self.cx, view, &scope, &env, self.shared).query(query);
        self.shared.depth -= 1;
        let mut rel = rel?;
        let names: Vec<String> = table.columns.keys().cloned().collect();
        if rel.outputs().len() == names.len() {
            rel =
                super::rename_outputs(rel, &names).ok_or_else(|| not_lowered(span, "this view"))?;
        }
        Ok(self.derived(rel, alias))
    }

    #[allow(clippy::too_many_arguments)]
    fn ansi_join(
        &mut self,
        span: Span,
        left: Id<FromItem>,
        right: Id<FromItem>,
        kind: AstJoin,
        natural: bool,
        on: Option<Id<Expr>>,
        using: List<Ident>,
    ) -> Low<Rel> {
        let start = self.scopes.last().map_or(0, Vec::len);
        let l = self.from_item(left)?;
        let middle = self.scopes.last().map_or(0, Vec::len);
        let r = self.from_item(right)?;
        let kind = join_kind(span, kind)?;
        let mut conditions = Vec::new();
        let names: Vec<String> = if natural {
            self.shared_names(start, middle)
        } else {
            self.view
                .ast()
                .parts(using)
                .into_iter()
                .map(String::from)
                .collect()
        };
        if !names.is_empty() && matches!(kind, JoinKind::Right | JoinKind::Full) {
            return Err(not_lowered(
                span,
                "USING or NATURAL with RIGHT or FULL JOIN",
            ));
        }
        for name in &names {
            conditions.push(self.using(span, start, middle, name)?);
        }
        if let Some(on) = on {
            conditions.push(self.expr(on)?);
        }
        let on = Scalar::all(conditions);
        let kind = match (kind, &on) {
            (JoinKind::Inner, None) => JoinKind::Cross,
            (k, _) => k,
        };
        Ok(Rel::Join {
            kind,
            left: Box::new(l),
            right: Box::new(r),
            on,
        })
    }

    /// Names of columns on both sides.
    fn shared_names(&self, start: usize, middle: usize) -> Vec<String> {
        let Some(level) = self.scopes.last() else {
            return Vec::new();
        };
        let (before, after) = level.split_at(middle.min(level.len()));
        let left: BTreeSet<&String> = before[start..]
            .iter()
            .flat_map(|v| &v.columns)
            .map(|c| &c.name)
            .collect();
        after
            .iter()
            .flat_map(|v| &v.columns)
            .map(|c| &c.name)
            .filter(|n| left.contains(n))
            .cloned()
            .collect()
    }

    fn using(&mut self, span: Span, start: usize, middle: usize, name: &str) -> Low<Scalar> {
        let missing = || {
            unknown_name(
                span,
                format!("`{name}` in USING is not a column of both sides"),
            )
        };
        let Some(level) = self.scopes.last_mut() else {
            return Err(missing());
        };
        let middle = middle.min(level.len());
        let (before, after) = level.split_at_mut(middle);
        let column = |vs: &[Visible]| -> Option<ColumnRef> {
            vs.iter()
                .filter(|v| !v.hidden.contains(name))
                .flat_map(|v| &v.columns)
                .find(|c| c.name == name)
                .cloned()
        };
        let (Some(l), Some(r)) = (column(&before[start..]), column(after)) else {
            return Err(missing());
        };
        for v in after
            .iter_mut()
            .filter(|v| v.columns.iter().any(|c| c.name == name))
        {
            v.hidden.insert(name.to_string());
        }
        coerce::compare(span, CmpOp::Eq, Scalar::Column(l), Scalar::Column(r))
    }

    /// The element whose columns carry `(+)` in a condition.
    pub(super) fn outer_side(&mut self, e: Id<Expr>) -> Low<Option<String>> {
        let mut marked = Vec::new();
        self.collect_outer(e, &mut marked);
        let mut relation = None;
        for m in marked {
            if let Scalar::Column(c) = self.expr(m)? {
                relation = Some(c.relation);
            }
        }
        Ok(relation)
    }

    fn collect_outer(&self, e: Id<Expr>, out: &mut Vec<Id<Expr>>) {
        if let ExprKind::Outer(inner) = self.view.ast()[e].kind {
            out.push(inner);
            return;
        }
        let mut parts = Vec::new();
        operands(self.view.ast(), e, &mut |p| parts.push(p));
        for p in parts {
            if let Part::Expr(e) = p {
                self.collect_outer(e, out);
            }
        }
    }
}

fn join_kind(span: Span, kind: AstJoin) -> Low<JoinKind> {
    Ok(match kind {
        AstJoin::Inner => JoinKind::Inner,
        AstJoin::Left => JoinKind::Left,
        AstJoin::Right => JoinKind::Right,
        AstJoin::Full => JoinKind::Full,
        AstJoin::Cross => JoinKind::Cross,
        AstJoin::CrossApply | AstJoin::OuterApply => return Err(not_lowered(span, "APPLY")),
    })
}

/// One row without columns.
pub(super) fn dual() -> Rel {
    Rel::Values {
        columns: Vec::new(),
        rows: vec![Vec::new()],
    }
}
