//! The tests themselves.

mod backfill;
mod backfill_crash;
mod equality;
mod follow;
mod handover;
mod harness_itself;
mod reference;
mod rows;
mod schema;
mod second_opinion;
mod sink;
mod sink_equality;
mod sink_faults;
mod sink_guarded;
mod sink_poison;
mod sink_replica;
mod spark;
mod start;
mod topics;
mod validators;

use crate::harness::Live;
use crate::stack::Stack;

/// A test: passes, fails, or lacks something.
pub type Case = fn(&Stack) -> Live<()>;

/// All tests by name.
pub fn all() -> Vec<(&'static str, Case)> {
    let mut all: Vec<(&'static str, Case)> = Vec::new();
    all.extend(harness_itself::cases());
    all.extend(reference::cases());
    all.extend(rows::cases());
    all.extend(validators::cases());
    all.extend(schema::cases());
    all.extend(topics::cases());
    all.extend(equality::cases());
    all.extend(spark::cases());
    all.extend(backfill::cases());
    all.extend(backfill_crash::cases());
    all.extend(sink::cases());
    all.extend(sink_poison::cases());
    all.extend(sink_faults::cases());
    all.extend(sink_guarded::cases());
    all.extend(handover::cases());
    all.extend(sink_replica::cases());
    all.extend(follow::cases());
    all.extend(second_opinion::cases());
    all.extend(start::cases());
    all
}
