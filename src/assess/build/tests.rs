//! The report of an estate that holds nothing but a file: the counts must add up, and fail when one is off.

use super::*;
use crate::plan::config::ProjectConfig;
use crate::plan::{build as plan, model::Plan};
use crate::rules::Registry;
use crate::source::{SkipReason, Skipped};

fn report(census: Census) -> Report {
    let mut input = Input::default();
    input.skipped.push(Skipped {
        path: "a.bin".into(),
        bytes: 7,
        reason: SkipReason::Binary,
    });
    let (catalog, flows) = (Catalog::default(), Flows::default());
    let registry = Registry::builtin().unwrap();
    let built = plan::build(&plan::BuildInput {
        map: &input.sources,
        catalog: &catalog,
        flows: &flows,
        registry: &registry,
        config: &ProjectConfig::default(),
        queries: Vec::new(),
    });
    let _: &Plan = &built.plan;
    build(&AssessInput {
        input: &input,
        files: &[],
        census,
        catalog: &catalog,
        flows: &flows,
        built: &built,
        findings: &[],
    })
}

#[test]
fn what_was_counted_must_be_reported() {
    let whole = Census {
        files: 1,
        bytes: 7,
        ..Census::default()
    };
    assert!(report(whole).gate.ok);
    for off in [
        Census { files: 2, ..whole },
        Census { bytes: 8, ..whole },
        Census { units: 1, ..whole },
        Census {
            statements: 1,
            ..whole
        },
        Census { writes: 1, ..whole },
        Census { jobs: 1, ..whole },
    ] {
        assert!(!report(off).gate.ok, "{off:?}");
    }
}
