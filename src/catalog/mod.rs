//! What the estate holds: tables, routines, jobs, and what every name means. Built from syntax trees and
//! dictionary exports; each name is [`model::Resolved::Known`] or unknown with a reason. Must not know what code
//! computes.

pub mod build;
pub mod builtin;
pub mod calls;
pub mod model;
pub mod resolve;
mod typing;
pub mod walk;
