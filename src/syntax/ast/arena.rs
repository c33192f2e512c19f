//! The arena: typed vectors addressed by [`Id`] and [`List`]. A parser builds a sequence by
//! value first and stores it in one go, so that a list is always contiguous.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

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
pub struct Name(pub u32);

/// A name at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ident {
    /// Canonical name.
    pub name: Name,
    /// The token it stands in.
    pub tok: u32,
    /// Written in double quotes.
    pub quoted: bool,
}

/// A node's index in the vector of its type.
pub struct Id<T>(u32, PhantomData<fn() -> T>);
/// A contiguous run of nodes.
pub struct List<T> {
    start: u32,
    len: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// Position in the vector of `T`.
    pub fn index(self) -> usize {
        self.0 as usize
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
        write!(f, "#{}", self.0)
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
        (self.start..self.start + self.len).map(|i| Id(i, PhantomData))
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
            names: Vec<Box<str>>,
            index: HashMap<Box<str>, Name>,
            $($field: Vec<$ty>,)*
        }
        $(impl Node for $ty {
            fn store(ast: &Ast) -> &Vec<Self> { &ast.$field }
            fn store_mut(ast: &mut Ast) -> &mut Vec<Self> { &mut ast.$field }
        })*
    };
}

arena! {
    idents: Ident, exprs: Expr, args: Arg, whens: When, types: TypeRef, order_items: OrderItem,
    windows: WindowSpec, keeps: Keep,
    queries: Query, ctes: Cte, set_exprs: SetExpr, set_terms: SetTerm, selects: Select,
    select_items: SelectItem, from_items: FromItem, objects: ObjectName, group_items: GroupItem, intos: Into,
    dmls: Dml, assigns: Assign, insert_branches: InsertBranch, merge_clauses: MergeClause,
    stmts: Stmt, if_arms: IfArm, case_arms: CaseArm, decls: Decl, params: Param, routines: Routine,
    blocks: Block, handlers: Handler, usings: UsingArg, iters: Iter, fields: FieldDef,
    items: Item, columns: ColumnDef, constraints: Constraint, table_defs: TableDef,
    alters: AlterAction, triggers: TriggerDef, grants: Grant,
}

impl Ast {
    /// Stores one node.
    pub fn add<T: Node>(&mut self, node: T) -> Id<T> {
        let v = T::store_mut(self);
        v.push(node);
        Id(v.len() as u32 - 1, PhantomData)
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
        if let Some(n) = self.index.get(text) {
            return *n;
        }
        let name = Name(self.names.len() as u32);
        self.names.push(text.into());
        self.index.insert(text.into(), name);
        name
    }

    /// The text of a name.
    pub fn name(&self, name: Name) -> &str {
        &self.names[name.0 as usize]
    }

    /// The canonical text of an identifier.
    pub fn ident(&self, ident: Ident) -> &str {
        self.name(ident.name)
    }

    /// A dotted name's canonical parts.
    pub fn parts(&self, list: List<Ident>) -> Vec<&str> {
        self.list(list).iter().map(|i| self.ident(*i)).collect()
    }
}

impl<T: Node> Index<Id<T>> for Ast {
    type Output = T;
    fn index(&self, id: Id<T>) -> &T {
        &T::store(self)[id.0 as usize]
    }
}
impl<T: Node> IndexMut<Id<T>> for Ast {
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        &mut T::store_mut(self)[id.0 as usize]
    }
}
