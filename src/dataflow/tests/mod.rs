//! The analysis through the real front end: texts in, steps out.

mod samples;

use super::model::{Flows, Meaning, WriteStep};
use crate::catalog::build::{AuxText, CatalogConfig, build};
use crate::catalog::model::Catalog;
use crate::source::{SourceFile, SourceMap};

/// An estate that was analysed.
pub(super) struct Estate {
    pub map: SourceMap,
    pub catalog: Catalog,
    pub flows: Flows,
}

/// Analyses texts; the first schema is `schema`.
pub(super) fn estate(texts: &[(&str, String)], aux: &[(&str, String)], schema: &str) -> Estate {
    let mut map = SourceMap::default();
    for (path, text) in texts {
        map.add(SourceFile::from_text(*path, text.clone()));
    }
    let files = crate::syntax::parse_all(&map);
    let aux: Vec<AuxText> = aux
        .iter()
        .map(|(p, t)| AuxText {
            path: p.to_string(),
            text: t.clone(),
        })
        .collect();
    let config = CatalogConfig {
        schemas: vec![schema.into()],
        ..CatalogConfig::default()
    };
    let catalog = build(&map, &files, &aux, &config);
    let flows = super::analyze(&map, &files, &catalog);
    Estate {
        map,
        catalog,
        flows,
    }
}

impl Estate {
    /// The steps of a verb on a table.
    pub fn steps(&self, verb: &str, table: &str) -> Vec<&WriteStep> {
        let named = |s: &&WriteStep| {
            s.verb.as_str() == verb && s.table.as_ref().is_some_and(|t| t.name == table)
        };
        self.flows.steps.iter().filter(named).collect()
    }

    /// A line a step, for people.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for (i, s) in self.flows.steps.iter().enumerate() {
            let place = self.map.place(s.span);
            let table = s.table.as_ref().map_or("?".to_string(), |t| t.to_string());
            let what = match &s.meaning {
                Meaning::Lifted(l) => format!(
                    "LIFTED key {:?} period {:?}",
                    l.key,
                    l.period
                        .as_ref()
                        .map(|p| (&p.parameter, p.unit, &p.target_column))
                ),
                Meaning::PartOf(o) => format!("part of {o}"),
                Meaning::Obstacle(o) => format!("{:?}: {}", o.kind, o.message),
            };
            let name = self.catalog.routines[s.routine.0 as usize].qualified();
            out += &format!(
                "{i:3} {place} {name} {} {table} jobs {:?}\n      {what}\n",
                s.verb.as_str(),
                s.jobs
            );
            for (f, e) in &s.facts {
                out += &format!("        {:?} {f:?}: {}\n", e.status, e.note);
            }
        }
        out
    }
}
