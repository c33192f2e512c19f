//! Reading specifications: TOML of this version, unknown keys refused with a suggestion, loads put in order.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::error::RunError;
use crate::diag::Code;
use crate::plan::model::{BackfillSpec, SPEC_VERSION, SinkSpec, VerifySpec};

/// A specification and the file that it came from.
#[derive(Clone, Debug)]
pub struct Loaded<S> {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub spec: S,
}

/// Specifications that carry a version.
pub trait Versioned: DeserializeOwned {
    /// The version.
    fn version(&self) -> u32;
}

impl Versioned for BackfillSpec {
    fn version(&self) -> u32 {
        self.version
    }
}

impl Versioned for SinkSpec {
    fn version(&self) -> u32 {
        self.version
    }
}

impl Versioned for VerifySpec {
    fn version(&self) -> u32 {
        self.version
    }
}

/// Reads a file.
pub fn read<S: Versioned>(path: &Path) -> Result<Loaded<S>, RunError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| {
        RunError::new(Code::SpecInvalid, format!("{shown}: {e}"))
            .help("name a file that `ora2stream migrate` wrote under backfill/, sink/ or verify/")
    })?;
    let spec = parse(&text).map_err(|e| RunError {
        message: format!("{shown}: {}", e.message),
        ..e
    })?;
    Ok(Loaded {
        path: path.to_path_buf(),
        spec,
    })
}

/// Reads the text of a specification.
pub fn parse<S: Versioned>(text: &str) -> Result<S, RunError> {
    let spec: S = toml::from_str(text).map_err(|e| invalid(&e))?;
    if spec.version() == SPEC_VERSION {
        return Ok(spec);
    }
    let message = format!("version {} is not {SPEC_VERSION}", spec.version());
    Err(RunError::new(Code::SpecVersion, message).help("generate it again: ora2stream generate"))
}

fn invalid(error: &toml::de::Error) -> RunError {
    let message = error.to_string();
    let first = RunError::new(Code::SpecInvalid, message.trim_end().to_owned());
    match suggestion(error.message()) {
        Some(known) => first.help(format!("did you mean `{known}`?")),
        None => first.help("the comments at the head of the file say what it may hold"),
    }
}

/// The known key nearest to an unknown one, from what the deserialiser says of both.
fn suggestion(message: &str) -> Option<&str> {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = names.next().filter(|_| message.contains("unknown "))?;
    names
        .map(|known| {
            (
                strsim::normalized_damerau_levenshtein(known, unknown),
                known,
            )
        })
        .filter(|(near, _)| *near > 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// Puts loads after those that they name in `after`; names that are not given are left to the user.
pub fn in_order(
    mut loads: Vec<Loaded<BackfillSpec>>,
) -> Result<Vec<Loaded<BackfillSpec>>, RunError> {
    let mut ordered: Vec<Loaded<BackfillSpec>> = Vec::with_capacity(loads.len());
    while !loads.is_empty() {
        let waits = |l: &Loaded<BackfillSpec>| {
            loads
                .iter()
                .any(|o| l.spec.table != o.spec.table && l.spec.after.contains(&o.spec.table))
        };
        let Some(next) = loads.iter().position(|l| !waits(l)) else {
            let names: Vec<String> = loads.iter().map(|l| l.spec.table.to_string()).collect();
            let message = format!("these loads wait for each other: {}", names.join(", "));
            return Err(RunError::new(Code::SpecInvalid, message)
                .help("take a table out of `after` in one of them"));
        };
        ordered.push(loads.remove(next));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"
version = 1
table = "R.T"
purpose = "p"
key = ["ID"]
after = ["R.P"]
columns = []
[source]
kind = "csv"
files = ["a.csv"]
separator = ","
null = ""
"#;

    fn named(table: &str, after: &str) -> Loaded<BackfillSpec> {
        let text = SPEC.replace("R.T", table).replace("R.P", after);
        Loaded {
            path: PathBuf::from(table),
            spec: parse(&text).expect("valid"),
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_one() {
        let error = parse::<BackfillSpec>(&SPEC.replace("purpose", "porpose")).expect_err("typo");
        assert_eq!(error.code, Code::SpecInvalid);
        assert_eq!(error.help.as_deref(), Some("did you mean `purpose`?"));
        let limits = format!("{SPEC}[limits]\nrows_per_secund = 5\n");
        let error = parse::<BackfillSpec>(&limits).expect_err("typo");
        assert_eq!(
            error.help.as_deref(),
            Some("did you mean `rows_per_second`?")
        );
    }

    #[test]
    fn another_version_is_refused() {
        let error = parse::<BackfillSpec>(&SPEC.replace("version = 1", "version = 9"));
        assert_eq!(error.expect_err("old").code, Code::SpecVersion);
    }

    #[test]
    fn parents_are_loaded_first_and_rings_are_refused() {
        let loads = vec![
            named("R.C", "R.B"),
            named("R.B", "R.A"),
            named("R.A", "X.Y"),
        ];
        let names: Vec<String> = in_order(loads)
            .expect("ordered")
            .iter()
            .map(|l| l.spec.table.name.clone())
            .collect();
        assert_eq!(names, ["A", "B", "C"]);
        assert!(in_order(vec![named("R.A", "R.B"), named("R.B", "R.A")]).is_err());
    }
}
