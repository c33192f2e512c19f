//! Types: from a type as written, through %TYPE, %ROWTYPE, subtypes and collections, to Oracle's data types.

use super::super::model::Resolved;
use super::name::{Found, NameMeaning, Variable};
use super::{MAX_DEPTH, Resolver, Scope};
use crate::rel::{DataType, TableName};
use crate::syntax::View;
use crate::syntax::ast::{
    CursorSource, Decl, DeclKind, FieldDef, Id, ItemKind, List, ObjectName, TimeZoneKind, TypeKind,
    TypeRef,
};

/// The last field of the row of a table of which not all columns are known.
pub const OPEN: &str = "*";

/// The type of a PL/SQL value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// A single value.
    Scalar(DataType),
    /// A record or object: fields in order.
    Record(Vec<(String, ValueType)>),
    /// A table, varray or associative array: its element.
    Collection(Box<ValueType>),
    /// A cursor variable.
    RefCursor,
}

impl ValueType {
    /// Not known, with the reason.
    pub fn unknown(reason: impl Into<String>) -> Self {
        ValueType::Scalar(unknown(reason))
    }

    /// The type as a single value; records and collections have none.
    pub fn scalar(&self) -> DataType {
        match self {
            ValueType::Scalar(t) => t.clone(),
            ValueType::Record(_) => other("RECORD"),
            ValueType::Collection(_) => other("TABLE"),
            ValueType::RefCursor => other("REF CURSOR"),
        }
    }

    /// A field of a record; an element's field for a collection.
    pub fn field(&self, name: &str) -> ValueType {
        match self {
            ValueType::Record(fields) => fields
                .iter()
                .find(|f| f.0 == name)
                .map(|f| f.1.clone())
                .unwrap_or_else(|| ValueType::unknown(format!("the record has no field `{name}`"))),
            ValueType::Collection(element) => element.field(name),
            ValueType::Scalar(DataType::Unknown { .. }) => self.clone(),
            ValueType::Scalar(_) | ValueType::RefCursor => {
                ValueType::unknown(format!("`{name}` is asked of a value that is no record"))
            }
        }
    }
}

pub(super) fn unknown(reason: impl Into<String>) -> DataType {
    DataType::Unknown {
        reason: reason.into(),
    }
}

fn other(name: &str) -> DataType {
    DataType::Other { name: name.into() }
}

impl Resolver<'_> {
    /// The data type of a single value declared as `ty`.
    pub fn data_type(&self, scope: &Scope, ty: Id<TypeRef>) -> DataType {
        self.value_type(scope, ty).scalar()
    }

    /// The type declared as `ty`, records and collections unfolded.
    pub fn value_type(&self, scope: &Scope, ty: Id<TypeRef>) -> ValueType {
        self.value_type_at(scope, ty, 0)
    }

    /// The type of what a name means; call [`ValueType::field`] for the parts after it.
    pub fn type_of(&self, meaning: &NameMeaning) -> ValueType {
        self.type_of_at(meaning, 0)
    }

    /// The type of a dotted name, fields followed.
    pub fn type_of_name(&self, scope: &Scope, parts: &[&str]) -> ValueType {
        let found = self.lookup_name(scope, parts);
        self.type_of_found(&found, parts, 0)
    }

    pub(super) fn type_of_found(&self, found: &Found, parts: &[&str], depth: u32) -> ValueType {
        let mut ty = self.type_of_at(&found.meaning, depth);
        for field in parts.iter().skip(found.used) {
            ty = match (&found.meaning, *field) {
                (NameMeaning::Sequence(_), "NEXTVAL" | "CURRVAL") => ty,
                _ => ty.field(field),
            };
        }
        ty
    }

    pub(super) fn type_of_at(&self, meaning: &NameMeaning, depth: u32) -> ValueType {
        if depth > MAX_DEPTH {
            return ValueType::unknown("the type refers to itself");
        }
        match meaning {
            NameMeaning::Variable(v) => self.variable_type(v, depth),
            NameMeaning::Parameter(id, i) => self.parameter_type(*id, *i, depth),
            NameMeaning::CursorParameter(scope, param) => {
                let ty = self.view(scope.unit).ast()[*param].ty;
                self.value_type_at(scope, ty, depth + 1)
            }
            NameMeaning::Cursor(c) => match c.query {
                Some(q) => self.row_of_query(&self.cursor_scope(c), q, depth),
                None => ValueType::unknown(format!("cursor {} has no query", c.name)),
            },
            NameMeaning::LoopIndex(..) => ValueType::Scalar(DataType::integer(10)),
            NameMeaning::LoopRecord(scope, _, source) => {
                self.cursor_source_row(scope, *source, depth)
            }
            NameMeaning::Type(scope, decl) => self.declared_type(scope, *decl, depth),
            NameMeaning::Routine(id) => {
                let r = &self.catalog.routines[id.0 as usize];
                let none = || unknown(format!("{} returns nothing", r.qualified()));
                ValueType::Scalar(r.returns.clone().unwrap_or_else(none))
            }
            NameMeaning::Sequence(_) => ValueType::Scalar(DataType::integer(28)),
            NameMeaning::SchemaType(name) => self.schema_type(name, depth),
            NameMeaning::Builtin(name) => ValueType::Scalar(builtin_value(name)),
            NameMeaning::Exception(name) => {
                ValueType::unknown(format!("`{name}` is an exception, not a value"))
            }
            NameMeaning::Unknown(reason) => ValueType::unknown(reason.clone()),
        }
    }

    fn variable_type(&self, v: &Variable, depth: u32) -> ValueType {
        self.value_type_at(&self.variable_scope(v), v.type_ref, depth + 1)
    }

    fn parameter_type(&self, id: super::RoutineId, index: usize, depth: u32) -> ValueType {
        let r = &self.catalog.routines[id.0 as usize];
        let ast = self.view(r.unit).ast();
        let node = r.node.and_then(|n| ast[n].params.ids().nth(index));
        match node {
            Some(p) => {
                let mut scope = self.routine_scope(id);
                scope.frames.clear();
                self.value_type_at(&scope, ast[p].ty, depth + 1)
            }
            None => ValueType::unknown("the parameter has no declaration"),
        }
    }

    /// The record that a cursor FOR loop over `source` gives.
    pub fn loop_row(&self, scope: &Scope, source: CursorSource) -> ValueType {
        self.cursor_source_row(scope, source, 0)
    }

    fn cursor_source_row(&self, scope: &Scope, source: CursorSource, depth: u32) -> ValueType {
        match source {
            CursorSource::Query(q) => self.row_of_query(scope, q, depth),
            CursorSource::Cursor(e) => match self.cursor_named(scope, e) {
                Some(c) => self.type_of_at(&NameMeaning::Cursor(c), depth + 1),
                None => ValueType::unknown("the loop runs over a cursor that is not known"),
            },
            CursorSource::Dynamic(_) => ValueType::unknown("the loop runs over dynamic SQL"),
        }
    }

    pub(super) fn value_type_at(&self, scope: &Scope, ty: Id<TypeRef>, depth: u32) -> ValueType {
        if depth > MAX_DEPTH {
            return ValueType::unknown("the type refers to itself");
        }
        let view = self.view(scope.unit);
        let ast = view.ast();
        match ast[ty].kind {
            TypeKind::Named {
                name, reference, ..
            } => match written_type(view, ty) {
                _ if reference => ValueType::Scalar(other(view.text(ast[ty].span))),
                Some(t) => ValueType::Scalar(t),
                None => self.user_type(scope, name, depth),
            },
            TypeKind::IntervalYearToMonth => ValueType::Scalar(DataType::IntervalYm),
            TypeKind::IntervalDayToSecond => ValueType::Scalar(DataType::IntervalDs),
            TypeKind::OfColumn(name) => self.of_column(scope, name, depth),
            TypeKind::OfRow(name) => self.of_row(scope, name, depth),
            TypeKind::Other => ValueType::Scalar(other(view.text(ast[ty].span))),
        }
    }

    fn user_type(&self, scope: &Scope, name: Id<ObjectName>, depth: u32) -> ValueType {
        let ast = self.view(scope.unit).ast();
        let parts = ast.parts(ast[name].parts);
        if parts.last() == Some(&"SYS_REFCURSOR") {
            return ValueType::RefCursor;
        }
        match self.lookup_name(scope, &parts).meaning {
            NameMeaning::Type(inner, decl) => self.declared_type(&inner, decl, depth),
            NameMeaning::SchemaType(name) => self.schema_type(&name, depth),
            _ => ValueType::Scalar(other(&parts.join("."))),
        }
    }

    fn declared_type(&self, scope: &Scope, decl: Id<Decl>, depth: u32) -> ValueType {
        let ast = self.view(scope.unit).ast();
        match ast[decl].kind {
            DeclKind::Record { fields, .. } => self.record(scope, fields, depth),
            DeclKind::Collection { of, .. } => {
                ValueType::Collection(Box::new(self.value_type_at(scope, of, depth + 1)))
            }
            DeclKind::Subtype { ty, .. } => self.value_type_at(scope, ty, depth + 1),
            DeclKind::RefCursor(_, _) => ValueType::RefCursor,
            DeclKind::Var { .. }
            | DeclKind::Cursor { .. }
            | DeclKind::Exception(_)
            | DeclKind::Pragma(_, _)
            | DeclKind::Routine(_)
            | DeclKind::CondCompile(_)
            | DeclKind::OtherType(_)
            | DeclKind::Unparsed => ValueType::unknown("the type's form is not understood"),
        }
    }

    fn record(&self, scope: &Scope, fields: List<FieldDef>, depth: u32) -> ValueType {
        let ast = self.view(scope.unit).ast();
        let field = |f: &FieldDef| {
            let ty = self.value_type_at(scope, f.ty, depth + 1);
            (ast.ident(f.name).to_string(), ty)
        };
        ValueType::Record(ast.list(fields).iter().map(field).collect())
    }

    fn schema_type(&self, name: &TableName, depth: u32) -> ValueType {
        let Some(unit) = self.catalog.types.get(name) else {
            return ValueType::Scalar(other(&name.to_string()));
        };
        let view = self.view(*unit);
        let mut scope = self.unit_scope(*unit);
        scope.schema.clone_from(&name.schema);
        match view.ast()[view.unit.item].kind {
            ItemKind::CreateType {
                collection_of: Some(of),
                ..
            } => ValueType::Collection(Box::new(self.value_type_at(&scope, of, depth + 1))),
            ItemKind::CreateType { attributes, .. } if !attributes.is_empty() => {
                self.record(&scope, attributes, depth)
            }
            _ => ValueType::Scalar(other(&name.to_string())),
        }
    }

    /// `x%TYPE`: of a variable, a field, a column.
    fn of_column(&self, scope: &Scope, name: Id<ObjectName>, depth: u32) -> ValueType {
        let ast = self.view(scope.unit).ast();
        let parts = ast.parts(ast[name].parts);
        let found = self.lookup_name(scope, &parts);
        let is_value = !matches!(
            found.meaning,
            NameMeaning::Unknown(_) | NameMeaning::Builtin(_) | NameMeaning::Type(..)
        );
        if is_value {
            return self.type_of_found(&found, &parts, depth + 1);
        }
        let [table @ .., column] = parts.as_slice() else {
            return ValueType::unknown("an empty name");
        };
        if table.is_empty() {
            return ValueType::unknown(format!("`{column}` is declared nowhere in the input"));
        }
        match self.table_named(&scope.schema, table) {
            Resolved::Known(t) => ValueType::Scalar(self.column_type(&t, column)),
            Resolved::Unknown(reason) => ValueType::unknown(reason),
        }
    }

    /// A column's type.
    pub fn column_type(&self, table: &TableName, column: &str) -> DataType {
        self.catalog
            .tables
            .get(table)
            .and_then(|t| t.columns.get(column))
            .map(|c| c.ty.clone())
            .unwrap_or_else(|| unknown(format!("table {table} has no column `{column}`")))
    }

    /// `x%ROWTYPE`: of a table, a view, a cursor.
    fn of_row(&self, scope: &Scope, name: Id<ObjectName>, depth: u32) -> ValueType {
        let ast = self.view(scope.unit).ast();
        let parts = ast.parts(ast[name].parts);
        let found = self.lookup_name(scope, &parts);
        match &found.meaning {
            NameMeaning::Cursor(_) => return self.type_of_at(&found.meaning, depth + 1),
            NameMeaning::Variable(_) => return self.type_of_at(&found.meaning, depth + 1),
            _ => {}
        }
        match self.table_named(&scope.schema, &parts) {
            Resolved::Known(t) => self.row_of_table(&t),
            Resolved::Unknown(reason) => ValueType::unknown(reason),
        }
    }

    /// A table's row as a record.
    pub fn row_of_table(&self, table: &TableName) -> ValueType {
        match self.catalog.tables.get(table) {
            Some(t) => {
                let own = t
                    .columns
                    .values()
                    .map(|c| (c.name.clone(), ValueType::Scalar(c.ty.clone())));
                // Which other columns there are, and in which order, is not known.
                let rest = (!t.complete).then(|| {
                    (
                        OPEN.to_string(),
                        ValueType::unknown("columns that are not known"),
                    )
                });
                ValueType::Record(own.chain(rest).collect())
            }
            None => ValueType::unknown(format!("table {table} is not in the input")),
        }
    }

    fn row_of_query(
        &self,
        scope: &Scope,
        query: Id<crate::syntax::ast::Query>,
        depth: u32,
    ) -> ValueType {
        let columns = self.query_columns_at(scope, query, depth + 1);
        let fields = columns
            .into_iter()
            .map(|c| (c.name, ValueType::Scalar(c.ty)));
        ValueType::Record(fields.collect())
    }

    /// The cursor that an expression names: `c`, `pkg.c`, `c(1, 2)`.
    pub fn cursor_named(
        &self,
        scope: &Scope,
        expr: Id<crate::syntax::ast::Expr>,
    ) -> Option<super::CursorDecl> {
        use crate::syntax::ast::ExprKind;
        let ast = self.view(scope.unit).ast();
        match ast[expr].kind {
            ExprKind::Name(n) => {
                let parts = ast.parts(ast[n].parts);
                match self.lookup_name(scope, &parts).meaning {
                    NameMeaning::Cursor(c) => Some(c),
                    _ => None,
                }
            }
            ExprKind::Call { callee, .. } => self.cursor_named(scope, callee),
            ExprKind::Paren(inner) => self.cursor_named(scope, inner),
            _ => None,
        }
    }
}

/// What Oracle's parameterless functions give.
fn builtin_value(name: &str) -> DataType {
    match name {
        "SYSDATE" | "CURRENT_DATE" => DataType::Date,
        "SYSTIMESTAMP" | "CURRENT_TIMESTAMP" => DataType::TimestampTz { precision: 6 },
        "LOCALTIMESTAMP" => DataType::Timestamp { precision: 6 },
        "USER" | "SESSIONTIMEZONE" | "DBTIMEZONE" => DataType::Varchar { length: 128 },
        "SQLERRM" => DataType::Varchar { length: 512 },
        "ROWNUM" | "LEVEL" | "SQLCODE" | "UID" => DataType::number(),
        "ROWID" => other("ROWID"),
        "SYS_GUID" => DataType::Raw { length: 16 },
        _ => unknown(format!(
            "`{name}` gives a value whose type is not known here"
        )),
    }
}

/// A type that Oracle provides, as written; None for names of users' types.
pub(in crate::catalog) fn written_type(view: View<'_>, ty: Id<TypeRef>) -> Option<DataType> {
    let ast = view.ast();
    let TypeKind::Named {
        name,
        precision,
        star,
        scale,
        zone,
        ..
    } = ast[ty].kind
    else {
        return None;
    };
    let parts = ast.parts(ast[name].parts);
    let parts = parts.strip_prefix(&["SYS"]).unwrap_or(&parts);
    named_type(
        &parts.join(" "),
        &TypeArgs {
            precision,
            star,
            scale,
            zone,
        },
    )
}

/// What follows a type's name.
pub(in crate::catalog) struct TypeArgs {
    pub precision: Option<u32>,
    pub star: bool,
    pub scale: Option<i32>,
    pub zone: TimeZoneKind,
}

/// A type of Oracle's by its name in upper case, words parted by blanks.
pub(in crate::catalog) fn named_type(name: &str, args: &TypeArgs) -> Option<DataType> {
    let digits = |most: u32| args.precision.map(|p| p.min(most) as u8);
    let length = |default: u32| args.precision.unwrap_or(default);
    Some(match name {
        "NUMBER" => number(args),
        "NUMERIC" | "DECIMAL" | "DEC" if args.precision.is_none() && !args.star => {
            DataType::integer(38)
        }
        "NUMERIC" | "DECIMAL" | "DEC" => number(args),
        "INTEGER" | "INT" | "SMALLINT" => DataType::integer(38),
        "PLS_INTEGER" | "BINARY_INTEGER" | "SIMPLE_INTEGER" | "NATURAL" | "NATURALN"
        | "POSITIVE" | "POSITIVEN" | "SIGNTYPE" => DataType::integer(10),
        "FLOAT" | "DOUBLE PRECISION" => DataType::Float {
            bits: digits(126).unwrap_or(126),
        },
        "REAL" => DataType::Float { bits: 63 },
        "BINARY_FLOAT" | "SIMPLE_FLOAT" => DataType::BinaryFloat,
        "BINARY_DOUBLE" | "SIMPLE_DOUBLE" => DataType::BinaryDouble,
        "VARCHAR2"
        | "VARCHAR"
        | "NVARCHAR2"
        | "STRING"
        | "CHARACTER VARYING"
        | "CHAR VARYING"
        | "NCHAR VARYING"
        | "NATIONAL CHARACTER VARYING"
        | "NATIONAL CHAR VARYING" => DataType::Varchar {
            length: length(32767),
        },
        "CHAR" | "CHARACTER" | "NCHAR" | "NATIONAL CHARACTER" | "NATIONAL CHAR" => {
            DataType::Char { length: length(1) }
        }
        "DATE" => DataType::Date,
        "TIMESTAMP" | "TIMESTAMP_UNCONSTRAINED" => {
            let precision = digits(9).unwrap_or(6);
            match args.zone {
                TimeZoneKind::None => DataType::Timestamp { precision },
                TimeZoneKind::Zone => DataType::TimestampTz { precision },
                TimeZoneKind::Local => DataType::TimestampLtz { precision },
            }
        }
        "TIMESTAMP_TZ_UNCONSTRAINED" => DataType::TimestampTz { precision: 9 },
        "TIMESTAMP_LTZ_UNCONSTRAINED" => DataType::TimestampLtz { precision: 9 },
        "YMINTERVAL_UNCONSTRAINED" => DataType::IntervalYm,
        "DSINTERVAL_UNCONSTRAINED" => DataType::IntervalDs,
        "RAW" => DataType::Raw {
            length: length(2000),
        },
        "CLOB" | "NCLOB" | "LONG" | "LONG VARCHAR" | "CHARACTER LARGE OBJECT" => DataType::Clob,
        "BLOB" | "LONG RAW" | "BINARY LARGE OBJECT" => DataType::Blob,
        "XMLTYPE" | "JSON" => DataType::Document,
        "BOOLEAN" | "BOOL" => DataType::Boolean,
        "ROWID" | "UROWID" | "BFILE" | "VECTOR" | "ANYDATA" | "ANYTYPE" | "ANYDATASET"
        | "SDO_GEOMETRY" => other(name),
        _ => return None,
    })
}

fn number(args: &TypeArgs) -> DataType {
    let precision = match (args.precision, args.star) {
        (Some(p), _) => Some(p.min(38) as u8),
        (None, true) => Some(38),
        (None, false) => return DataType::number(),
    };
    DataType::Number {
        precision,
        scale: Some(args.scale.unwrap_or(0) as i16),
    }
}
