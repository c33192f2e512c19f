//! What the estate holds: tables, routines, jobs, and what every name means. Built from syntax trees and
//! dictionary exports; each name is [`Resolved::Known`] or unknown with a reason. Must not know what code
//! computes.

pub mod model;
