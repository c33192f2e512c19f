//! Clauses: the parts of statements, queries and functions that are held together by words.
//! One shape for all; the kind says which clause it is and so what its fields hold.

use super::*;

/// One clause.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// Where, keywords included.
    pub span: TokSpan,
    /// Which.
    pub kind: ClauseKind,
    /// What it names: an alias, a column, a variable, a partition, an operation.
    pub name: Option<Ident>,
    /// Its expressions in source order.
    pub values: List<Expr>,
    /// Its ORDER BY.
    pub order: List<OrderItem>,
    /// Its data type.
    pub ty: Option<Id<TypeRef>>,
    /// Its query.
    pub query: Option<Id<Query>>,
    /// The object it names: a table, a type, a routine.
    pub object: Option<Id<ObjectName>>,
    /// Clauses inside it.
    pub inner: List<Clause>,
}

impl Clause {
    /// A clause of which only kind and place are known yet.
    pub fn new(kind: ClauseKind, span: TokSpan) -> Self {
        Clause {
            span,
            kind,
            name: None,
            values: List::empty(),
            order: List::empty(),
            ty: None,
            query: None,
            object: None,
            inner: List::empty(),
        }
    }
}

/// Kinds of clauses. Fields that a kind does not mention are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClauseKind {
    // --- pieces that many clauses share ---
    /// `expr [AS name]`: `values`, `name`.
    Item,
    /// Words that say all: `STRICT`, `ENABLE`, `READ ONLY`.
    Words,
    /// `WORD [=] value`: `name` is the word, `values` or the further words of the span its value.
    Setting,
    /// Tokens in balance that are not understood; each counts as one opaque node.
    Opaque,
    /// `PARTITION BY ..`: `values`, or `inner` items where they have aliases.
    PartitionBy,
    /// `ORDER BY ..`: `order`.
    OrderBy,
    // --- windows ---
    /// `ROWS ..`: `inner` has one or two bounds, and an Exclude.
    Rows,
    /// `RANGE ..`.
    Range,
    /// `GROUPS ..`.
    Groups,
    /// `UNBOUNDED PRECEDING`.
    UnboundedPreceding,
    /// `UNBOUNDED FOLLOWING`.
    UnboundedFollowing,
    /// `CURRENT ROW`.
    CurrentRow,
    /// `n PRECEDING`: `values`.
    Preceding,
    /// `n FOLLOWING`: `values`.
    Following,
    /// `EXCLUDE CURRENT ROW | GROUP | TIES | NO OTHERS`.
    Exclude,
    // --- calls ---
    /// `IGNORE NULLS`.
    IgnoreNulls,
    /// `RESPECT NULLS`.
    RespectNulls,
    /// `FROM FIRST`.
    FromFirst,
    /// `FROM LAST`.
    FromLast,
    /// `FILTER (WHERE ..)`: `values`.
    Filter,
    /// `ON OVERFLOW ERROR | TRUNCATE ['..'] [WITH|WITHOUT COUNT]`: `values` has the text.
    OnOverflow,
    /// `DEFAULT x ON CONVERSION ERROR`: `values`.
    DefaultOnError,
    /// Format and NLS arguments of CAST, VALIDATE_CONVERSION: `values`.
    Format,
    /// `USING ..` of functions: `values`, or `inner` items; CHAR_CS, NCHAR_CS are words.
    Using,
    /// `COST (..)`, `FOR ..`, `OF ANOMALY` of the mining functions.
    Mining,
    // --- FROM elements ---
    /// `PARTITION (p)`: `name`; `PARTITION FOR (..)`: `values`.
    Partition,
    /// `SUBPARTITION (p)`: `name`; `SUBPARTITION FOR (..)`: `values`.
    Subpartition,
    /// `SAMPLE [BLOCK] (n)`: `values`; SEED in `inner`.
    Sample,
    /// `SEED (n)`: `values`.
    Seed,
    /// `AS OF SCN|TIMESTAMP x`: `values`; the words are in the span.
    AsOf,
    /// `VERSIONS BETWEEN SCN|TIMESTAMP a AND b`: `values`.
    Versions,
    /// `AS OF PERIOD FOR p x`: `name`, `values`.
    AsOfPeriod,
    /// `VERSIONS PERIOD FOR p BETWEEN a AND b`: `name`, `values`.
    VersionsPeriod,
    /// `HIERARCHIES (..)` of an analytic view: `inner` items.
    Hierarchies,
    /// Column aliases behind an alias: `inner` items.
    ColumnAliases,
    /// `ONLY (view)`.
    Only,
    /// `(+)` behind a collection: keeps rows without elements.
    OuterMark,
    // --- PIVOT, UNPIVOT ---
    /// An aggregate of PIVOT, a measure of UNPIVOT: `values`, `name`.
    Aggregate,
    /// `FOR columns`: `values`.
    For,
    /// `IN (..)`: `inner` items, or `query`.
    In,
    /// `XML`, `INCLUDE NULLS`, `EXCLUDE NULLS`.
    Mode,
    /// `ANY`.
    Any,
    // --- MATCH_RECOGNIZE ---
    /// `MEASURES ..`: `inner` items.
    Measures,
    /// `ONE ROW PER MATCH`, `ALL ROWS PER MATCH ..`.
    RowsPerMatch,
    /// `AFTER MATCH SKIP ..`: `name` of the variable.
    AfterMatch,
    /// `PATTERN (..)`: `inner` is one pattern.
    Pattern,
    /// `SUBSET a = (b, c)`: `name`, `inner` items.
    Subset,
    /// `DEFINE ..`: `inner` items.
    Define,
    /// One after the other: `inner`.
    PatternSequence,
    /// Either: `inner`.
    PatternChoice,
    /// A variable: `name`.
    PatternVariable,
    /// `{- .. -}`: `inner`.
    PatternExcluded,
    /// `PERMUTE (..)`: `inner`.
    PatternPermute,
    /// `^` or `$`.
    PatternAnchor,
    /// `p*`, `p+?`, `p{2,3}`: `inner` is the pattern, the quantifier is the end of the span, its numbers `values`.
    PatternRepeat,
    // --- MODEL ---
    /// `MODEL ..`: `inner`.
    Model,
    /// `REFERENCE name ON (query) ..`: `name`, `query`, `inner`.
    Reference,
    /// `MAIN name`: `name`.
    Main,
    /// `DIMENSION BY (..)`: `inner` items.
    DimensionBy,
    /// `RULES .. (..)`: `inner` has its words and rules.
    Rules,
    /// `ITERATE (n) [UNTIL (c)]`: `values`.
    Iterate,
    /// `cell = expr`: `values` has cell and expression; `order`; words UPDATE, UPSERT in front.
    Rule,
    // --- WITH ---
    /// `SEARCH DEPTH|BREADTH FIRST BY .. SET c`: `order`, `name`.
    Search,
    /// `CYCLE .. SET c TO y DEFAULT n`: `name` of the mark, `values` the columns, then both marks.
    Cycle,
    // --- SELECT ---
    /// `QUALIFY condition`: `values`.
    Qualify,
    /// `n PARTITIONS BY ..` of FETCH: `values`.
    FetchPartitions,
    // --- XML and JSON ---
    /// `PASSING ..`: `inner` items.
    Passing,
    /// `RETURNING type`: `ty`; `RETURNING CONTENT` without.
    Returning,
    /// `action ON ERROR|EMPTY|NULL|MISMATCH|..`: `name` is the event, `values` a default.
    On,
    /// `COLUMNS (..)`: `inner`.
    Columns,
    /// A column: `name`, `ty`, `values` the path, a default.
    Column,
    /// `name FOR ORDINALITY`: `name`.
    Ordinality,
    /// `NESTED PATH p COLUMNS (..)`: `values`, `inner`.
    Nested,
    /// `key VALUE value`: `values` has both.
    Entry,
    /// `FORMAT JSON`.
    FormatJson,
    /// `WITH [CONDITIONAL] WRAPPER`, `WITHOUT WRAPPER`.
    Wrapper,
    /// `WITH UNIQUE KEYS`.
    UniqueKeys,
    /// An operation of JSON_TRANSFORM: `name` is its verb, `values` path and value, `inner` its handlers.
    Operation,
    /// `XMLNAMESPACES (..)`: `inner` items.
    Namespaces,
    /// `AS type` of XMLSERIALIZE, XMLCAST: `ty`.
    As,
    /// `OVER (..)` of a function with clauses: `values` the partition, `order`, `inner` the frame.
    Over,
    // --- graphs ---
    /// `MATCH pattern`: `inner` vertices and edges in order.
    Match,
    /// `IS a|b`: `values` the labels.
    Is,
    /// `(v IS label WHERE ..)`: `name`, `inner`.
    Vertex,
    /// `-[e IS label WHERE ..]->`: `name`, `inner`.
    Edge,
    /// `WHERE condition` inside a clause: `values`.
    Where,
    // --- DML ---
    /// `LOG ERRORS [INTO t] [(tag)] [REJECT LIMIT n]`: `object`, `values`.
    LogErrors,
    /// `REJECT LIMIT n`: `values`; without for UNLIMITED.
    RejectLimit,
    // --- PL/SQL ---
    /// `AUTHID CURRENT_USER | DEFINER`: `name`.
    Authid,
    /// `DETERMINISTIC`.
    Deterministic,
    /// `PIPELINED [USING t]`: `object`.
    Pipelined,
    /// `PARALLEL_ENABLE [(PARTITION ..)]`: `name` of the argument, `values`.
    ParallelEnable,
    /// `RESULT_CACHE [RELIES_ON (..)]`: `values`.
    ResultCache,
    /// `AGGREGATE USING t`: `object`.
    AggregateUsing,
    /// `SQL_MACRO [(SCALAR|TABLE)]`.
    SqlMacro,
    /// `TABLE|ROW POLYMORPHIC [USING p]`: `object`.
    Polymorphic,
    /// `ACCESSIBLE BY (..)`: `inner` has an object each.
    AccessibleBy,
    /// `DEFAULT COLLATION c`: `name`.
    Collation,
    /// `LANGUAGE C|JAVA ..`, `EXTERNAL ..`, `AS MLE ..`.
    External,
    /// An iterand of a FOR loop: `name`, `ty`; words MUTABLE, IMMUTABLE.
    Iterand,
    /// One iteration control (21c): `values`; `inner` While, When, Step.
    Iteration,
    /// `WHILE condition` of an iteration: `values`.
    While,
    /// `WHEN condition` of an iteration, a trigger, a policy: `values`.
    When,
    /// `BY step`: `values`.
    Step,
    /// `BETWEEN a AND b` of INDICES OF: `values`.
    Between,
    // --- triggers ---
    /// `INSERT`, `DELETE`, `UPDATE [OF ..]`, a DDL or database event: `name`, `values` the columns.
    Event,
    /// `REFERENCING OLD AS o ..`: `inner` items.
    Referencing,
    /// `FOLLOWS ..`, `PRECEDES ..`: `inner` has an object each.
    Follows,
    /// `BEFORE STATEMENT` and the like of a compound trigger, one a body.
    Timing,
    // --- tables and their partitions ---
    /// `PARTITION BY RANGE|LIST|HASH|.. (..)`: `name` is the method, `values` the columns, `inner` the partitions and INTERVAL, STORE IN, SUBPARTITION BY.
    Partitioning,
    /// `SUBPARTITION BY ..`.
    Subpartitioning,
    /// `PARTITION p VALUES ..`: `name`, `values` the bounds, `inner` storage and subpartitions.
    PartitionDef,
    /// `SUBPARTITION p VALUES ..`.
    SubpartitionDef,
    /// `INTERVAL (x)`: `values`.
    Interval,
    /// `TABLESPACE t`: `name`.
    Tablespace,
    /// `STORAGE (..)`: `inner` settings.
    Storage,
    /// `LOB (c) STORE AS ..`: `values`; its words in the span.
    Lob,
    /// `NESTED TABLE c STORE AS t`: `name`, `object`.
    NestedTable,
    /// `USING INDEX ..`, `INDEX ..`.
    Index,
    /// `UNDER supertype`: `object`.
    Under,
    /// A method's specification inside an object type: `name`.
    Method,
    /// An object in a list: `object`.
    Object,
}
