//! The architecture, read from the source text: which room may import which, and habits that a
//! compiler does not check.

mod habits;
mod imports;
mod source;
