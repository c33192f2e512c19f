//! Values of PL/SQL: scalars, booleans, intervals, records, collections, handles; and their types.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::catalog::model::DataType;
use crate::value::Value;

/// A stored or computed row; of a table's rows the last value is the ROWID.
pub type Row = Rc<[Value]>;

/// A value of a variable or expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    /// NULL, number, text, date, timestamp, raw.
    S(Value),
    /// BOOLEAN.
    Bool(bool),
    /// INTERVAL YEAR TO MONTH, in months.
    Ym(i64),
    /// INTERVAL DAY TO SECOND, in nanoseconds.
    Ds(i64),
    /// A record.
    Rec(Vec<Val>),
    /// A collection.
    Coll(Box<Coll>),
    /// An open or once open cursor of a cursor variable.
    Cursor(usize),
    /// A file of UTL_FILE.
    File(usize),
}

impl Val {
    /// NULL.
    pub const NULL: Val = Val::S(Value::Null);

    /// True for NULL and for a collection that was never initialised.
    pub fn is_null(&self) -> bool {
        match self {
            Val::S(Value::Null) => true,
            Val::Coll(c) => !c.ready,
            Val::S(_)
            | Val::Bool(_)
            | Val::Ym(_)
            | Val::Ds(_)
            | Val::Rec(_)
            | Val::Cursor(_)
            | Val::File(_) => false,
        }
    }
}

impl From<Value> for Val {
    fn from(v: Value) -> Val {
        Val::S(v)
    }
}

impl From<i64> for Val {
    fn from(n: i64) -> Val {
        Val::S(Value::Number(n.into()))
    }
}

impl From<Option<bool>> for Val {
    fn from(b: Option<bool>) -> Val {
        b.map_or(Val::NULL, Val::Bool)
    }
}

/// A collection of any kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Coll {
    /// Kind.
    pub kind: CollKind,
    /// Initialised; associative arrays always are.
    pub ready: bool,
    /// Elements by number.
    pub by_int: BTreeMap<i64, Val>,
    /// Elements by text.
    pub by_text: BTreeMap<String, Val>,
    /// Highest index ever in use of nested tables: EXTEND goes on from there.
    pub top: i64,
}

/// Kinds of collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollKind {
    /// TABLE OF.
    Nested,
    /// VARRAY.
    Varray,
    /// INDEX BY a number.
    ByInt,
    /// INDEX BY a text.
    ByText,
}

impl Coll {
    /// Not initialised, or empty if associative.
    pub fn new(kind: CollKind) -> Coll {
        Coll {
            kind,
            ready: matches!(kind, CollKind::ByInt | CollKind::ByText),
            by_int: BTreeMap::new(),
            by_text: BTreeMap::new(),
            top: 0,
        }
    }

    /// Filled from 1 on.
    pub fn of(kind: CollKind, items: Vec<Val>) -> Coll {
        let mut coll = Coll::new(kind);
        coll.ready = true;
        coll.top = items.len() as i64;
        coll.by_int = (1..).zip(items).collect();
        coll
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.by_int.len() + self.by_text.len()
    }

    /// True for associative arrays.
    pub fn is_associative(&self) -> bool {
        matches!(self.kind, CollKind::ByInt | CollKind::ByText)
    }
}

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// Not known; nothing is converted.
    Unknown,
    /// NUMBER.
    Number {
        /// Digits.
        precision: Option<u8>,
        /// Places.
        scale: Option<i16>,
    },
    /// PLS_INTEGER and its kin.
    Int,
    /// VARCHAR2.
    Text {
        /// Longest.
        max: Option<u32>,
        /// Counted in characters.
        chars: bool,
    },
    /// CHAR.
    Char {
        /// Length.
        len: u32,
        /// Counted in characters.
        chars: bool,
    },
    /// DATE.
    Date,
    /// TIMESTAMP(p).
    Ts(u8),
    /// RAW.
    Raw,
    /// CLOB.
    Clob,
    /// BOOLEAN.
    Bool,
    /// INTERVAL YEAR TO MONTH.
    Ym,
    /// INTERVAL DAY TO SECOND.
    Ds,
    /// A record.
    Rec(Rc<RecTy>),
    /// A collection.
    Coll(Rc<CollTy>),
    /// A cursor variable; the rows' type where it is known.
    Cursor(Option<Rc<RecTy>>),
    /// UTL_FILE.FILE_TYPE.
    File,
    /// Known and not run: the name.
    Foreign(Rc<str>),
}

/// A record type.
#[derive(Clone, Debug, PartialEq)]
pub struct RecTy {
    /// Fields in order.
    pub fields: Vec<(String, Ty)>,
}

impl RecTy {
    /// Position and type of a field.
    pub fn field(&self, name: &str) -> Option<(usize, &Ty)> {
        let at = self.fields.iter().position(|(n, _)| n == name)?;
        Some((at, &self.fields[at].1))
    }
}

/// A collection type.
#[derive(Clone, Debug, PartialEq)]
pub struct CollTy {
    /// Kind.
    pub kind: CollKind,
    /// Elements.
    pub elem: Ty,
    /// Longest key or most elements.
    pub limit: Option<u32>,
}

impl Ty {
    /// A NUMBER without limits.
    pub const NUMBER: Ty = Ty::Number {
        precision: None,
        scale: None,
    };
    /// A text without limit.
    pub const TEXT: Ty = Ty::Text {
        max: None,
        chars: true,
    };

    /// The type of a column.
    pub fn of_column(t: &DataType) -> Ty {
        match t {
            DataType::Number { precision, scale } => Ty::Number {
                precision: *precision,
                scale: *scale,
            },
            DataType::Varchar { length } => Ty::Text {
                max: Some(*length),
                chars: true,
            },
            DataType::Char { length } => Ty::Char {
                len: *length,
                chars: true,
            },
            DataType::Date => Ty::Date,
            DataType::Timestamp { precision } => Ty::Ts(*precision),
            DataType::IntervalYm => Ty::Ym,
            DataType::IntervalDs => Ty::Ds,
            DataType::Raw { .. } => Ty::Raw,
            DataType::Clob => Ty::Clob,
            DataType::Boolean => Ty::Bool,
            DataType::Float { .. }
            | DataType::BinaryFloat
            | DataType::BinaryDouble
            | DataType::TimestampTz { .. }
            | DataType::TimestampLtz { .. }
            | DataType::Blob
            | DataType::Document => Ty::Foreign(format!("{t:?}").into()),
            DataType::Other { name } => Ty::Foreign(name.as_str().into()),
            DataType::Unknown { reason } => Ty::Foreign(reason.as_str().into()),
        }
    }

    /// The value of a variable that nothing was assigned to.
    pub fn empty(&self) -> Val {
        match self {
            Ty::Rec(r) => Val::Rec(r.fields.iter().map(|(_, t)| t.empty()).collect()),
            Ty::Coll(c) => Val::Coll(Box::new(Coll::new(c.kind))),
            Ty::Unknown
            | Ty::Number { .. }
            | Ty::Int
            | Ty::Text { .. }
            | Ty::Char { .. }
            | Ty::Date
            | Ty::Ts(_)
            | Ty::Raw
            | Ty::Clob
            | Ty::Bool
            | Ty::Ym
            | Ty::Ds
            | Ty::Cursor(_)
            | Ty::File
            | Ty::Foreign(_) => Val::NULL,
        }
    }

    /// True for CHAR: compared with blanks padded.
    pub fn is_char(&self) -> bool {
        matches!(self, Ty::Char { .. })
    }
}
