//! Debatching: finds the predicate that ties a source column to the batch's parameter, and takes both out.
//! Works on a lowered tree in which parameters stand as `$PARAM('NAME')` calls. Must not know syntax trees
//! or which routine runs when.

mod param;

pub use param::{PARAM, as_param, param};
