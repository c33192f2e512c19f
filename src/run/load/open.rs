//! The source of a load, from its specification; what else the specification says of it.

use std::path::Path;

use crate::plan::model::{BackfillSpec, RowSourceSpec};
use crate::run::error::RunError;
use crate::run::source::RowSource;
use crate::run::source::Wanted;
use crate::run::spec::Loaded;

/// Opens the source. Relative paths start at the folder of the specification.
pub fn source(loaded: &Loaded<BackfillSpec>) -> Result<Box<dyn RowSource>, RunError> {
    let base = loaded.path.parent().unwrap_or(Path::new("."));
    Ok(Wanted::by_load(&loaded.spec).open(base)?)
}

/// Parallel sessions of a database; None for files.
pub fn sessions(spec: &RowSourceSpec) -> Option<usize> {
    match spec {
        RowSourceSpec::Oracle(oracle) => Some(usize::from(oracle.sessions.max(1))),
        RowSourceSpec::Csv(_) => None,
    }
}

/// Name of the database, as change events would say it.
#[cfg(feature = "kafka")]
pub fn database(spec: &RowSourceSpec) -> String {
    match spec {
        RowSourceSpec::Oracle(oracle) => {
            let service = oracle.connect.rsplit_once('/').map(|(_, s)| s);
            service.unwrap_or(&oracle.connect).to_owned()
        }
        RowSourceSpec::Csv(_) => String::new(),
    }
}
