//! Proof: the batch interpreted row by row against its plan, on the same data. [`interp`] runs the code as written,
//! [`eval`] the plan's relations, [`data`] makes databases, [`compare`] joins them. Only `compare` sees both sides.

pub mod compare;
pub mod data;
pub mod eval;
pub mod interp;
