//! The one relational IR: what a write computes, as operators over tables. Complete trees, with types,
//! and no SQL text; plan.json holds them. Lowering is in `dataflow`, printing in `emit`.
//!
//! Columns are addressed by (relation, name). A [`Scan`] or [`Rel::Derived`] gives its outputs the
//! relation of its alias; [`Rel::Project`], [`Rel::Aggregate`] and [`Rel::Window`] give new outputs the
//! empty relation.

mod ops;
mod scalar;
mod types;
mod write;

pub use ops::*;
pub use scalar::*;
pub use types::*;
pub use write::*;
