//! What the code uses and the input does not hold, and what has to be asked.

use std::collections::BTreeMap;

use super::Cx;
use crate::assess::model::{MissingKind, MissingObject, OpenQuestion};
use crate::catalog::model::Resolved;
use crate::catalog::resolve::Callee;
use crate::source::Place;

type Found = BTreeMap<(MissingKind, String), (String, Vec<Place>)>;

/// Missing objects in order of kind and name.
pub(super) fn build(cx: &Cx<'_>) -> Vec<MissingObject> {
    let mut found = Found::new();
    let mut add = |kind, name: &str, why: &str, place: Option<Place>| {
        let entry = found
            .entry((kind, name.to_string()))
            .or_insert_with(|| (why.to_string(), Vec::new()));
        entry.1.extend(place);
    };
    for (body, calls) in cx.bodies.iter().zip(&cx.on.catalog.calls.calls) {
        for (name, why, span) in &body.unknown {
            add(MissingKind::Table, name, why, Some(cx.place(*span)));
        }
        for call in calls {
            if let Callee::Unknown(why) = &call.callee {
                add(
                    MissingKind::Routine,
                    &call.name,
                    why,
                    Some(cx.place(call.span)),
                );
            }
        }
    }
    for t in cx.on.catalog.tables.values() {
        let Some(inferred) = &t.inferred else {
            continue;
        };
        let columns: Vec<&str> = t.columns.keys().map(String::as_str).collect();
        let why = format!(
            "no definition in the input; taken from the code: {}",
            if columns.is_empty() {
                "no column is named".into()
            } else {
                columns.join(", ")
            }
        );
        for span in &inferred.spans {
            add(
                MissingKind::Table,
                &t.name.to_string(),
                &why,
                Some(cx.place(*span)),
            );
        }
    }
    for job in &cx.on.catalog.jobs {
        for entry in &job.entries {
            if let Resolved::Unknown(why) = &entry.routine {
                let place = job.span.map(|s| cx.place(s));
                add(MissingKind::JobTarget, entry.text.trim(), why, place);
            }
        }
    }
    found
        .into_iter()
        .map(|((kind, name), (why, mut places))| {
            places.sort();
            places.dedup();
            MissingObject {
                name,
                kind,
                places,
                why,
            }
        })
        .collect()
}

/// Questions of the plan, and one a residual.
pub(super) fn questions(cx: &Cx<'_>) -> Vec<OpenQuestion> {
    let plan = &cx.on.built.plan;
    let planned = plan.questions.iter().map(|q| OpenQuestion {
        about: q.about.clone(),
        text: q.text.clone(),
        place: None,
    });
    let residual = plan.residuals.iter().map(|r| OpenQuestion {
        about: r.table.clone().unwrap_or_else(|| r.routine.clone()),
        text: r.question.clone(),
        place: Some(r.place.clone()),
    });
    planned.chain(residual).collect()
}
