//! Plans for the emitters' tests.

use crate::plan::model::{PLAN_VERSION, Plan, Project, Settings};

/// A plan without anything in it.
pub fn empty_plan() -> Plan {
    Plan {
        version: PLAN_VERSION,
        project: Project {
            name: "test".into(),
            schemas: vec!["R".into()],
            time_zone: "UTC".into(),
        },
        settings: Settings::default(),
        sources: Vec::new(),
        file_inputs: Vec::new(),
        topics: Vec::new(),
        groups: Vec::new(),
        tables: Vec::new(),
        sinks: Vec::new(),
        backfills: Vec::new(),
        queries: Vec::new(),
        residuals: Vec::new(),
        controls: Vec::new(),
        questions: Vec::new(),
        functions: Vec::new(),
    }
}
