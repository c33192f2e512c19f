//! PL/SQL: blocks, statements, declarations, routines.

use super::*;

/// One statement.
#[derive(Clone, Copy, Debug)]
pub struct Stmt {
    /// Where, without the closing semicolon.
    pub span: TokSpan,
    /// `<<label>>`.
    pub label: Option<Ident>,
    /// What.
    pub kind: StmtKind,
}

/// Kinds of statements.
#[derive(Clone, Copy, Debug)]
pub enum StmtKind {
    /// `target := value`.
    Assign {
        /// Variable, field, element or bind.
        target: Id<Expr>,
        /// Value.
        value: Id<Expr>,
    },
    /// Procedure call; with or without parentheses.
    Call(Id<Expr>),
    /// IF.
    If {
        /// IF and ELSIF arms.
        arms: List<IfArm>,
        /// ELSE.
        else_: Option<List<Stmt>>,
    },
    /// CASE statement.
    Case {
        /// Operand of the simple form.
        operand: Option<Id<Expr>>,
        /// Arms.
        arms: List<CaseArm>,
        /// ELSE.
        else_: Option<List<Stmt>>,
    },
    /// LOOP.
    Loop(List<Stmt>),
    /// WHILE.
    While {
        /// Condition.
        cond: Id<Expr>,
        /// Body.
        body: List<Stmt>,
    },
    /// FOR with numbers or 21c iterands.
    ForRange {
        /// Variable.
        var: Ident,
        /// REVERSE.
        reverse: bool,
        /// Iteration controls; `low .. high` is one `Range`.
        iters: List<Iter>,
        /// Of the 21c forms; read it through [`Ast::for_rest`].
        rest: Option<Id<ForRest>>,
        /// Body.
        body: List<Stmt>,
    },
    /// FOR over a query or cursor.
    ForCursor {
        /// Record variable.
        var: Ident,
        /// What is iterated.
        source: CursorSource,
        /// Of the 21c forms; read it through [`Ast::for_rest`].
        rest: Option<Id<ForRest>>,
        /// Body.
        body: List<Stmt>,
    },
    /// FORALL.
    Forall {
        /// Index.
        var: Ident,
        /// `low .. high`, INDICES OF or VALUES OF.
        bounds: ForallBounds,
        /// SAVE EXCEPTIONS.
        save_exceptions: bool,
        /// The one DML statement or EXECUTE IMMEDIATE.
        body: Id<Stmt>,
    },
    /// Nested block.
    Block(Id<Block>),
    /// EXIT.
    Exit {
        /// Label.
        label: Option<Ident>,
        /// WHEN.
        when: Option<Id<Expr>>,
    },
    /// CONTINUE.
    Continue {
        /// Label.
        label: Option<Ident>,
        /// WHEN.
        when: Option<Id<Expr>>,
    },
    /// GOTO.
    Goto(Ident),
    /// RETURN.
    Return(Option<Id<Expr>>),
    /// RAISE.
    Raise(Option<Id<ObjectName>>),
    /// NULL.
    Null,
    /// OPEN.
    Open {
        /// Cursor with arguments, or cursor variable.
        cursor: Id<Expr>,
        /// FOR ...
        source: OpenSource,
        /// USING.
        using: List<UsingArg>,
    },
    /// FETCH.
    Fetch {
        /// Cursor.
        cursor: Id<Expr>,
        /// INTO.
        into: Id<Into>,
        /// LIMIT.
        limit: Option<Id<Expr>>,
    },
    /// CLOSE.
    Close(Id<Expr>),
    /// EXECUTE IMMEDIATE.
    ExecuteImmediate {
        /// Text.
        text: Id<Expr>,
        /// INTO.
        into: Option<Id<Into>>,
        /// USING.
        using: List<UsingArg>,
        /// RETURNING INTO.
        returning: Option<Id<Into>>,
    },
    /// SELECT (with INTO inside PL/SQL).
    Select(Id<Query>),
    /// INSERT, UPDATE, DELETE, MERGE.
    Dml(Id<Dml>),
    /// LOCK TABLE tables IN mode MODE [NOWAIT | WAIT n]; the clause has mode and seconds.
    LockTable(List<FromItem>, Id<Clause>),
    /// COMMIT.
    Commit,
    /// ROLLBACK [TO savepoint].
    Rollback(Option<Ident>),
    /// SAVEPOINT.
    Savepoint(Ident),
    /// SET TRANSACTION, SET ROLE, SET CONSTRAINTS: the name is the second word, the rest is inside.
    Set(Id<Clause>),
    /// PIPE ROW.
    PipeRow(Id<Expr>),
    /// `$IF .. $END`: every branch is kept.
    CondCompile {
        /// Conditions and bodies.
        arms: List<IfArm>,
        /// $ELSE.
        else_: Option<List<Stmt>>,
    },
    /// A SQL statement that is not DML, at script level (TRUNCATE, ALTER SESSION, ..).
    Item(Id<Item>),
    /// Not understood.
    Unparsed,
}

/// What the head of a FOR loop has besides (21c).
#[derive(Clone, Copy, Debug, Default)]
pub struct ForRest {
    /// USING of a dynamic query.
    pub using: List<UsingArg>,
    /// Types and further variables.
    pub iterands: List<Clause>,
}

/// IF/ELSIF arm.
#[derive(Clone, Copy, Debug)]
pub struct IfArm {
    /// Condition.
    pub cond: Id<Expr>,
    /// Body.
    pub body: List<Stmt>,
}

/// WHEN of a CASE statement.
#[derive(Clone, Copy, Debug)]
pub struct CaseArm {
    /// Condition or values.
    pub whens: List<Expr>,
    /// Body.
    pub body: List<Stmt>,
}

/// What a cursor FOR loop runs over.
#[derive(Clone, Copy, Debug)]
pub enum CursorSource {
    /// `(SELECT ..)`.
    Query(Id<Query>),
    /// A named cursor, with arguments if any.
    Cursor(Id<Expr>),
    /// `(EXECUTE IMMEDIATE ..)` and the like, 21c.
    Dynamic(Id<Expr>),
}

/// What OPEN opens.
#[derive(Clone, Copy, Debug)]
pub enum OpenSource {
    /// The cursor's own query.
    Own,
    /// FOR SELECT.
    Query(Id<Query>),
    /// FOR text.
    Text(Id<Expr>),
}

/// FORALL bounds.
#[derive(Clone, Copy, Debug)]
pub enum ForallBounds {
    /// `low .. high`.
    Range(Id<Expr>, Id<Expr>),
    /// INDICES OF collection; with BETWEEN the expression is a `Between` of it.
    Indices(Id<Expr>),
    /// VALUES OF collection.
    Values(Id<Expr>),
}

/// One iteration control.
#[derive(Clone, Copy, Debug)]
pub enum Iter {
    /// `low .. high [BY step]`.
    Range(Id<Expr>, Id<Expr>, Option<Id<Expr>>),
    /// Other 21c forms: a value, or a `Special` with the clauses of the iteration.
    Expr(Id<Expr>),
}

/// One USING argument.
#[derive(Clone, Copy, Debug)]
pub struct UsingArg {
    /// OUT or IN OUT.
    pub out: bool,
    /// Value.
    pub value: Id<Expr>,
}

/// A block: body of a routine, of a package initialiser, anonymous or nested.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Where, from DECLARE/BEGIN to END.
    pub span: TokSpan,
    /// Declarations.
    pub decls: List<Decl>,
    /// Statements.
    pub body: List<Stmt>,
    /// EXCEPTION.
    pub handlers: List<Handler>,
}

/// WHEN .. THEN of an EXCEPTION part.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// Where.
    pub span: TokSpan,
    /// Exceptions; OTHERS is a name like the rest.
    pub names: List<ObjectName>,
    /// Body.
    pub body: List<Stmt>,
}

/// A declaration.
#[derive(Clone, Copy, Debug)]
pub struct Decl {
    /// Where.
    pub span: TokSpan,
    /// What.
    pub kind: DeclKind,
}

/// Kinds of declarations.
#[derive(Clone, Copy, Debug)]
pub enum DeclKind {
    /// Variable or constant.
    Var {
        /// Name.
        name: Ident,
        /// Type.
        ty: Id<TypeRef>,
        /// CONSTANT.
        constant: bool,
        /// NOT NULL.
        not_null: bool,
        /// `:=` or DEFAULT.
        default: Option<Id<Expr>>,
    },
    /// CURSOR.
    Cursor {
        /// Name.
        name: Ident,
        /// Parameters.
        params: List<Param>,
        /// RETURN type.
        returns: Option<Id<TypeRef>>,
        /// IS query; None in a specification.
        query: Option<Id<Query>>,
    },
    /// TYPE name IS RECORD (..).
    Record {
        /// Name.
        name: Ident,
        /// Fields.
        fields: List<FieldDef>,
    },
    /// TYPE name IS TABLE OF / VARRAY OF.
    Collection {
        /// Name.
        name: Ident,
        /// Element.
        of: Id<TypeRef>,
        /// INDEX BY type.
        index_by: Option<Id<TypeRef>>,
        /// Limit of a VARRAY.
        limit: Option<Id<Expr>>,
    },
    /// TYPE name IS REF CURSOR [RETURN type].
    RefCursor(Ident, Option<Id<TypeRef>>),
    /// SUBTYPE.
    Subtype {
        /// Name.
        name: Ident,
        /// Of.
        ty: Id<TypeRef>,
        /// RANGE low .. high, as a `Range`.
        range: Option<Id<Expr>>,
        /// NOT NULL.
        not_null: bool,
    },
    /// EXCEPTION.
    Exception(Ident),
    /// PRAGMA name (args).
    Pragma(Ident, List<Arg>),
    /// A routine, declared or defined.
    Routine(Id<Routine>),
    /// `$IF .. $END` around declarations: every branch is kept, flattened.
    CondCompile(List<Decl>),
    /// Other TYPE forms.
    OtherType(Ident),
    /// Not understood.
    Unparsed,
}

/// Field of a record type or attribute of an object type.
#[derive(Clone, Copy, Debug)]
pub struct FieldDef {
    /// Name.
    pub name: Ident,
    /// Type.
    pub ty: Id<TypeRef>,
    /// Default.
    pub default: Option<Id<Expr>>,
    /// NOT NULL.
    pub not_null: bool,
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Name.
    pub name: Ident,
    /// Direction.
    pub mode: ParamMode,
    /// NOCOPY.
    pub nocopy: bool,
    /// Type.
    pub ty: Id<TypeRef>,
    /// Default.
    pub default: Option<Id<Expr>>,
}

/// Parameter directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamMode {
    /// IN.
    In,
    /// OUT.
    Out,
    /// IN OUT.
    InOut,
}

/// A procedure or function: standalone, packaged, nested, member of a type.
#[derive(Clone, Copy, Debug)]
pub struct Routine {
    /// Where, from PROCEDURE/FUNCTION to END or the semicolon.
    pub span: TokSpan,
    /// Name.
    pub name: Ident,
    /// RETURN type of a function.
    pub returns: Option<Id<TypeRef>>,
    /// Function rather than procedure.
    pub function: bool,
    /// Parameters.
    pub params: List<Param>,
    /// Tokens of AUTHID, DETERMINISTIC, PIPELINED, ...
    pub options: TokSpan,
    /// The words in front (MEMBER, STATIC, OVERRIDING, ..), the options, EXTERNAL.
    pub clauses: List<Clause>,
    /// Body; None for a declaration.
    pub body: Option<Id<Block>>,
    /// LANGUAGE C/JAVA, EXTERNAL: has a body that is not PL/SQL.
    pub external: bool,
    /// PRAGMA AUTONOMOUS_TRANSACTION in the body's declarations.
    pub autonomous: bool,
}
