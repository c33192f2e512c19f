//! The arena: typed vectors addressed by [`Id`] and [`List`]. A parser builds a sequence by
//! value first and stores it in one go, so that a list is always contiguous.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};

use super::intern::Interner;
use super::*;

/// Token range within the unit's tape, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokSpan {
    /// Index of the first token.
    pub start: u32,
    /// One past the last token.
    pub end: u32,
}

impl TokSpan {
    /// A range of tokens.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }
    /// The smallest range that covers both.
    pub fn to(self, other: TokSpan) -> TokSpan {
        TokSpan::new(self.start.min(other.start), self.end.max(other.end))
    }
    /// True when there are no tokens.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

/// An interned name in Oracle's canonical form: unquoted names in upper case, quoted names as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(NonZeroU32);

impl Name {
    /// The name at a position of the unit's table.
    pub(super) fn at(index: u32) -> Self {
        Name(NonZeroU32::MIN.saturating_add(index))
    }
    /// Its position there.
    pub(super) fn index(self) -> u32 {
        self.0.get() - 1
    }
}

/// A name at a place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ident {
    /// Canonical name.
    pub name: Name,
    /// The token, and in the highest bit whether it is quoted.
    place: u32,
}

impl Ident {
    const QUOTED: u32 = 1 << 31;

    /// A name in token `tok`, written in double quotes or not.
    pub fn new(name: Name, tok: u32, quoted: bool) -> Self {
        let quoted = if quoted { Self::QUOTED } else { 0 };
        let place = tok & !Self::QUOTED | quoted;
        Ident { name, place }
    }
    /// The token it stands in.
    pub fn tok(self) -> u32 {
        self.place & !Self::QUOTED
    }
    /// Written in double quotes.
    pub fn quoted(self) -> bool {
        self.place & Self::QUOTED != 0
    }
}

impl fmt::Debug for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{}", self.name, self.tok())
    }
}

/// A node's index in the vector of its type. Stored plus one, so that an optional child costs no more.
pub struct Id<T>(NonZeroU32, PhantomData<fn() -> T>);
/// A contiguous run of nodes.
pub struct List<T> {
    start: u32,
    len: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    fn at(index: u32) -> Self {
        Id(NonZeroU32::MIN.saturating_add(index), PhantomData)
    }
    /// Position in the vector of `T`.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, o: &Self) -> bool {
        self.0 == o.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, o: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(o))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, o: &Self) -> std::cmp::Ordering {
        self.0.cmp(&o.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, h: &mut H) {
        self.0.hash(h);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.index())
    }
}

impl<T> List<T> {
    /// The list without elements.
    pub fn empty() -> Self {
        List {
            start: 0,
            len: 0,
            of: PhantomData,
        }
    }
    /// Number of elements.
    pub fn len(self) -> usize {
        self.len as usize
    }
    /// True without elements.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
    /// The ids of the elements, in order.
    pub fn ids(self) -> impl DoubleEndedIterator<Item = Id<T>> + ExactSizeIterator {
        (self.start..self.start + self.len).map(Id::at)
    }
}
impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for List<T> {}
impl<T> PartialEq for List<T> {
    fn eq(&self, o: &Self) -> bool {
        (self.start, self.len) == (o.start, o.len)
    }
}
impl<T> Eq for List<T> {}
impl<T> Default for List<T> {
    fn default() -> Self {
        Self::empty()
    }
}
impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}..{}]", self.start, self.start + self.len)
    }
}

/// A type that has a vector in [`Ast`].
pub trait Node: Sized {
    /// The vector of this type.
    fn store(ast: &Ast) -> &Vec<Self>;
    /// The vector of this type.
    fn store_mut(ast: &mut Ast) -> &mut Vec<Self>;
}

macro_rules! arena {
    ($($field:ident: $ty:ty,)*) => {
        /// The nodes of one unit.
        #[derive(Debug, Default)]
        pub struct Ast {
            names: Interner,
            $($field: Vec<$ty>,)*
        }
        /// Lengths of all vectors at one moment.
        #[derive(Clone, Copy)]
        pub(in crate::syntax) struct Mark { $($field: u32,)* }
        impl Ast {
            /// Remembers where all vectors end.
            pub(in crate::syntax) fn mark(&self) -> Mark {
                Mark { $($field: self.$field.len() as u32,)* }
            }
            /// Drops the nodes added since `mark`: those of a reading that failed.
            pub(in crate::syntax) fn rewind(&mut self, mark: &Mark) {
                $(self.$field.truncate(mark.$field as usize);)*
            }
            /// Of each kind of node: what it is called here, how many there are, bytes of one.
            pub fn sizes(&self) -> Vec<(&'static str, usize, usize)> {
                vec![$((stringify!($field), self.$field.len(), std::mem::size_of::<$ty>()),)*]
            }
            /// Bytes held by the nodes.
            pub fn bytes(&self) -> usize {
                0 $(+ self.$field.capacity() * std::mem::size_of::<$ty>())*
            }
        }
        $(impl Node for $ty {
            fn store(ast: &Ast) -> &Vec<Self> { &ast.$field }
            fn store_mut(ast: &mut Ast) -> &mut Vec<Self> { &mut ast.$field }
        })*
    };
}

arena! {
    idents: Ident, links: DbLink, exprs: Expr, call_rests: CallRest, specials: Special, tests: IsTest, args: Arg, whens: When, types: TypeRef, order_items: OrderItem,
    windows: WindowSpec, keeps: Keep, clauses: Clause, named_windows: NamedWindow,
    queries: Query, fetches: Fetch, locks: ForUpdate, select_rests: SelectRest, ctes: Cte, set_exprs: SetExpr, set_terms: SetTerm, selects: Select,
    select_items: SelectItem, from_items: FromItem, objects: ObjectName, group_items: GroupItem, intos: Into,
    dmls: Dml, assigns: Assign, insert_branches: InsertBranch, merge_clauses: MergeClause,
    stmts: Stmt, for_rests: ForRest, if_arms: IfArm, case_arms: CaseArm, decls: Decl, params: Param, routines: Routine,
    blocks: Block, handlers: Handler, usings: UsingArg, iters: Iter, fields: FieldDef,
    items: Item, columns: ColumnDef, constraints: Constraint, table_defs: TableDef,
    alters: AlterAction, triggers: TriggerDef, grants: Grant, ddls: DdlStmt,
}

impl Ast {
    /// Makes room for the commonest nodes of so many tokens: vectors that need not grow are not copied, and room that
    /// is not used is not touched.
    pub(in crate::syntax) fn reserve(&mut self, tokens: usize) {
        self.exprs.reserve(tokens / 2);
        self.idents.reserve(tokens / 2);
        self.objects.reserve(tokens / 3);
        self.stmts.reserve(tokens / 16);
    }

    /// Stores one node.
    pub fn add<T: Node>(&mut self, node: T) -> Id<T> {
        let v = T::store_mut(self);
        v.push(node);
        Id::at(v.len() as u32 - 1)
    }

    /// Stores a sequence.
    pub fn add_list<T: Node>(&mut self, nodes: impl IntoIterator<Item = T>) -> List<T> {
        let v = T::store_mut(self);
        let start = v.len() as u32;
        v.extend(nodes);
        let len = v.len() as u32 - start;
        if len == 0 {
            List::empty()
        } else {
            List {
                start,
                len,
                of: PhantomData,
            }
        }
    }

    /// The elements of a list.
    pub fn list<T: Node>(&self, list: List<T>) -> &[T] {
        &T::store(self)[list.start as usize..(list.start + list.len) as usize]
    }

    /// Interns a canonical name.
    pub fn intern(&mut self, text: &str) -> Name {
        self.names.intern(text)
    }

    /// Interns an unquoted word: upper case.
    pub fn intern_word(&mut self, text: &str) -> Name {
        self.names.intern_word(text)
    }

    /// The text of a name.
    pub fn name(&self, name: Name) -> &str {
        self.names.text(name)
    }

    /// The canonical text of an identifier.
    pub fn ident(&self, ident: Ident) -> &str {
        self.name(ident.name)
    }

    /// What a call has besides its arguments.
    pub fn rest(&self, rest: Option<Id<CallRest>>) -> CallRest {
        rest.map(|id| self[id]).unwrap_or_default()
    }

    /// What a SELECT block has besides what most have.
    pub fn select_rest(&self, rest: Option<Id<SelectRest>>) -> SelectRest {
        rest.map(|id| self[id]).unwrap_or_default()
    }

    /// What a FOR loop's head has besides its variable and its range.
    pub fn for_rest(&self, rest: Option<Id<ForRest>>) -> ForRest {
        rest.map(|id| self[id]).unwrap_or_default()
    }

    /// The link of a name, part by part; empty without.
    pub fn link(&self, link: Link) -> Vec<&str> {
        self.parts(self.link_list(link))
    }

    /// Stores a link; one without parts is none.
    pub(in crate::syntax) fn link_of(&mut self, parts: List<Ident>) -> Link {
        let some = !parts.is_empty();
        Link(some.then(|| self.add(DbLink { parts })))
    }

    /// The parts of a link.
    pub fn link_list(&self, link: Link) -> List<Ident> {
        link.0.map(|id| self[id].parts).unwrap_or_default()
    }

    /// Where a dotted name stands, its link included.
    pub fn name_span(&self, name: Id<ObjectName>) -> TokSpan {
        let name = self[name];
        let tok = |i: Option<&Ident>| i.map_or(0, |i| i.tok());
        let (parts, link) = (self.list(name.parts), self.list(self.link_list(name.link)));
        let last = link.last().or(parts.last());
        TokSpan::new(tok(parts.first()), last.map_or(0, |i| i.tok() + 1))
    }

    /// A dotted name's canonical parts.
    pub fn parts(&self, list: List<Ident>) -> Vec<&str> {
        self.list(list).iter().map(|i| self.ident(*i)).collect()
    }
}

impl<T: Node> Index<Id<T>> for Ast {
    type Output = T;
    fn index(&self, id: Id<T>) -> &T {
        &T::store(self)[id.index()]
    }
}
impl<T: Node> IndexMut<Id<T>> for Ast {
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        &mut T::store_mut(self)[id.index()]
    }
}
