//! SQL for the DBA. Privileges as the connector's documentation lists them for LogMiner.

use crate::emit::EmitError;
use crate::emit::fragment::{CommentLine, OracleSql};
use crate::emit::template::{Frame, render};
use crate::plan::model::{Plan, Source};

/// What LogMiner capture needs.
const PRIVILEGES: &[&str] = &[
    "CREATE SESSION",
    "SET CONTAINER",
    "SELECT ON V_$DATABASE",
    "FLASHBACK ANY TABLE",
    "SELECT_CATALOG_ROLE",
    "EXECUTE_CATALOG_ROLE",
    "SELECT ANY TRANSACTION",
    "LOGMINING",
    "CREATE TABLE",
    "LOCK ANY TABLE",
    "CREATE SEQUENCE",
    "EXECUTE ON DBMS_LOGMNR",
    "EXECUTE ON DBMS_LOGMNR_D",
    "SELECT ON V_$LOG",
    "SELECT ON V_$LOG_HISTORY",
    "SELECT ON V_$LOGMNR_LOGS",
    "SELECT ON V_$LOGMNR_CONTENTS",
    "SELECT ON V_$LOGMNR_PARAMETERS",
    "SELECT ON V_$LOGFILE",
    "SELECT ON V_$ARCHIVED_LOG",
    "SELECT ON V_$ARCHIVE_DEST_STATUS",
    "SELECT ON V_$TRANSACTION",
    "SELECT ON V_$MYSTAT",
    "SELECT ON V_$STATNAME",
];

fn qualified(source: &Source) -> OracleSql {
    let (schema, name) = (
        OracleSql::ident(&source.table.schema),
        OracleSql::ident(&source.table.name),
    );
    OracleSql::printed(format!("{schema}.{name}"))
}

/// supplemental-logging.sql.
pub fn supplemental_logging(plan: &Plan, tables: &[&Source]) -> Result<String, EmitError> {
    let last = tables.len().saturating_sub(1);
    let rows = tables.iter().enumerate().map(|(i, s)| {
        Frame::new()
            .hole("table", &qualified(s))
            .hole("owner", &OracleSql::string(&s.table.schema))
            .hole("name", &OracleSql::string(&s.table.name))
            .hole(
                "comma",
                &OracleSql::printed(if i == last { "" } else { "," }),
            )
    });
    let frame = Frame::new()
        .hole("project", &CommentLine::new(&plan.project.name))
        .list("tables", rows);
    render("debezium/supplemental-logging.sql", &frame)
}

/// grants.sql.
pub fn grants(plan: &Plan, tables: &[&Source]) -> Result<String, EmitError> {
    let pdb = plan.settings.oracle.pdb.as_deref();
    let (container, note) = match pdb {
        Some(pdb) => (" CONTAINER=ALL", format!(" (run this part in {pdb})")),
        None => ("", String::new()),
    };
    let privileges = PRIVILEGES
        .iter()
        .filter(|p| pdb.is_some() || **p != "SET CONTAINER");
    let frame = Frame::new()
        .hole("project", &CommentLine::new(&plan.project.name))
        .hole("container", &OracleSql::printed(container))
        .hole("pdb_note", &CommentLine::new(&note))
        .fragments("privileges", privileges.map(|p| OracleSql::printed(*p)))
        .fragments("tables", tables.iter().map(|s| qualified(s)));
    render("debezium/grants.sql", &frame)
}
