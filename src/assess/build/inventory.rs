//! Files, units and the gate: what is reported, against what was counted.

use super::{AssessInput, Census};
use crate::assess::model::*;
use crate::source::{SkipReason, Skipped};
use crate::syntax::Unit;
use crate::syntax::ast::ItemKind;

/// Every file that was found, in order of path.
pub(super) fn files(input: &AssessInput<'_>) -> Vec<FileReport> {
    let mut out: Vec<FileReport> = input
        .files
        .iter()
        .map(|p| {
            let file = input.input.sources.file(p.file);
            let errors: u64 = p.units.iter().map(|u| u.errors.len() as u64).sum();
            FileReport {
                path: file.path.clone(),
                bytes: file.bytes,
                lines: line_count(&file.text),
                encoding: Some(file.encoding.into()),
                units: p.units.iter().filter(|u| !u.is_command()).count() as u64,
                statements: p.units.iter().map(|u| u64::from(u.statements)).sum(),
                errors,
                status: if errors == 0 {
                    FileStatus::Parsed
                } else {
                    FileStatus::PartlyParsed
                },
            }
        })
        .collect();
    out.extend(input.input.aux.iter().map(|a| FileReport {
        lines: line_count(&a.text),
        ..unread(&a.path, a.bytes, FileStatus::Companion)
    }));
    out.extend(input.input.skipped.iter().map(skipped));
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

fn line_count(text: &str) -> u64 {
    text.lines().count() as u64
}

fn unread(path: &str, bytes: u64, status: FileStatus) -> FileReport {
    FileReport {
        path: path.into(),
        bytes,
        lines: 0,
        encoding: None,
        units: 0,
        statements: 0,
        errors: 0,
        status,
    }
}

fn skipped(file: &Skipped) -> FileReport {
    let status = match file.reason {
        SkipReason::Binary
        | SkipReason::NotRecognised
        | SkipReason::Data
        | SkipReason::Link
        | SkipReason::Excluded => FileStatus::Skipped,
        SkipReason::Unreadable(_) | SkipReason::TooLarge(_) => FileStatus::Unreadable,
    };
    unread(&file.path, file.bytes, status)
}

/// Every unit, in order of place.
pub(super) fn units(input: &AssessInput<'_>) -> Vec<UnitReport> {
    let units = input.files.iter().flat_map(|p| &p.units);
    units
        .filter(|u| !u.is_command())
        .map(|u| unit(input, u))
        .collect()
}

fn unit(input: &AssessInput<'_>, unit: &Unit) -> UnitReport {
    let place = input.input.sources.place(unit.span);
    let item = unit.ast[unit.item].kind;
    let (kind, name) = describe(unit, item);
    UnitReport {
        file: place.file,
        line: place.line,
        end_line: place.end_line,
        kind: kind.into(),
        name,
        status: status(unit, item),
    }
}

fn status(unit: &Unit, item: ItemKind) -> UnitStatus {
    match item {
        ItemKind::Wrapped => UnitStatus::Wrapped,
        ItemKind::Unparsed => UnitStatus::Unparsed,
        ItemKind::Opaque => UnitStatus::Opaque,
        ItemKind::Ddl(_) if unit.errors.is_empty() && unit.opaque > 0 => UnitStatus::Opaque,
        _ if !unit.errors.is_empty() => UnitStatus::PartlyParsed,
        _ => UnitStatus::Parsed,
    }
}

/// What a unit is, and its name.
fn describe(unit: &Unit, item: ItemKind) -> (&'static str, Option<String>) {
    let ast = &unit.ast;
    let dotted = |n| Some(ast.parts(ast_name(unit, n)).join("."));
    match item {
        ItemKind::CreateTable(t) => ("table", dotted(ast[t].name)),
        ItemKind::CreateView {
            name, materialized, ..
        } => (
            if materialized {
                "materialized view"
            } else {
                "view"
            },
            dotted(name),
        ),
        ItemKind::CreateIndex { name, .. } => ("index", dotted(name)),
        ItemKind::CreateSequence(name, _) => ("sequence", dotted(name)),
        ItemKind::CreateSynonym { name, .. } => ("synonym", dotted(name)),
        ItemKind::CreateTrigger(t) => ("trigger", dotted(ast[t].name)),
        ItemKind::CreateRoutine { routine, .. } => {
            let r = ast[routine];
            let kind = if r.function { "function" } else { "procedure" };
            (kind, Some(ast.ident(r.name).to_string()))
        }
        ItemKind::CreatePackage { name, .. } => ("package", dotted(name)),
        ItemKind::CreatePackageBody { name, .. } => ("package body", dotted(name)),
        ItemKind::CreateType { name, .. } => ("type", dotted(name)),
        ItemKind::CreateTypeBody { name, .. } => ("type body", dotted(name)),
        ItemKind::CreateDbLink(name, _) => ("database link", dotted(name)),
        ItemKind::AlterTable { name, .. } => ("alter table", dotted(name)),
        ItemKind::Comment { name, .. } => ("comment", dotted(name)),
        ItemKind::Grant(_) => ("grant", None),
        ItemKind::Truncate(name) => ("truncate", dotted(name)),
        ItemKind::Drop { name, .. } => ("drop", name.and_then(dotted)),
        ItemKind::Block(_) => ("anonymous block", None),
        ItemKind::Query(_) => ("query", None),
        ItemKind::Dml(_) => ("dml", None),
        ItemKind::Stmt(_) | ItemKind::Exec(_) => ("statement", None),
        ItemKind::SqlPlus(word) => ("sqlplus", Some(ast.ident(word).to_string())),
        ItemKind::ControlFile(t) => ("control file", dotted(ast[t].name)),
        ItemKind::Ddl(d) => ("other statement", ast[d].name.and_then(dotted)),
        ItemKind::Opaque => ("other statement", None),
        ItemKind::Wrapped => ("wrapped unit", None),
        ItemKind::Unparsed => ("unparsed", None),
    }
}

fn ast_name(
    unit: &Unit,
    name: crate::syntax::ast::Id<crate::syntax::ast::ObjectName>,
) -> crate::syntax::ast::List<crate::syntax::ast::Ident> {
    unit.ast[name].parts
}

/// The gate. Writes outside batch code and texts of dynamic SQL stand between the census and `writes_in`.
pub(super) fn gate(
    input: &AssessInput<'_>,
    files: &[FileReport],
    units: &[UnitReport],
    writes: &[WriteReport],
    others: &[OtherWrite],
    jobs: &[JobReport],
) -> Gate {
    let Census {
        files: files_in,
        bytes,
        units: units_in,
        statements,
        writes: static_writes,
        jobs: job_calls,
    } = input.census;
    let dynamic = writes.iter().filter(|w| w.dynamic).count() as u64;
    let other_static = input
        .flows
        .steps
        .iter()
        .filter(|s| s.jobs.is_empty() && !s.dynamic)
        .count() as u64
        + others
            .iter()
            .filter(|w| w.reason == OtherReason::Replaced)
            .count() as u64;
    let count = |o: Outcome| writes.iter().filter(|w| w.outcome == o).count() as u64;
    Gate {
        files_in,
        files_reported: files.len() as u64,
        bytes_in: bytes,
        bytes_reported: files.iter().map(|f| f.bytes).sum(),
        units_in,
        units_reported: units.len() as u64,
        statements_in: statements,
        statements_reported: files.iter().map(|f| f.statements).sum(),
        // A census that saw fewer writes than dataflow must not wrap: then the gate fails, as it should.
        writes_in: (static_writes + dynamic).saturating_sub(other_static),
        writes_planned: count(Outcome::Planned),
        writes_assumed: count(Outcome::Assumed),
        writes_control: count(Outcome::Control),
        writes_residual: count(Outcome::Residual),
        writes_unparsed: count(Outcome::Unparsed),
        // A call that makes a job and that the catalogue did not see is a job that is not reported.
        jobs_in: jobs.len() as u64 + job_calls.saturating_sub(input.catalog.job_calls),
        jobs_reported: jobs.len() as u64,
        ok: false,
    }
}
