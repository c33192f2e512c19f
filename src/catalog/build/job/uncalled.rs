//! Jobs where no schedule is known: scripts with work of their own, and routines that nobody calls.

use std::collections::BTreeSet;

use super::chain::job;
use super::scheduler::At;
use super::shell::Shells;
use super::text::Texts;
use super::{Input, bind};
use crate::catalog::calls::CallGraph;
use crate::catalog::model::{Entry, Job, JobOrigin, Resolved, RoutineId};
use crate::catalog::resolve::{Callee, Resolver};
use crate::syntax::View;
use crate::syntax::ast::{DmlKind, Expr, ExprKind, InsertSource, ItemKind};

/// A job a script, then one a public routine with a body that nobody calls; of routines that call each other in a
/// ring the first.
pub(super) fn jobs(
    input: Input<'_>,
    texts: &Texts<'_, '_>,
    shells: &Shells<'_>,
    graph: &CallGraph,
) -> Vec<Job> {
    let resolver = texts.resolver;
    let mut out = scripts(input, texts, shells, graph);
    let started = out.iter().flat_map(|j| &j.entries);
    let started: BTreeSet<_> = started.filter_map(|e| e.routine.known().copied()).collect();
    let mut reached = graph.reachable(started);
    let mut roots = BTreeSet::new();
    let others = (0..resolver.catalog.routines.len()).map(|i| RoutineId(i as u32));
    // Those that nobody calls first: a ring has none, and is entered at its first routine.
    for id in graph.uncalled().into_iter().chain(others) {
        let r = &resolver.catalog.routines[id.0 as usize];
        if r.body.is_some() && r.parent.is_none() && r.public && !reached.contains(&id) {
            roots.insert(id);
            reached.extend(graph.reachable([id]));
        }
    }
    out.extend(roots.into_iter().map(|id| routine_job(resolver, id)));
    out
}

/// Scripts that do more than define objects and fill tables with constants.
fn scripts(
    input: Input<'_>,
    texts: &Texts<'_, '_>,
    shells: &Shells<'_>,
    graph: &CallGraph,
) -> Vec<Job> {
    let mut out = Vec::new();
    for (index, file) in input.files.iter().enumerate() {
        let views = || file.units.iter().map(|u| View::new(input.map, u));
        let mut entries = shells.file(texts, index, file);
        let works = views().any(works);
        entries.retain(|e| match e.routine.known() {
            Some(id)
                if !texts.resolver.catalog.routines[id.0 as usize]
                    .items
                    .is_empty() =>
            {
                works
            }
            Some(id) => !defines_jobs(graph, *id),
            None => true,
        });
        let path = &input.map.file(file.file).path;
        let place = At {
            span: file.units.first().map(|u| u.span),
            file: path.clone(),
            line: 1,
        };
        if !entries.is_empty() {
            out.push(job(path, JobOrigin::Uncalled, entries, None, true, &place));
        }
    }
    out
}

/// DML that is more than an INSERT of constants.
fn works(view: View<'_>) -> bool {
    let ast = view.ast();
    let constant = |e: &Expr| {
        matches!(
            e.kind,
            ExprKind::Null
                | ExprKind::Number
                | ExprKind::String
                | ExprKind::DateLit
                | ExprKind::Call { .. }
                | ExprKind::Name(_)
        )
    };
    match ast[view.unit.item].kind {
        ItemKind::Dml(d) => match ast[d].kind {
            DmlKind::Insert {
                source: InsertSource::Values(rows),
                ..
            } => !ast.list(rows).iter().all(constant),
            DmlKind::Insert { .. }
            | DmlKind::InsertMulti { .. }
            | DmlKind::Update { .. }
            | DmlKind::Delete { .. }
            | DmlKind::Merge { .. }
            | DmlKind::Unparsed(_) => true,
        },
        ItemKind::Truncate(_) => true,
        _ => false,
    }
}

/// A block that makes or changes jobs is no batch.
fn defines_jobs(graph: &CallGraph, id: RoutineId) -> bool {
    graph.calls[id.0 as usize].iter().any(|c| {
        matches!(&c.callee, Callee::Builtin(n) if {
            let n = n.strip_prefix("SYS.").unwrap_or(n);
            n.starts_with("DBMS_SCHEDULER.") || n.starts_with("DBMS_JOB.")
        })
    })
}

fn routine_job(resolver: &Resolver<'_>, id: RoutineId) -> Job {
    let routine = &resolver.catalog.routines[id.0 as usize];
    let place = resolver.map.place(routine.span);
    let entry = Entry {
        routine: Resolved::Known(id),
        text: routine.qualified(),
        bindings: bind::bindings(resolver, id, &[], &[]),
        conditional: false,
    };
    let at = At {
        span: Some(routine.span),
        file: place.file,
        line: place.line,
    };
    job(
        &routine.qualified(),
        JobOrigin::Uncalled,
        vec![entry],
        None,
        true,
        &at,
    )
}
