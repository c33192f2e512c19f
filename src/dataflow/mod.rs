//! What batches mean: jobs walked into their routines, every write found, statements and loops lifted to the
//! relational IR, with the facts that decide whether a stream may stand for them. Must not know rules, plans
//! or targets.

pub mod model;
pub mod period;
pub mod reader;
pub mod unique;
