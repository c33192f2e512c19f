//! What a name is worth: a column in sight, the symbolic value of a variable, a pseudo-column, a constant.

use super::super::cx::{MAX_DEPTH, obstacle, unknown_name, unsupported};
use super::super::env::{VarKey, no_type};
use super::super::period::param;
use super::{Low, Lowerer, Visible};
use crate::catalog::resolve::{Found, NameMeaning, Owner, Variable};
use crate::dataflow::model::ObstacleKind;
use crate::rel::{DataType, Scalar};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Id, Ident, List, ObjectName};

/// The pseudo-column that finds a row again.
pub(crate) const ROWID: &str = "ROWID";

impl Lowerer<'_, '_> {
    /// A dotted name.
    pub(super) fn name(&mut self, e: Id<Expr>, name: Id<ObjectName>) -> Low<Scalar> {
        let span = self.expr_span(e);
        let object = self.view.ast()[name];
        let parts: Vec<String> = self
            .view
            .ast()
            .parts(object.parts)
            .into_iter()
            .map(String::from)
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        if !object.link.is_empty() {
            return Err(db_link(span, &parts.join(".")));
        }
        if let Some(column) = self.column(span, &parts)? {
            return Ok(column);
        }
        if let [qualifier, ROWID] = parts.as_slice()
            && let Some(id) = self.rowid(&[qualifier])
        {
            return Ok(id);
        }
        if let [single] = parts.as_slice()
            && let Some(value) = self.pseudo(span, single)?
        {
            return Ok(value);
        }
        self.plsql(span, &parts)
    }

    /// A column of a FROM element, innermost query first.
    pub(super) fn column(&self, span: Span, parts: &[&str]) -> Low<Option<Scalar>> {
        let Some((name, qualifier)) = parts.split_last() else {
            return Ok(None);
        };
        for level in self.scopes.iter().rev() {
            let mut hits = level.iter().filter_map(|v| v.find(qualifier, name));
            let Some(first) = hits.next() else { continue };
            if hits.next().is_some() {
                return Err(unknown_name(
                    span,
                    format!("`{}` is a column of several tables here", parts.join(".")),
                ));
            }
            return Ok(Some(Scalar::Column(first)));
        }
        Ok(None)
    }

    /// ROWID of the table in sight: good for finding the row again, never written.
    fn rowid(&self, qualifier: &[&str]) -> Option<Scalar> {
        let mut tables = self
            .scopes
            .iter()
            .rev()
            .flatten()
            .filter(|v| v.table.is_some() && qualifier.iter().all(|q| v.alias == *q));
        let found = tables.next()?;
        if qualifier.is_empty() && tables.next().is_some() && self.scopes.last()?.len() != 1 {
            return None;
        }
        let relation = found.columns.first()?.relation.clone();
        let ty = DataType::Other { name: ROWID.into() };
        Some(Scalar::column(&relation, ROWID, ty, false))
    }

    /// SYSDATE and its kind.
    pub(super) fn pseudo(&mut self, span: Span, name: &str) -> Low<Option<Scalar>> {
        Ok(Some(match name {
            "SYSDATE" | "CURRENT_DATE" => Scalar::EventTime { ty: DataType::Date },
            "SYSTIMESTAMP" | "CURRENT_TIMESTAMP" | "LOCALTIMESTAMP" => Scalar::EventTime {
                ty: DataType::Timestamp { precision: 6 },
            },
            "USER" => Scalar::EventUser,
            "SQLCODE" | "SQLERRM" | "UID" => {
                self.run_opaque(span, "the state of the session", no_type("session"))
            }
            "ROWNUM" => {
                return Err(obstacle(
                    ObstacleKind::NonDeterministic,
                    span,
                    "ROWNUM numbers rows in no defined order",
                    "number them by ROW_NUMBER() OVER (ORDER BY a unique key)",
                ));
            }
            "ROWID" => match self.rowid(&[]) {
                Some(id) => id,
                None => return Err(unsupported(span, name)),
            },
            "ORA_ROWSCN" | "LEVEL" | "CONNECT_BY_ISLEAF" | "CONNECT_BY_ISCYCLE" => {
                return Err(unsupported(span, name));
            }
            _ => return Ok(None),
        }))
    }

    fn plsql(&mut self, span: Span, parts: &[&str]) -> Low<Scalar> {
        let found = self.cx.resolver.lookup_name(self.scope, parts);
        self.found(span, parts, &found)
    }

    pub(super) fn found(&mut self, span: Span, parts: &[&str], found: &Found) -> Low<Scalar> {
        let fields = parts.get(found.used..).unwrap_or_default();
        match &found.meaning {
            NameMeaning::Variable(v) => self.variable(span, v, fields),
            NameMeaning::Parameter(routine, index) => {
                let key = VarKey::Param(*routine, *index);
                self.value(span, key, fields, parts)
            }
            NameMeaning::CursorParameter(unit, param) => {
                self.value(span, VarKey::CursorParam(unit.unit, *param), fields, parts)
            }
            NameMeaning::LoopIndex(unit, stmt) | NameMeaning::LoopRecord(unit, stmt, _) => {
                self.value(span, VarKey::Loop(unit.unit, *stmt), fields, parts)
            }
            NameMeaning::Sequence(name) => Ok(self.sequence(span, &name.to_string())),
            NameMeaning::Routine(id) => self.inline(span, *id, &[]),
            NameMeaning::Builtin(name) => self.builtin_name(span, name),
            NameMeaning::Cursor(_)
            | NameMeaning::Type(..)
            | NameMeaning::Exception(_)
            | NameMeaning::SchemaType(_) => Err(unknown_name(
                span,
                format!("`{}` is no value", parts.join(".")),
            )),
            NameMeaning::Unknown(reason) => Err(unknown_name(span, reason.clone())),
        }
    }

    /// A number from a sequence differs from run to run.
    fn sequence(&mut self, span: Span, name: &str) -> Scalar {
        let why = obstacle(
            ObstacleKind::NonDeterministic,
            span,
            format!("a number from the sequence {name} differs from run to run"),
            "take the source's key, or a hash of it, instead of the number",
        );
        self.shared.opaques.drawn(why, DataType::integer(28))
    }

    fn variable(&mut self, span: Span, v: &Variable, fields: &[&str]) -> Low<Scalar> {
        let key = VarKey::Decl(v.unit, v.decl);
        let package = matches!(v.owner, Owner::Package(..));
        if package && v.constant {
            return self.constant(span, v);
        }
        if package {
            let why = obstacle(
                ObstacleKind::PackageState,
                span,
                format!(
                    "`{}` is a package variable: its value lives between calls",
                    v.name
                ),
                "declare it CONSTANT if it never changes, or pass it as a parameter",
            );
            return Ok(self
                .shared
                .opaques
                .value(why, true, no_type("package variable")));
        }
        self.value(span, key, fields, &[&v.name])
    }

    /// A package constant: its initial value, read where it is declared.
    fn constant(&mut self, span: Span, v: &Variable) -> Low<Scalar> {
        let Some(default) = v.default else {
            return Err(unknown_name(
                span,
                format!("the constant `{}` has no value", v.name),
            ));
        };
        if self.shared.depth > MAX_DEPTH {
            return Err(unknown_name(
                span,
                format!("the constant `{}` is defined by itself", v.name),
            ));
        }
        let scope = self.cx.resolver.variable_scope(v);
        let view = self.cx.resolver.view(v.unit);
        self.shared.depth += 1;
        let env = Default::default();
        let value = Lowerer::new(self.cx, view, &scope, &env, self.shared).expr(default);
        self.shared.depth -= 1;
        value
    }

    /// The symbolic value of a variable or of a field of one.
    pub(super) fn value(
        &mut self,
        span: Span,
        key: VarKey,
        fields: &[&str],
        name: &[&str],
    ) -> Low<Scalar> {
        let full = fields.iter().fold(key, |k, f| k.field(f));
        if let Some(value) = self.env.get(&full) {
            return Ok(value.clone());
        }
        let text = name.join(".");
        if let VarKey::Param(routine, index) = full {
            let of = self.cx.routine(routine).params.get(index);
            let ty = of.map_or(no_type("parameter"), |p| p.ty.clone());
            return Ok(param(of.map_or(&text, |p| &p.name), ty));
        }
        let why = obstacle(
            ObstacleKind::NotLowered,
            span,
            format!("the value of `{text}` is not known here"),
            "assign it in the same routine from columns, parameters or constants",
        );
        Ok(self.shared.opaques.value(why, false, no_type("variable")))
    }

    /// `:1` of dynamic SQL, bound by USING; anything else (`:new.x`) is not known.
    pub(super) fn bind(&mut self, e: Id<Expr>, parts: List<Ident>) -> Low<Scalar> {
        let span = self.expr_span(e);
        let text = self.view.ast().parts(parts).join(".");
        match self.env.get(&VarKey::Bind(text.clone())) {
            Some(value) => Ok(value.clone()),
            None => Err(unknown_name(span, format!("`:{text}` has no value here"))),
        }
    }

    /// `t(i).col` and the like.
    pub(super) fn field(&mut self, e: Id<Expr>, base: Id<Expr>, name: Ident) -> Low<Scalar> {
        let span = self.expr_span(e);
        let field = self.view.ast().ident(name).to_string();
        match self.key_of(base) {
            Some(key) => {
                let text = self.view.text(self.view.ast()[e].span).to_string();
                self.value(span, key, &[&field], &[&text])
            }
            None => Err(unknown_name(
                span,
                format!("`{field}` of a value that is not known"),
            )),
        }
    }

    /// The variable that an expression names, elements of collections under their collection.
    pub fn key_of(&self, e: Id<Expr>) -> Option<VarKey> {
        let ast = self.view.ast();
        match ast[e].kind {
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                let found = self.cx.resolver.lookup_name(self.scope, &parts);
                let key = key_of_meaning(&found.meaning)?;
                Some(
                    parts[found.used.min(parts.len())..]
                        .iter()
                        .fold(key, |k, f| k.field(f)),
                )
            }
            ExprKind::Call { callee, args, .. } if args.len() == 1 => {
                let index = ast.list(args).first().map(|a| a.value);
                Some(self.key_of(callee)?.field(&self.element_name(index)))
            }
            ExprKind::Field { base, name } => Some(self.key_of(base)?.field(ast.ident(name))),
            ExprKind::Paren(inner) => self.key_of(inner),
            ExprKind::Bind(parts) => Some(VarKey::Bind(ast.parts(parts).join("."))),
            _ => None,
        }
    }

    /// Elements by the index of the loop around are the rows of the loop; any other index is another element.
    fn element_name(&self, index: Option<Id<Expr>>) -> String {
        let ast = self.view.ast();
        let Some(index) = index else {
            return "()".into();
        };
        if let ExprKind::Name(n) = ast[index].kind {
            let parts = ast.parts(ast[n].parts);
            let found = self.cx.resolver.lookup_name(self.scope, &parts);
            if let NameMeaning::LoopIndex(..) = found.meaning {
                return "()".into();
            }
        }
        format!("({})", self.view.text(ast[index].span))
    }

    /// A value that differs from run to run and not from row to row.
    pub(super) fn run_opaque(&mut self, span: Span, what: &str, ty: DataType) -> Scalar {
        let why = obstacle(
            ObstacleKind::NonDeterministic,
            span,
            format!("{what} differs from run to run"),
            "leave the column to the stream's own metadata",
        );
        self.shared.opaques.value(why, true, ty)
    }

    fn builtin_name(&mut self, span: Span, name: &str) -> Low<Scalar> {
        if let Some(value) = self.pseudo(span, name)? {
            return Ok(value);
        }
        Ok(self.run_opaque(span, &format!("`{name}`"), no_type("built-in")))
    }
}

/// The variable that a meaning is, if it is one.
pub(crate) fn key_of_meaning(meaning: &NameMeaning) -> Option<VarKey> {
    match meaning {
        NameMeaning::Variable(v) => Some(VarKey::Decl(v.unit, v.decl)),
        NameMeaning::Parameter(r, i) => Some(VarKey::Param(*r, *i)),
        NameMeaning::CursorParameter(u, p) => Some(VarKey::CursorParam(u.unit, *p)),
        NameMeaning::LoopIndex(u, s) | NameMeaning::LoopRecord(u, s, _) => {
            Some(VarKey::Loop(u.unit, *s))
        }
        NameMeaning::Cursor(_)
        | NameMeaning::Type(..)
        | NameMeaning::Exception(_)
        | NameMeaning::Routine(_)
        | NameMeaning::Sequence(_)
        | NameMeaning::SchemaType(_)
        | NameMeaning::Builtin(_)
        | NameMeaning::Unknown(_) => None,
    }
}

/// Something behind a database link.
pub(super) fn db_link(span: Span, name: &str) -> crate::dataflow::model::Obstacle {
    obstacle(
        ObstacleKind::DbLink,
        span,
        format!("`{name}` is reached over a database link"),
        "capture the remote table where it lives, and add its DDL to the input",
    )
}

impl Visible {
    fn find(&self, qualifier: &[&str], name: &str) -> Option<crate::rel::ColumnRef> {
        let mine = match qualifier {
            [] => !self.hidden.contains(name),
            [one] => self.alias == *one,
            // The schema that the text names may be another than that of the table it was taken to mean.
            [_, table] => self
                .table
                .as_ref()
                .is_some_and(|t| t.name == *table && t.name == self.alias),
            _ => false,
        };
        if !mine {
            return None;
        }
        self.columns.iter().find(|c| c.name == name).cloned()
    }
}
