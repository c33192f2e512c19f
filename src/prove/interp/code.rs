//! Bound code: what the binder makes of the trees and the machine runs. Names are resolved, nothing refers to trees.

use std::rc::Rc;

use super::stop::Refusal;
use super::val::{RecTy, Ty, Val};
use crate::source::Span;
use crate::value::func::Function;

/// Where a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// In the frame `up` routines further out.
    Local {
        /// Static distance.
        up: u16,
        /// Position.
        at: u32,
    },
    /// Of a package.
    Global {
        /// Package.
        package: u32,
        /// Position among all global variables.
        at: u32,
    },
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arith {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `**`
    Power,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cmp {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Ex {
    /// A constant.
    Const(Val),
    /// A variable.
    Var(Slot),
    /// A field of a record.
    Field(Box<Ex>, usize),
    /// An element of a collection.
    Elem(Box<Ex>, Box<Ex>),
    /// A column of a source of a query, `up` queries further out.
    Col { up: u16, src: u16, col: u16 },
    /// A group key.
    Key(u16),
    /// An aggregate of the group.
    Agg(u16),
    /// An analytic function's value.
    Win(u16),
    /// ROWNUM.
    Rownum,
    /// LEVEL.
    Level,
    /// CONNECT_BY_ISLEAF.
    Leaf,
    /// PRIOR x.
    Prior(Box<Ex>),
    /// CONNECT_BY_ROOT x.
    Root(Box<Ex>),
    /// SYS_CONNECT_BY_PATH(x, separator).
    Path(u16),
    /// GROUPING(key).
    Grouping(u16),
    /// Arithmetic.
    Arith(Arith, Box<(Ex, Ex)>),
    /// `-x`.
    Neg(Box<Ex>),
    /// `||`.
    Concat(Vec<Ex>),
    /// Comparison; padded where both sides are CHAR.
    Cmp(Cmp, Box<(Ex, Ex)>, bool),
    /// AND.
    And(Vec<Ex>),
    /// OR.
    Or(Vec<Ex>),
    /// NOT.
    Not(Box<Ex>),
    /// IS [NOT] NULL.
    IsNull(Box<Ex>, bool),
    /// [NOT] BETWEEN.
    Between(Box<(Ex, Ex, Ex)>, bool, bool),
    /// [NOT] IN (..): not, padded.
    InList(Box<Ex>, Vec<Ex>, bool, bool),
    /// [NOT] IN (query): operands, query, not, padded.
    InQuery(Vec<Ex>, Rc<Query>, bool, bool),
    /// `x op ANY|ALL (query)`: all.
    Quantified(Cmp, Box<Ex>, Rc<Query>, bool, bool),
    /// EXISTS.
    Exists(Rc<Query>),
    /// A scalar subquery.
    Scalar(Rc<Query>),
    /// LIKE: not.
    Like(Box<(Ex, Ex, Option<Ex>)>, bool),
    /// REGEXP_LIKE.
    RegexpLike(Vec<Ex>),
    /// Searched CASE.
    Case(Vec<(Ex, Ex)>, Option<Box<Ex>>),
    /// DECODE.
    Decode(Vec<Ex>),
    /// CAST and implicit conversion.
    Cast(Box<Ex>, Ty),
    /// A built-in function.
    Call(&'static Function, Vec<Ex>),
    /// A function of the estate.
    Routine(Box<Call>),
    /// A method of a collection.
    Method(Method, Box<Ex>, Vec<Ex>),
    /// A record or collection made of its parts.
    Make(Ty, Vec<Ex>),
    /// A sequence's NEXTVAL (true) or CURRVAL.
    Seq(u32, bool),
    /// SYSDATE, USER and the like.
    Special(Special),
    /// A built-in package's function.
    Native(Native, Vec<Ex>),
    /// An attribute of a cursor.
    Attr(Box<CurRef>, Attr),
    /// SQL%BULK_ROWCOUNT(i).
    BulkRowCount(Box<Ex>),
    /// SQL%BULK_EXCEPTIONS.COUNT.
    BulkErrors,
    /// SQL%BULK_EXCEPTIONS(i).ERROR_INDEX (true) or ERROR_CODE.
    BulkError(Box<Ex>, bool),
    /// Refused when it is reached.
    Refuse(Rc<Refusal>),
}

/// Methods of collections that give a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// COUNT.
    Count,
    /// FIRST.
    First,
    /// LAST.
    Last,
    /// NEXT(i).
    Next,
    /// PRIOR(i).
    Prior,
    /// EXISTS(i).
    Exists,
    /// LIMIT.
    Limit,
}

/// Values of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// SYSDATE.
    Sysdate,
    /// SYSTIMESTAMP, without its zone.
    Systimestamp,
    /// USER.
    User,
    /// SQLCODE.
    Sqlcode,
    /// SQLERRM.
    Sqlerrm,
}

/// Functions and procedures of built-in packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Native {
    /// SQLERRM(code).
    SqlerrmOf,
    /// DBMS_OUTPUT.PUT_LINE.
    PutLine,
    /// DBMS_OUTPUT.PUT.
    Put,
    /// DBMS_OUTPUT.NEW_LINE.
    NewLine,
    /// UTL_FILE.FOPEN.
    Fopen,
    /// UTL_FILE.PUT_LINE.
    FputLine,
    /// UTL_FILE.PUT.
    Fput,
    /// UTL_FILE.NEW_LINE.
    FnewLine,
    /// UTL_FILE.GET_LINE.
    FgetLine,
    /// UTL_FILE.FCLOSE.
    Fclose,
    /// UTL_FILE.IS_OPEN.
    FisOpen,
    /// RAISE_APPLICATION_ERROR.
    RaiseError,
    /// DBMS_ASSERT: SIMPLE_SQL_NAME, QUALIFIED_SQL_NAME.
    AssertName,
    /// DBMS_ASSERT.ENQUOTE_LITERAL.
    EnquoteLiteral,
    /// DBMS_ASSERT.NOOP.
    Noop,
    /// DBMS_UTILITY.FORMAT_ERROR_STACK.
    ErrorStack,
    /// Calls that leave no trace in data: DBMS_APPLICATION_INFO, DBMS_STATS, DBMS_LOCK.SLEEP.
    Nothing,
    /// NUMTODSINTERVAL.
    NumToDs,
    /// NUMTOYMINTERVAL.
    NumToYm,
    /// SYS_CONTEXT('USERENV', ..).
    SysContext,
    /// LNNVL.
    Lnnvl,
    /// EXTRACT of an interval or date: the field stands as the first argument.
    Extract,
    /// TRIM with options: side, characters, text.
    TrimOf,
    /// DBMS_RANDOM.VALUE.
    RandomValue,
    /// DBMS_RANDOM.STRING.
    RandomString,
}

/// A call of a routine of the estate.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which.
    pub routine: usize,
    /// Static distance from the caller's frame to the frame that declares it; None for routines that are not nested.
    pub up: Option<u16>,
    /// One a parameter.
    pub args: Vec<ArgCode>,
}

/// An argument.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgCode {
    /// IN.
    In(Ex),
    /// OUT: a target.
    Out(Lv),
    /// IN OUT: a target.
    InOut(Lv),
    /// The parameter's default.
    Default,
}

/// Something that can be assigned to.
#[derive(Clone, Debug, PartialEq)]
pub enum Lv {
    /// A variable.
    Var(Slot, Ty, bool),
    /// A field.
    Field(Box<Lv>, usize, Ty),
    /// An element.
    Elem(Box<Lv>, Ex, Ty),
}

impl Lv {
    /// Type of what is assigned.
    pub fn ty(&self) -> &Ty {
        match self {
            Lv::Var(_, t, _) | Lv::Field(_, _, t) | Lv::Elem(_, _, t) => t,
        }
    }
}

/// A cursor: SQL, a declared one, or a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum CurRef {
    /// The implicit cursor.
    Sql,
    /// A declared cursor: its state is in a slot.
    Declared(Slot),
    /// A cursor variable.
    Variable(Ex),
}

/// Attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attr {
    /// %FOUND.
    Found,
    /// %NOTFOUND.
    NotFound,
    /// %ISOPEN.
    IsOpen,
    /// %ROWCOUNT.
    RowCount,
}

/// A query.
#[derive(Debug)]
pub struct Query {
    /// Where.
    pub span: Span,
    /// What it computes.
    pub body: Body,
    /// Sorting: positions of outputs, hidden ones included.
    pub order: Vec<OrderCode>,
    /// OFFSET.
    pub offset: Option<Ex>,
    /// FETCH FIRST.
    pub fetch: Option<(Ex, bool)>,
    /// Outputs.
    pub cols: Rc<RecTy>,
    /// FOR UPDATE: the last hidden output is the ROWID of the table.
    pub rowid: bool,
    /// What follows FOR UPDATE or not at all; it refers to nothing outside.
    pub free: bool,
}

impl PartialEq for Query {
    fn eq(&self, other: &Query) -> bool {
        std::ptr::eq(self, other)
    }
}

/// Sorting.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderCode {
    /// Output.
    pub at: usize,
    /// DESC.
    pub desc: bool,
    /// NULLS FIRST.
    pub nulls_first: bool,
}

/// Set operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// UNION ALL.
    All,
    /// UNION.
    Union,
    /// INTERSECT.
    Intersect,
    /// MINUS.
    Minus,
}

/// The body of a query.
#[derive(Debug)]
pub enum Body {
    /// SELECT.
    Select(Box<Select>),
    /// A set operation.
    Set(SetKind, Box<Body>, Box<Body>),
    /// A query in parentheses.
    Sub(Rc<Query>),
    /// A recursive WITH element: slot, first rows, step.
    Recursive(usize, Box<Body>, Box<Body>),
}

/// A SELECT.
#[derive(Debug)]
pub struct Select {
    /// Sources.
    pub from: From,
    /// A row of NULLs a source.
    pub nulls: Vec<super::val::Row>,
    /// WHERE, as far as joins did not take it.
    pub filters: Vec<Ex>,
    /// CONNECT BY.
    pub connect: Option<Box<Connect>>,
    /// GROUP BY and aggregates.
    pub group: Option<Box<Group>>,
    /// Analytic functions.
    pub wins: Vec<WinCode>,
    /// Outputs, hidden sort keys at the end.
    pub items: Vec<Ex>,
    /// DISTINCT over the first so many outputs.
    pub distinct: Option<usize>,
    /// Conditions on ROWNUM: once one of constants fails, no further row can pass.
    pub rownum: Vec<Ex>,
}

/// CONNECT BY.
#[derive(Debug)]
pub struct Connect {
    /// START WITH.
    pub start: Option<Ex>,
    /// CONNECT BY.
    pub by: Ex,
    /// NOCYCLE.
    pub nocycle: bool,
    /// Conditions after the tree is built.
    pub filters: Vec<Ex>,
    /// SYS_CONNECT_BY_PATH expressions and separators.
    pub paths: Vec<(Ex, String)>,
}

/// Grouping.
#[derive(Debug)]
pub struct Group {
    /// Keys.
    pub keys: Vec<Ex>,
    /// Grouping sets: for each key whether it groups.
    pub sets: Vec<Vec<bool>>,
    /// Aggregates.
    pub aggs: Vec<AggCode>,
    /// HAVING.
    pub having: Option<Ex>,
    /// Without GROUP BY: one row even of nothing.
    pub whole: bool,
}

/// Aggregates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggKind {
    /// COUNT(*).
    CountAll,
    /// COUNT(x).
    Count,
    /// SUM.
    Sum,
    /// AVG.
    Avg,
    /// MIN.
    Min,
    /// MAX.
    Max,
    /// LISTAGG.
    Listagg,
    /// MEDIAN.
    Median,
    /// VARIANCE.
    Variance,
    /// STDDEV.
    Stddev,
}

/// An aggregate.
#[derive(Clone, Debug, PartialEq)]
pub struct AggCode {
    /// Which.
    pub kind: AggKind,
    /// DISTINCT.
    pub distinct: bool,
    /// Argument.
    pub arg: Option<Ex>,
    /// Separator of LISTAGG.
    pub separator: Option<Ex>,
    /// WITHIN GROUP.
    pub order: Vec<SortCode>,
    /// KEEP (DENSE_RANK ..): last, order.
    pub keep: Option<(bool, Vec<SortCode>)>,
}

/// A sort key as an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct SortCode {
    /// Expression.
    pub ex: Ex,
    /// DESC.
    pub desc: bool,
    /// NULLS FIRST.
    pub nulls_first: bool,
}

/// Analytic functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WinKind {
    /// ROW_NUMBER.
    RowNumber,
    /// RANK.
    Rank,
    /// DENSE_RANK.
    DenseRank,
    /// NTILE.
    Ntile,
    /// LAG.
    Lag,
    /// LEAD.
    Lead,
    /// FIRST_VALUE.
    FirstValue,
    /// LAST_VALUE.
    LastValue,
    /// RATIO_TO_REPORT.
    Ratio,
    /// An aggregate.
    Agg(AggKind),
}

/// An analytic function.
#[derive(Clone, Debug, PartialEq)]
pub struct WinCode {
    /// Which.
    pub kind: WinKind,
    /// Arguments.
    pub args: Vec<Ex>,
    /// DISTINCT.
    pub distinct: bool,
    /// IGNORE NULLS.
    pub ignore_nulls: bool,
    /// PARTITION BY.
    pub partition: Vec<Ex>,
    /// ORDER BY.
    pub order: Vec<SortCode>,
    /// Frame.
    pub frame: Frame,
}

/// A frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// ROWS instead of RANGE.
    pub rows: bool,
    /// Start.
    pub low: Bound,
    /// End.
    pub high: Bound,
}

/// A bound of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// UNBOUNDED PRECEDING.
    First,
    /// UNBOUNDED FOLLOWING.
    Last,
    /// CURRENT ROW.
    Current,
    /// n PRECEDING (negative) or FOLLOWING.
    By(i64),
}

/// Sources of a query.
#[derive(Debug)]
pub enum From {
    /// One source, and conditions on it alone.
    Leaf(usize, Leaf, Vec<Ex>),
    /// A join.
    Join(Box<Join>),
}

/// A join.
#[derive(Debug)]
pub struct Join {
    /// Kind.
    pub kind: Kind,
    /// Left.
    pub left: From,
    /// Right.
    pub right: From,
    /// Sources of the left side.
    pub left_srcs: Vec<usize>,
    /// Sources of the right side.
    pub right_srcs: Vec<usize>,
    /// Equalities: left, right, padded.
    pub hash: Vec<(Ex, Ex, bool)>,
    /// Other conditions.
    pub on: Vec<Ex>,
    /// The right side refers to the left one.
    pub lateral: bool,
}

/// Kinds of joins; right joins are turned round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// INNER and CROSS.
    Inner,
    /// LEFT.
    Left,
    /// RIGHT.
    Right,
    /// FULL.
    Full,
}

/// One source.
#[derive(Debug)]
pub enum Leaf {
    /// A table.
    Table(usize),
    /// DUAL.
    Dual,
    /// A subquery or view.
    Query(Rc<Query>),
    /// TABLE(collection); true: its elements are records.
    Collection(Ex, bool),
    /// The rows of the step before of a recursive WITH.
    Work(usize),
}

/// INTO.
#[derive(Clone, Debug, PartialEq)]
pub enum IntoCode {
    /// One target a column.
    Each(Vec<Lv>),
    /// One record.
    Record(Lv),
    /// BULK COLLECT into a collection a column.
    BulkEach(Vec<Lv>),
    /// BULK COLLECT into a collection of records.
    BulkRecord(Lv),
}

/// A DML statement.
#[derive(Debug)]
pub struct Dml {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: DmlCode,
    /// RETURNING: the columns as expressions over the new row, source 0.
    pub returning: Vec<Ex>,
    /// RETURNING INTO.
    pub into: Option<IntoCode>,
    /// LOG ERRORS: the error table.
    pub log_errors: bool,
}

/// A target column and its value.
#[derive(Debug)]
pub struct SetCode {
    /// Columns.
    pub columns: Vec<usize>,
    /// Value: an expression, or a query for several columns.
    pub value: SetValue,
}

/// What SET assigns.
#[derive(Debug)]
pub enum SetValue {
    /// One value.
    One(Ex),
    /// DEFAULT.
    Default,
    /// Columns of a query's one row.
    Query(Rc<Query>),
    /// All fields of a record.
    Record(Ex),
}

/// One target of an INSERT.
#[derive(Debug)]
pub struct InsertCode {
    /// Table.
    pub table: usize,
    /// Columns in order of the values.
    pub columns: Vec<usize>,
    /// Values; None is DEFAULT.
    pub values: Vec<Option<Ex>>,
    /// WHEN.
    pub when: Option<Ex>,
    /// ELSE.
    pub is_else: bool,
}

/// Kinds of DML.
#[derive(Debug)]
pub enum DmlCode {
    /// INSERT VALUES.
    Values(InsertCode),
    /// INSERT VALUES record.
    Record(usize, Vec<usize>, Ex),
    /// INSERT SELECT: values are the query's outputs.
    Query(usize, Vec<usize>, Rc<Query>),
    /// INSERT ALL or FIRST: the query's outputs are source 0.
    Multi {
        /// FIRST.
        first: bool,
        /// Targets.
        branches: Vec<InsertCode>,
        /// Rows.
        query: Rc<Query>,
    },
    /// UPDATE: target is source 0.
    Update {
        /// Table.
        table: usize,
        /// SET.
        set: Vec<SetCode>,
        /// WHERE.
        filter: Vec<Ex>,
        /// WHERE CURRENT OF.
        current: Option<CurRef>,
    },
    /// DELETE: target is source 0.
    Delete {
        /// Table.
        table: usize,
        /// WHERE.
        filter: Vec<Ex>,
        /// WHERE CURRENT OF.
        current: Option<CurRef>,
    },
    /// MERGE: target is source 0, the other source 1.
    Merge(Box<Merge>),
}

/// MERGE.
#[derive(Debug)]
pub struct Merge {
    /// Target.
    pub table: usize,
    /// The rows: source 1 left joined to source 0.
    pub join: From,
    /// Rows of NULLs.
    pub nulls: Vec<super::val::Row>,
    /// WHEN MATCHED.
    pub update: Option<(Vec<SetCode>, Option<Ex>, Option<Ex>)>,
    /// WHEN NOT MATCHED.
    pub insert: Option<(InsertCode, Option<Ex>)>,
}

/// A statement.
#[derive(Debug)]
pub struct St {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: StKind,
}

/// A body with its branch.
#[derive(Debug)]
pub struct Arm {
    /// Condition.
    pub cond: Ex,
    /// Statements.
    pub body: Vec<St>,
    /// Branch, for coverage.
    pub branch: usize,
}

/// Kinds of statements.
#[derive(Debug)]
pub enum StKind {
    /// Assignment.
    Assign(Lv, Ex),
    /// A procedure of the estate.
    Call(Box<Call>),
    /// A built-in procedure, with a target where it gives something back.
    Native(Native, Vec<Ex>, Option<Lv>),
    /// A collection's EXTEND, TRIM, DELETE.
    Collection(CollOp, Lv, Vec<Ex>),
    /// IF and searched CASE; without ELSE, CASE raises 6592.
    If {
        arms: Vec<Arm>,
        otherwise: Option<Vec<St>>,
        else_branch: usize,
        case: bool,
    },
    /// Loops: the label's number.
    Loop(usize, Vec<St>),
    /// WHILE.
    While(usize, Ex, Vec<St>, usize),
    /// FOR i IN low .. high.
    ForRange {
        label: usize,
        slot: Slot,
        reverse: bool,
        low: Ex,
        high: Ex,
        step: Option<Ex>,
        body: Vec<St>,
        branch: usize,
    },
    /// FOR r IN query.
    ForQuery {
        label: usize,
        slot: Slot,
        source: RowSource,
        body: Vec<St>,
        branch: usize,
    },
    /// FORALL.
    Forall {
        slot: Slot,
        bounds: ForallCode,
        save: bool,
        body: Box<St>,
    },
    /// A block.
    Block(Box<BlockCode>),
    /// EXIT: label, condition.
    Exit(Option<usize>, Option<Ex>),
    /// CONTINUE.
    Continue(Option<usize>, Option<Ex>),
    /// RETURN.
    Return(Option<Ex>),
    /// RAISE; None: again.
    Raise(Option<Exc>),
    /// Nothing.
    Null,
    /// OPEN of a declared cursor.
    OpenDeclared(Slot, Rc<CursorCode>, Vec<ArgCode>),
    /// OPEN of a variable.
    OpenFor(Lv, OpenCode),
    /// FETCH.
    Fetch(CurRef, IntoCode, Option<Ex>),
    /// CLOSE.
    Close(CurRef),
    /// EXECUTE IMMEDIATE.
    Execute(Box<Dynamic>),
    /// SELECT INTO.
    Select(Rc<Query>, IntoCode),
    /// DML.
    Dml(Rc<Dml>),
    /// COMMIT.
    Commit,
    /// ROLLBACK [TO].
    Rollback(Option<String>),
    /// SAVEPOINT.
    Savepoint(String),
    /// TRUNCATE.
    Truncate(usize),
    /// PIPE ROW.
    Pipe(Ex),
    /// Refused when it is reached.
    Refuse(Rc<Refusal>),
}

/// Changes of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollOp {
    /// EXTEND.
    Extend,
    /// TRIM.
    Trim,
    /// DELETE.
    Delete,
}

/// Rows that a loop runs over.
#[derive(Debug)]
pub enum RowSource {
    /// A query.
    Query(Rc<Query>),
    /// A declared cursor with arguments.
    Cursor(Slot, Rc<CursorCode>, Vec<ArgCode>),
}

/// FORALL's bounds.
#[derive(Debug)]
pub enum ForallCode {
    /// low .. high.
    Range(Ex, Ex),
    /// INDICES OF.
    Indices(Ex),
    /// VALUES OF.
    Values(Ex),
}

/// What OPEN FOR opens.
#[derive(Debug)]
pub enum OpenCode {
    /// A query.
    Query(Rc<Query>),
    /// A text with binds.
    Text(Ex, Vec<Ex>),
}

/// EXECUTE IMMEDIATE.
#[derive(Debug)]
pub struct Dynamic {
    /// Text.
    pub text: Ex,
    /// INTO.
    pub into: Option<IntoCode>,
    /// USING.
    pub using: Vec<ArgCode>,
    /// RETURNING INTO.
    pub returning: Option<IntoCode>,
}

/// A declared cursor.
#[derive(Debug)]
pub struct CursorCode {
    /// Parameters: slot, type, default.
    pub params: Vec<(String, Slot, Ty, Option<Ex>)>,
    /// Its query.
    pub query: Rc<Query>,
}

/// An exception in a handler or RAISE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exc {
    /// By SQLCODE.
    Code(i32),
    /// The user's, without a code.
    User(usize),
    /// OTHERS.
    Others,
}

/// A variable that is set on entry.
#[derive(Debug)]
pub struct Init {
    /// Where.
    pub slot: Slot,
    /// Type.
    pub ty: Ty,
    /// NOT NULL.
    pub not_null: bool,
    /// Value.
    pub value: Option<Ex>,
    /// Place.
    pub span: Span,
}

/// A block.
#[derive(Debug)]
pub struct BlockCode {
    /// Declarations.
    pub inits: Vec<Init>,
    /// Statements.
    pub body: Vec<St>,
    /// Handlers.
    pub handlers: Vec<HandlerCode>,
}

/// WHEN .. THEN.
#[derive(Debug)]
pub struct HandlerCode {
    /// What it catches.
    pub catches: Vec<Exc>,
    /// Statements.
    pub body: Vec<St>,
    /// Branch.
    pub branch: usize,
}

/// A parameter.
#[derive(Debug)]
pub struct ParamCode {
    /// Slot in the routine's own frame.
    pub at: u32,
    /// Type; lengths and precisions of parameters do not hold.
    pub ty: Ty,
    /// Default.
    pub default: Option<Ex>,
}

/// A routine, ready to run.
#[derive(Debug)]
pub struct RoutineCode {
    /// Name, for messages.
    pub name: String,
    /// Package to be initialised first.
    pub package: Option<u32>,
    /// Slots of a frame.
    pub slots: usize,
    /// Parameters.
    pub params: Vec<ParamCode>,
    /// Result.
    pub returns: Option<Ty>,
    /// Body.
    pub body: BlockCode,
    /// PRAGMA AUTONOMOUS_TRANSACTION.
    pub autonomous: bool,
    /// PIPELINED.
    pub pipelined: bool,
    /// Branch of its entry.
    pub branch: usize,
}
