//! Expressions, conditions, types. SQL and PL/SQL share them.

use super::*;

/// An expression or condition.
#[derive(Clone, Copy, Debug)]
pub struct Expr {
    /// Where.
    pub span: TokSpan,
    /// What.
    pub kind: ExprKind,
}

/// Kinds of expressions.
#[derive(Clone, Copy, Debug)]
pub enum ExprKind {
    /// `NULL`.
    Null,
    /// `TRUE`/`FALSE`.
    Bool(bool),
    /// A number literal: the token's text, with any `f`/`d` suffix.
    Number,
    /// A string literal (`'..'`, `N'..'`, `q'[..]'`), possibly several adjacent tokens: decode with the tape.
    String,
    /// `DATE '..'`.
    DateLit,
    /// `TIMESTAMP '..'`.
    TimestampLit,
    /// `INTERVAL '..' DAY TO SECOND` and the like; the fields are in the span.
    IntervalLit,
    /// A dotted name: column, variable, constant, sequence pseudo-column, function without arguments, pseudo-column (SYSDATE, ROWNUM).
    Name(Id<ObjectName>),
    /// `:name`, `:1`, `:new.x` (parts without the colon) .
    Bind(List<Ident>),
    /// `&x`, `&&x`, `&1` standing alone as an operand (SQL*Plus substitution).
    Subst,
    /// `cursor%ROWCOUNT`, `SQL%FOUND`, `SQL%BULK_ROWCOUNT` (an index on it is a `Call` of this).
    CursorAttr {
        /// Cursor, or the name `SQL`.
        base: Id<Expr>,
        /// Which.
        attr: CursorAttr,
    },
    /// `f(x)`: call, index, cast or constructor; not told apart without a catalogue.
    Call {
        /// What is called or indexed.
        callee: Id<Expr>,
        /// Arguments in order.
        args: List<Arg>,
        /// DISTINCT or UNIQUE before the first argument.
        distinct: bool,
        /// What aggregate and analytic functions have besides; read it through [`Ast::rest`].
        rest: Option<Id<CallRest>>,
    },
    /// `.name` after something that is not a plain name: `f(x).y`, `t(i).col`.
    Field {
        /// The record or object.
        base: Id<Expr>,
        /// Field or method.
        name: Ident,
    },
    /// `*` or `t.*`, in select lists and COUNT(*).
    Star(Option<Id<ObjectName>>),
    /// One operand.
    Unary {
        /// Operator.
        op: UnaryOp,
        /// Operand.
        operand: Id<Expr>,
    },
    /// Two operands.
    Binary {
        /// Operator.
        op: BinaryOp,
        /// Left.
        left: Id<Expr>,
        /// Right.
        right: Id<Expr>,
    },
    /// A chain of one associative operator, n-ary: AND, OR, `||`, `+`, `*`.
    Chain {
        /// Operator.
        op: ChainOp,
        /// Two or more operands.
        items: List<Expr>,
    },
    /// A comparison, possibly with ANY/SOME/ALL.
    Compare {
        /// Operator.
        op: CompareOp,
        /// ANY/ALL.
        quantifier: Option<Quantifier>,
        /// Left.
        left: Id<Expr>,
        /// Right: an expression, a `Subquery` or a `Row`.
        right: Id<Expr>,
    },
    /// `[NOT] BETWEEN`.
    Between {
        /// With NOT.
        not: bool,
        /// Tested.
        operand: Id<Expr>,
        /// Lower bound.
        low: Id<Expr>,
        /// Upper bound.
        high: Id<Expr>,
    },
    /// `[NOT] IN (a, b)`.
    InList {
        /// With NOT.
        not: bool,
        /// Tested; may be a `Row`.
        operand: Id<Expr>,
        /// Candidates.
        items: List<Expr>,
    },
    /// `[NOT] IN (SELECT ..)`.
    InQuery {
        /// With NOT.
        not: bool,
        /// Tested; may be a `Row`.
        operand: Id<Expr>,
        /// Candidates.
        query: Id<Query>,
    },
    /// `[NOT] LIKE/LIKEC/LIKE2/LIKE4`.
    Like {
        /// With NOT.
        not: bool,
        /// Tested.
        operand: Id<Expr>,
        /// Pattern.
        pattern: Id<Expr>,
        /// ESCAPE character.
        escape: Option<Id<Expr>>,
    },
    /// `IS [NOT] NULL`.
    IsNull {
        /// With NOT.
        not: bool,
        /// Tested.
        operand: Id<Expr>,
    },
    /// `IS [NOT] NAN | INFINITE | EMPTY | A SET | JSON .. | OF (types) | DANGLING | PRESENT | ANY`; the words are in `what`.
    Is {
        /// With NOT.
        not: bool,
        /// Tested.
        operand: Id<Expr>,
        /// Of what.
        test: Id<IsTest>,
    },
    /// `EXISTS (SELECT ..)`.
    Exists(Id<Query>),
    /// `CASE .. END`.
    Case {
        /// Operand of the simple form.
        operand: Option<Id<Expr>>,
        /// Branches.
        whens: List<When>,
        /// ELSE.
        else_: Option<Id<Expr>>,
    },
    /// `CAST(x AS type)`, also `TREAT(x AS type)`.
    Cast {
        /// TREAT instead of CAST.
        treat: bool,
        /// Operand; `CAST(MULTISET(query) ..)` has a `Subquery`.
        operand: Id<Expr>,
        /// Target.
        ty: Id<TypeRef>,
        /// DEFAULT .. ON CONVERSION ERROR, format.
        clauses: List<Clause>,
    },
    /// `EXTRACT(field FROM x)`.
    Extract {
        /// YEAR, MONTH, ...
        field: Ident,
        /// From.
        operand: Id<Expr>,
    },
    /// `(SELECT ..)`.
    Subquery(Id<Query>),
    /// `CURSOR(SELECT ..)`.
    CursorQuery(Id<Query>),
    /// `(a, b)`: two or more.
    Row(List<Expr>),
    /// `(x)`: kept, so that a tree prints as it was read.
    Paren(Id<Expr>),
    /// `x(+)`.
    Outer(Id<Expr>),
    /// `x AT TIME ZONE y` / `AT LOCAL` (None).
    AtTimeZone {
        /// Operand.
        operand: Id<Expr>,
        /// Zone; None for LOCAL.
        zone: Option<Id<Expr>>,
    },
    /// `x MULTISET UNION [ALL|DISTINCT] y` and EXCEPT, INTERSECT; MEMBER OF and SUBMULTISET OF; the words are in `op`.
    Multiset {
        /// The operator's words.
        op: TokSpan,
        /// Left.
        left: Id<Expr>,
        /// Right.
        right: Id<Expr>,
    },
    /// A function with a syntax of its own (XMLELEMENT, JSON_OBJECT, TRIM(BOTH ..), ..): what it is applied to, and its clauses.
    Special(Id<Special>),
    /// `$$PLSQL_UNIT`, `$$flag`.
    Inquiry(Ident),
    /// A type used as an expression (`x%TYPE` in a call, `TYPE` operands of TABLE()).
    Type(Id<TypeRef>),
    /// Not understood.
    Unparsed,
}

/// What a call of an aggregate or analytic function has besides its arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallRest {
    /// `WITHIN GROUP (ORDER BY ..)`.
    pub within: List<OrderItem>,
    /// `KEEP (DENSE_RANK ..)`.
    pub keep: Option<Id<Keep>>,
    /// `OVER (..)`.
    pub over: Option<Id<WindowSpec>>,
    /// IGNORE NULLS / RESPECT NULLS, and other words between arguments and OVER, or inside the parentheses after the arguments.
    pub tail: TokSpan,
    /// The same, understood.
    pub clauses: List<Clause>,
}

/// A function with a syntax of its own.
#[derive(Clone, Copy, Debug)]
pub struct Special {
    /// Function.
    pub name: Ident,
    /// Its operands in order; `x AS name` has the name.
    pub args: List<Arg>,
    /// Its clauses in order.
    pub clauses: List<Clause>,
}

/// What `IS [NOT]` asks for.
#[derive(Clone, Copy, Debug)]
pub struct IsTest {
    /// The words after IS [NOT].
    pub what: TokSpan,
    /// Which property.
    pub property: Property,
    /// The types of OF (..).
    pub types: List<TypeRef>,
}

/// A possibly remote dotted name; [`Ast::name_span`] tells where it stands.
#[derive(Clone, Copy, Debug)]
pub struct ObjectName {
    /// Parts in order.
    pub parts: List<Ident>,
    /// `@link.domain@qualifier`.
    pub link: Link,
}

/// The link of a name; most have none. Its parts are [`Ast::link`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Link(pub(super) Option<Id<DbLink>>);

impl Link {
    /// The name is local.
    pub fn is_empty(self) -> bool {
        self.0.is_none()
    }
}

/// `@link.domain@qualifier`.
#[derive(Clone, Copy, Debug)]
pub struct DbLink {
    /// Parts in order.
    pub parts: List<Ident>,
}

/// One argument.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// `name =>`; of XML functions the `AS name` behind it.
    pub name: Option<Ident>,
    /// Value.
    pub value: Id<Expr>,
}

/// WHEN of a CASE expression.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// Condition, or value of the simple form.
    pub when: Id<Expr>,
    /// Result.
    pub then: Id<Expr>,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `+x`.
    Plus,
    /// `-x`.
    Minus,
    /// `NOT x`.
    Not,
    /// `PRIOR x`.
    Prior,
    /// `CONNECT_BY_ROOT x`.
    ConnectByRoot,
    /// `NEW x`.
    New,
    /// `DISTINCT x` / `SET(x)` words in front of an operand.
    Distinct,
    /// `OLD x` in RETURNING (23ai); its `NEW x` is [`UnaryOp::New`].
    Old,
}

/// Operators with two operands that are not chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `-`.
    Sub,
    /// `/`.
    Div,
    /// `**`.
    Power,
    /// `MOD` as an operator (PL/SQL).
    Mod,
    /// `..` in ranges.
    Range,
    /// `:=` or `=>` inside forms that use them.
    Pair,
}

/// Associative operators, kept as n-ary chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChainOp {
    /// AND.
    And,
    /// OR.
    Or,
    /// `||`.
    Concat,
    /// `+`.
    Add,
    /// `*`.
    Mul,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=`.
    Eq,
    /// `<>`, `!=`, `^=`, `~=`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
}

/// What IS [NOT] asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Property {
    /// NAN.
    Nan,
    /// INFINITE.
    Infinite,
    /// EMPTY.
    Empty,
    /// A SET.
    ASet,
    /// JSON with its options.
    Json,
    /// OF [TYPE] ([ONLY] t, ..).
    OfType,
    /// DANGLING.
    Dangling,
    /// PRESENT.
    Present,
    /// ANY.
    Any,
    /// TRUE.
    True,
    /// FALSE.
    False,
    /// UNKNOWN.
    Unknown,
    /// SOURCE OF or DESTINATION OF an edge, or LABELED.
    Graph,
}

/// ANY (SOME) and ALL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// ANY or SOME.
    Any,
    /// ALL.
    All,
}

/// `%` attributes of cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CursorAttr {
    /// %FOUND.
    Found,
    /// %NOTFOUND.
    NotFound,
    /// %ISOPEN.
    IsOpen,
    /// %ROWCOUNT.
    RowCount,
    /// %BULK_ROWCOUNT.
    BulkRowCount,
    /// %BULK_EXCEPTIONS.
    BulkExceptions,
}

/// A data type.
#[derive(Clone, Copy, Debug)]
pub struct TypeRef {
    /// Where.
    pub span: TokSpan,
    /// What.
    pub kind: TypeKind,
}

/// Kinds of type references.
#[derive(Clone, Copy, Debug)]
pub enum TypeKind {
    /// A type name, built in (NUMBER, VARCHAR2, TIMESTAMP, ..) or user's, with arguments.
    Named {
        /// Name; `LONG RAW`, `DOUBLE PRECISION` and the like are one part each word.
        name: Id<ObjectName>,
        /// Precision or length.
        precision: Option<u32>,
        /// `*` as precision.
        star: bool,
        /// Scale.
        scale: Option<i32>,
        /// `CHAR` or `BYTE` after a length.
        char_semantics: Option<bool>,
        /// WITH [LOCAL] TIME ZONE.
        zone: TimeZoneKind,
        /// `REF t`.
        reference: bool,
    },
    /// `INTERVAL YEAR [(p)] TO MONTH`.
    IntervalYearToMonth,
    /// `INTERVAL DAY [(p)] TO SECOND [(s)]`.
    IntervalDayToSecond,
    /// `name%TYPE`.
    OfColumn(Id<ObjectName>),
    /// `name%ROWTYPE`.
    OfRow(Id<ObjectName>),
    /// Anything else, kept as tokens.
    Other,
}

/// Zone part of a TIMESTAMP type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeZoneKind {
    /// None.
    None,
    /// WITH TIME ZONE.
    Zone,
    /// WITH LOCAL TIME ZONE.
    Local,
}

/// ORDER BY item.
#[derive(Clone, Copy, Debug)]
pub struct OrderItem {
    /// Expression, position or alias.
    pub expr: Id<Expr>,
    /// DESC.
    pub desc: bool,
    /// NULLS FIRST (true) or LAST (false); None: Oracle's default (last ascending, first descending).
    pub nulls_first: Option<bool>,
}

/// `OVER (..)`.
#[derive(Clone, Copy, Debug)]
pub struct WindowSpec {
    /// Where.
    pub span: TokSpan,
    /// Named window.
    pub name: Option<Ident>,
    /// PARTITION BY.
    pub partition_by: List<Expr>,
    /// ORDER BY.
    pub order_by: List<OrderItem>,
    /// Tokens of the frame; empty without.
    pub frame: TokSpan,
    /// ROWS, RANGE or GROUPS with its bounds.
    pub bounds: Option<Id<Clause>>,
}

/// One element of WINDOW.
#[derive(Clone, Copy, Debug)]
pub struct NamedWindow {
    /// Name.
    pub name: Ident,
    /// What it stands for.
    pub spec: Id<WindowSpec>,
}

/// `KEEP (DENSE_RANK FIRST|LAST ORDER BY ..)`.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// LAST instead of FIRST.
    pub last: bool,
    /// ORDER BY.
    pub order_by: List<OrderItem>,
}
