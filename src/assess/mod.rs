//! The assessment: report.json, what an architect decides from. `model` is its types and schema, and all that
//! the renderers (HTML, CSV, SARIF) may see; nothing here knows how a report looks.

pub mod build;
pub mod census;
pub mod model;

pub use build::{AssessInput, Census, build};
