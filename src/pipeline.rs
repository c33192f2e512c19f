//! The rooms in order: input -> trees -> catalogue -> flows -> plan -> assessment. Pure: texts in, values out;
//! reading files and writing them is the command line's.

use std::time::{Duration, Instant};

use crate::assess;
use crate::assess::model::Report;
use crate::catalog::build::{AuxText, CatalogConfig, build as build_catalog};
use crate::catalog::model::Catalog;
use crate::dataflow::{self, model::Flows};
use crate::diag::Diagnostic;
use crate::emit;
use crate::plan::build::{BuildInput, Built, build_for, queries};
use crate::plan::config::{ProjectConfig, TableConfig};
use crate::rel::TableName;
use crate::rules::Registry;
use crate::source::Input;
use crate::syntax::{self, ParsedFile};

/// Everything that is known of an estate.
pub struct Analysis {
    /// Trees.
    pub files: Vec<ParsedFile>,
    /// What is to be said of scripts that include others.
    pub includes: Vec<Diagnostic>,
    /// Names.
    pub catalog: Catalog,
    /// Meaning.
    pub flows: Flows,
    /// The plan, and what became of every write.
    pub built: Built,
    /// The assessment.
    pub report: Report,
    /// How long each phase took.
    pub phases: Vec<(&'static str, Duration)>,
}

/// Told of each phase as it begins; for progress on a terminal.
pub trait Progress {
    /// A phase begins.
    fn phase(&mut self, name: &'static str);
}

impl Progress for () {
    fn phase(&mut self, _name: &'static str) {}
}

/// Runs all rooms over an input. `findings` are those of reading: they end in the report.
pub fn analyse(
    input: &Input,
    config: &ProjectConfig,
    registry: &Registry,
    findings: &[Diagnostic],
    progress: &mut dyn Progress,
) -> Analysis {
    let mut clock = Clock {
        progress,
        phases: Vec::new(),
    };
    let map = &input.sources;
    let files = clock.time("parse", || syntax::parse_all(map));
    let includes = includes(input, &files);
    let findings = [findings, &includes].concat();
    let catalog = clock.time("catalogue", || {
        let aux: Vec<AuxText> = input
            .aux
            .iter()
            .chain(&input.embedding)
            .map(|a| AuxText {
                path: a.path.clone(),
                text: a.text.clone(),
            })
            .collect();
        build_catalog(map, &files, &aux, &catalog_config(config))
    });
    let flows = clock.time("dataflow", || {
        dataflow::analyze_with(map, &files, &catalog, &options(config))
    });
    let built = clock.time("plan", || {
        let queries = queries::analyse(&catalog, config);
        let parts = BuildInput {
            map,
            catalog: &catalog,
            flows: &flows,
            registry,
            config,
            queries,
        };
        build_for(&parts, &|plan| {
            let refused = emit::refusals(plan).into_iter();
            refused.map(|r| (r.target, r.what)).collect()
        })
    });
    let report = clock.time("assess", || {
        assess::build(&assess::AssessInput {
            input,
            files: &files,
            census: assess::census::take(input, &files),
            catalog: &catalog,
            flows: &flows,
            built: &built,
            findings: &findings,
        })
    });
    let phases = clock.phases;
    Analysis {
        files,
        includes,
        catalog,
        flows,
        built,
        report,
        phases,
    }
}

/// Scripts that other scripts name and that are not read.
fn includes(input: &Input, files: &[ParsedFile]) -> Vec<Diagnostic> {
    let of = |f: &ParsedFile| {
        let text = &input.sources.file(f.file).text;
        syntax::includes_of(text, &f.units)
    };
    let includes: Vec<syntax::Include> = files.iter().flat_map(of).collect();
    syntax::check_includes(input, &includes)
}

/// Keys that the user names count like those of the DDL.
fn options(config: &ProjectConfig) -> dataflow::Options {
    let key = |(table, c): (&TableName, &TableConfig)| Some((table.clone(), c.key.clone()?));
    dataflow::Options {
        keys: config.tables.iter().filter_map(key).collect(),
    }
}

fn catalog_config(config: &ProjectConfig) -> CatalogConfig {
    CatalogConfig {
        schemas: config.schemas.clone(),
        entry_points: config.entry_points.clone(),
        schedule_files: config.schedule_files.clone(),
    }
}

struct Clock<'a> {
    progress: &'a mut dyn Progress,
    phases: Vec<(&'static str, Duration)>,
}

impl Clock<'_> {
    fn time<T>(&mut self, name: &'static str, f: impl FnOnce() -> T) -> T {
        self.progress.phase(name);
        let start = Instant::now();
        let value = f();
        self.phases.push((name, start.elapsed()));
        value
    }
}
