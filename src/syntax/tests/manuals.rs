//! Statements in the manner of the two language references and of the SQL*Plus guide, in files beside this one: all of
//! them are read, as units of their own, and nothing of queries, DML and PL/SQL is opaque.

use super::*;

/// The errors of a script, and its units that are no commands.
fn read(text: &str) -> (Vec<String>, Vec<Unit>) {
    let script = Script::new(text);
    let shown = |d: &crate::diag::Diagnostic| {
        let place = script.map.place(d.labels[0].span);
        format!("{place} {} {}", d.code.as_str(), d.message)
    };
    let errors = script.units.iter().flat_map(|u| &u.errors).map(shown);
    (errors.collect(), script.units)
}

#[track_caller]
fn all_read(text: &str, units: usize, opaque: usize) {
    let (errors, found) = read(text);
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let count = found.iter().filter(|u| !u.is_command()).count();
    assert!(count >= units, "{count} units");
    let with_opaque = found.iter().filter(|u| u.opaque > 0);
    let shown: Vec<&str> = with_opaque
        .map(|u| &text[u.span.start as usize..u.span.end as usize])
        .collect();
    assert!(shown.len() <= opaque, "opaque:\n{}", shown.join("\n"));
    for unit in &found {
        assert!(
            super::corpus::census_agrees(unit),
            "counted otherwise: {}",
            &text[unit.span.start as usize..unit.span.end as usize]
        );
    }
}

#[test]
fn queries() {
    all_read(include_str!("manuals/queries.sql"), 90, 0);
}

#[test]
fn data_manipulation() {
    all_read(include_str!("manuals/dml.sql"), 55, 0);
}

/// Storage, users and the system itself are recognised and kept in balance.
#[test]
fn data_definition() {
    all_read(include_str!("manuals/ddl.sql"), 120, 12);
}

#[test]
fn stored_code() {
    all_read(include_str!("manuals/plsql.sql"), 37, 2);
}

#[test]
fn commands() {
    let (errors, units) = read(include_str!("manuals/sqlplus.sql"));
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let commands = units.iter().filter(|u| u.is_command()).count();
    assert!(commands > 50, "{commands} commands");
    assert_eq!(units.len() - commands, 3);
}
