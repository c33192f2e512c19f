//! Script level: what one compilation unit is.

use super::*;

/// One compilation unit: a CREATE, an anonymous block, a SQL statement, a script command.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Where.
    pub span: TokSpan,
    /// What.
    pub kind: ItemKind,
}

/// Kinds of units.
#[derive(Clone, Copy, Debug)]
pub enum ItemKind {
    /// CREATE TABLE.
    CreateTable(Id<TableDef>),
    /// CREATE [MATERIALIZED] VIEW.
    CreateView {
        /// Name.
        name: Id<ObjectName>,
        /// Column aliases.
        columns: List<Ident>,
        /// AS; None when not understood.
        query: Option<Id<Query>>,
        /// MATERIALIZED.
        materialized: bool,
        /// What stands between the name and AS: OF type, BUILD, REFRESH, storage.
        clauses: List<Clause>,
    },
    /// CREATE INDEX.
    CreateIndex {
        /// Name.
        name: Id<ObjectName>,
        /// UNIQUE.
        unique: bool,
        /// Table; None for cluster indexes.
        table: Option<Id<ObjectName>>,
        /// Columns or expressions.
        columns: List<Expr>,
        /// BITMAP, what stands in front of ON; DESC of a column; LOCAL, TABLESPACE and further settings.
        clauses: List<Clause>,
    },
    /// CREATE SEQUENCE with its settings.
    CreateSequence(Id<ObjectName>, List<Clause>),
    /// CREATE [PUBLIC] SYNONYM.
    CreateSynonym {
        /// Name.
        name: Id<ObjectName>,
        /// PUBLIC.
        public: bool,
        /// FOR.
        target: Id<ObjectName>,
    },
    /// CREATE TRIGGER.
    CreateTrigger(Id<TriggerDef>),
    /// Standalone procedure or function; `owner` is the schema part.
    CreateRoutine {
        /// Schema.
        owner: Option<Ident>,
        /// Routine.
        routine: Id<Routine>,
    },
    /// CREATE PACKAGE (specification).
    CreatePackage {
        /// Name.
        name: Id<ObjectName>,
        /// Declarations.
        decls: List<Decl>,
    },
    /// CREATE PACKAGE BODY.
    CreatePackageBody {
        /// Name.
        name: Id<ObjectName>,
        /// Declarations and routines.
        decls: List<Decl>,
        /// Initialiser.
        init: Option<Id<Block>>,
    },
    /// CREATE TYPE: attributes known for object types, else empty.
    CreateType {
        /// Name.
        name: Id<ObjectName>,
        /// Attributes.
        attributes: List<FieldDef>,
        /// Element type of a VARRAY or nested table type.
        collection_of: Option<Id<TypeRef>>,
        /// Methods' specifications.
        methods: List<Decl>,
        /// UNDER, AUTHID, FINAL and the like.
        clauses: List<Clause>,
    },
    /// CREATE TYPE BODY.
    CreateTypeBody {
        /// Name.
        name: Id<ObjectName>,
        /// Members.
        decls: List<Decl>,
    },
    /// CREATE DATABASE LINK with its settings.
    CreateDbLink(Id<ObjectName>, List<Clause>),
    /// ALTER TABLE.
    AlterTable {
        /// Name.
        name: Id<ObjectName>,
        /// Actions that were understood.
        actions: List<AlterAction>,
    },
    /// COMMENT ON TABLE/COLUMN.
    Comment {
        /// TABLE (false) or COLUMN (true).
        column: bool,
        /// Object, with the column as last part.
        name: Id<ObjectName>,
        /// Text literal.
        text: Id<Expr>,
    },
    /// GRANT.
    Grant(Id<Grant>),
    /// TRUNCATE TABLE.
    Truncate(Id<ObjectName>),
    /// DROP ..: kind words and name.
    Drop {
        /// Object.
        name: Option<Id<ObjectName>>,
        /// It is a table.
        table: bool,
    },
    /// Anonymous block.
    Block(Id<Block>),
    /// Top-level SELECT.
    Query(Id<Query>),
    /// Top-level INSERT, UPDATE, DELETE, MERGE.
    Dml(Id<Dml>),
    /// COMMIT, ROLLBACK, CALL, EXECUTE and other single statements at top level.
    Stmt(Id<Stmt>),
    /// SQL*Plus EXEC[UTE]: the statements after it.
    Exec(List<Stmt>),
    /// SQL*Plus command (SET, SPOOL, PROMPT, @file, ..): first word; for @ and @@ the rest of the line is in the span.
    SqlPlus(Ident),
    /// SQL*Loader control file.
    ControlFile(Id<TableDef>),
    /// Every other statement: its verb, what it is about, its clauses.
    Ddl(Id<DdlStmt>),
    /// Code in another language: recognised, not read.
    Opaque,
    /// A wrapped unit.
    Wrapped,
    /// Not understood.
    Unparsed,
}

/// A table definition.
#[derive(Clone, Copy, Debug)]
pub struct TableDef {
    /// Name.
    pub name: Id<ObjectName>,
    /// Columns.
    pub columns: List<ColumnDef>,
    /// Out-of-line constraints.
    pub constraints: List<Constraint>,
    /// GLOBAL or PRIVATE TEMPORARY.
    pub temporary: bool,
    /// ORGANIZATION EXTERNAL.
    pub external: Option<External>,
    /// ORGANIZATION INDEX.
    pub index_organized: bool,
    /// AS SELECT.
    pub query: Option<Id<Query>>,
    /// PARTITION BY RANGE/LIST/HASH: the columns.
    pub partition_by: List<Ident>,
    /// All further clauses, as tokens.
    pub tail: TokSpan,
    /// The same, understood: partitions, storage, and settings.
    pub clauses: List<Clause>,
}

/// External table or control file: where its rows come from.
#[derive(Clone, Copy, Debug)]
pub struct External {
    /// DEFAULT DIRECTORY.
    pub directory: Option<Ident>,
    /// ACCESS PARAMETERS, as tokens inside the parentheses.
    pub access: TokSpan,
    /// LOCATION or INFILE texts.
    pub locations: List<Expr>,
}

/// A column definition.
#[derive(Clone, Copy, Debug)]
pub struct ColumnDef {
    /// Where.
    pub span: TokSpan,
    /// Name.
    pub name: Ident,
    /// Type; None for virtual columns without one.
    pub ty: Option<Id<TypeRef>>,
    /// DEFAULT.
    pub default: Option<Id<Expr>>,
    /// GENERATED .. AS IDENTITY.
    pub identity: bool,
    /// Virtual column expression.
    pub virtual_: Option<Id<Expr>>,
    /// Inline constraints.
    pub constraints: List<Constraint>,
}

/// A constraint, inline (`columns` empty) or out of line.
#[derive(Clone, Copy, Debug)]
pub struct Constraint {
    /// Where.
    pub span: TokSpan,
    /// Name.
    pub name: Option<Ident>,
    /// What.
    pub kind: ConstraintKind,
    /// Columns of an out-of-line constraint.
    pub columns: List<Ident>,
}

/// Kinds of constraints.
#[derive(Clone, Copy, Debug)]
pub enum ConstraintKind {
    /// NOT NULL.
    NotNull,
    /// NULL.
    Null,
    /// PRIMARY KEY.
    PrimaryKey,
    /// UNIQUE.
    Unique,
    /// FOREIGN KEY / REFERENCES.
    References {
        /// Parent.
        table: Id<ObjectName>,
        /// Parent columns.
        columns: List<Ident>,
    },
    /// CHECK.
    Check(Id<Expr>),
}

/// ALTER TABLE action.
#[derive(Clone, Copy, Debug)]
pub enum AlterAction {
    /// ADD columns.
    AddColumns(List<ColumnDef>),
    /// MODIFY columns.
    ModifyColumns(List<ColumnDef>),
    /// ADD CONSTRAINT.
    AddConstraint(Id<Constraint>),
    /// DROP COLUMN(S).
    DropColumns(List<Ident>),
    /// RENAME COLUMN a TO b.
    RenameColumn(Ident, Ident),
    /// Anything else: partitions, constraints' state, storage, ..; the name is its verb.
    Other(Id<Clause>),
}

/// A trigger.
#[derive(Clone, Copy, Debug)]
pub struct TriggerDef {
    /// Name.
    pub name: Id<ObjectName>,
    /// ON table or view; None for schema and database triggers.
    pub on: Option<Id<ObjectName>>,
    /// BEFORE (true), else AFTER, INSTEAD OF or compound.
    pub before: bool,
    /// FOR EACH ROW.
    pub each_row: bool,
    /// INSERT.
    pub on_insert: bool,
    /// UPDATE.
    pub on_update: bool,
    /// DELETE.
    pub on_delete: bool,
    /// WHEN.
    pub when: Option<Id<Expr>>,
    /// INSTEAD OF.
    pub instead: bool,
    /// Events, REFERENCING, FOLLOWS, the timing points of a compound trigger.
    pub clauses: List<Clause>,
    /// Bodies: one, or one a timing point of a compound trigger.
    pub bodies: List<Block>,
}

/// A statement without a node of its own.
#[derive(Clone, Copy, Debug)]
pub struct DdlStmt {
    /// CREATE, ALTER, REVOKE, ANALYZE, EXPLAIN, ..
    pub verb: Ident,
    /// Words that say what it is about: `TABLESPACE`, `SESSION`, `MATERIALIZED VIEW LOG`.
    pub object: TokSpan,
    /// Its name.
    pub name: Option<Id<ObjectName>>,
    /// Clauses, most of them settings.
    pub clauses: List<Clause>,
    /// The statement inside: of EXPLAIN PLAN.
    pub statement: Option<Id<Item>>,
}

/// GRANT.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// Privileges, as tokens.
    pub privileges: TokSpan,
    /// ON.
    pub object: Option<Id<ObjectName>>,
    /// TO.
    pub to: List<Ident>,
}
