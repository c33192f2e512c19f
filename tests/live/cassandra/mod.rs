//! Apache Cassandra: one node for the whole run, schema scripts through the driver and
//! through cqlsh, and what the server says it has.

pub mod cqlsh;
pub mod node;
pub mod script;

pub use node::Node;
