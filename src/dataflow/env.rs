//! The symbolic state of variables. A value is a [`Scalar`]; parameters are placeholders (see [`super::period::param`]),
//! and the reserved relation [`OPAQUE`] stands for values that are not known, each with its obstacle. Neither may be
//! left when a write is finished.

use std::collections::BTreeMap;

use crate::catalog::model::{RoutineId, UnitRef};
use crate::dataflow::model::Obstacle;
use crate::rel::{ColumnRef, DataType, Scalar};
use crate::syntax::ast::{Decl, Id, Param, Stmt};

/// Relation of values that are not known; the name is the index of the reason.
pub(super) const OPAQUE: &str = ":opaque";

/// What a variable is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum VarKey {
    Decl(UnitRef, Id<Decl>),
    Param(RoutineId, usize),
    CursorParam(UnitRef, Id<Param>),
    Loop(UnitRef, Id<Stmt>),
    /// `:1` of dynamic SQL.
    Bind(String),
    /// A field or element of another.
    Field(Box<VarKey>, String),
}

impl VarKey {
    pub fn field(self, name: &str) -> VarKey {
        VarKey::Field(Box::new(self), name.to_string())
    }

    /// It is `key`, or a field or element of it.
    pub fn is_within(&self, key: &VarKey) -> bool {
        if self == key {
            return true;
        }
        match self {
            VarKey::Field(base, _) => base.is_within(key),
            VarKey::Decl(..)
            | VarKey::Param(..)
            | VarKey::CursorParam(..)
            | VarKey::Loop(..)
            | VarKey::Bind(_) => false,
        }
    }

    /// The names of the fields between `base` and this; None where it is nothing of `base`.
    pub fn path_from(&self, base: &VarKey) -> Option<Vec<String>> {
        if self == base {
            return Some(Vec::new());
        }
        match self {
            VarKey::Field(inner, name) => {
                let mut path = inner.path_from(base)?;
                path.push(name.clone());
                Some(path)
            }
            VarKey::Decl(..)
            | VarKey::Param(..)
            | VarKey::CursorParam(..)
            | VarKey::Loop(..)
            | VarKey::Bind(_) => None,
        }
    }

    /// The variable that the fields belong to.
    pub fn root(&self) -> &VarKey {
        match self {
            VarKey::Field(base, _) => base.root(),
            VarKey::Decl(..)
            | VarKey::Param(..)
            | VarKey::CursorParam(..)
            | VarKey::Loop(..)
            | VarKey::Bind(_) => self,
        }
    }
}

/// Why a value is not known.
#[derive(Clone, Debug)]
pub(super) struct Opaque {
    pub obstacle: Obstacle,
    /// The same for all rows of a run: no row of a table is in it.
    pub run_level: bool,
    /// A number drawn from a sequence.
    pub drawn: bool,
}

/// Values of variables at a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Env {
    pub vars: BTreeMap<VarKey, Scalar>,
}

impl Env {
    pub fn get(&self, key: &VarKey) -> Option<&Scalar> {
        self.vars.get(key)
    }

    pub fn set(&mut self, key: VarKey, value: Scalar) {
        self.vars.insert(key, value);
    }

    /// Forgets a variable, field or element with everything inside it.
    pub fn forget(&mut self, key: &VarKey) {
        self.vars.retain(|k, _| !k.is_within(key));
    }
}

/// The reasons behind opaque values. Grows only: an index stays valid.
#[derive(Debug, Default)]
pub(super) struct Opaques(Vec<Opaque>);

impl Opaques {
    /// A value that is not known.
    pub fn value(&mut self, obstacle: Obstacle, run_level: bool, ty: DataType) -> Scalar {
        self.0.push(Opaque {
            obstacle,
            run_level,
            drawn: false,
        });
        Scalar::column(OPAQUE, &(self.0.len() - 1).to_string(), ty, true)
    }

    /// A number drawn from a sequence.
    pub fn drawn(&mut self, obstacle: Obstacle, ty: DataType) -> Scalar {
        self.0.push(Opaque {
            obstacle,
            run_level: true,
            drawn: true,
        });
        Scalar::column(OPAQUE, &(self.0.len() - 1).to_string(), ty, true)
    }

    pub fn of(&self, column: &ColumnRef) -> Option<&Opaque> {
        if column.relation != OPAQUE {
            return None;
        }
        self.0.get(column.name.parse::<usize>().ok()?)
    }
}

/// A type that is not known.
pub(super) fn no_type(reason: &str) -> DataType {
    DataType::Unknown {
        reason: reason.into(),
    }
}
