//! The statements that Oracle is sent, from typed parts: names are quoted, values are bound, and every column is shown
//! in the one form that `convert` reads, whatever the session's settings are.

use std::fmt::Write as _;

use super::session::Query;
use crate::rel::{DataType, TableName};
use crate::run::source::{ChunkRange, SourceColumn};

/// Settings of every session: times in UTC, numbers with a point, no surprises from the client's environment.
pub const SETTINGS: &[&str] = &[
    "ALTER SESSION SET TIME_ZONE = '+00:00'",
    "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'",
    "ALTER SESSION SET NLS_DATE_FORMAT = 'SYYYY-MM-DD HH24:MI:SS'",
    "ALTER SESSION SET NLS_TIMESTAMP_FORMAT = 'SYYYY-MM-DD HH24:MI:SS.FF9'",
    "ALTER SESSION SET NLS_TIMESTAMP_TZ_FORMAT = 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM'",
    "ALTER SESSION SET NLS_CALENDAR = 'GREGORIAN'",
];

const DATE: &str = "SYYYY-MM-DD HH24:MI:SS";
const TIMESTAMP: &str = "SYYYY-MM-DD HH24:MI:SS.FF9";
const TIMESTAMP_TZ: &str = "SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM";

/// A name in quotes.
pub fn name(name: &str) -> String {
    // Oracle's names cannot hold a quote; one that does can only come from an edited specification.
    format!("\"{}\"", name.replace('"', ""))
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn table(t: &TableName) -> String {
    format!("{}.{}", name(&t.schema), name(&t.name))
}

fn to_char(column: &str, mask: &str) -> String {
    format!("TO_CHAR({column}, {})", text(mask))
}

/// A column as text.
fn shown(c: &SourceColumn) -> String {
    let column = format!("t.{}", name(&c.name));
    let Some(ty) = &c.ty else {
        return column;
    };
    match ty {
        DataType::Number { .. } | DataType::Float { .. } => {
            format!("TO_CHAR({column}, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')")
        }
        DataType::Date => to_char(&column, DATE),
        DataType::Timestamp { .. } => to_char(&column, TIMESTAMP),
        DataType::TimestampTz { .. } | DataType::TimestampLtz { .. } => {
            to_char(&column, TIMESTAMP_TZ)
        }
        DataType::IntervalYm | DataType::IntervalDs => format!("TO_CHAR({column})"),
        DataType::Raw { .. } => format!("RAWTOHEX({column})"),
        DataType::Boolean => {
            format!("CASE WHEN {column} THEN 'Y' WHEN NOT {column} THEN 'N' END")
        }
        // Large ones only up to the limit; the length tells what was left out.
        DataType::Clob | DataType::Blob => {
            format!("CASE WHEN DBMS_LOB.GETLENGTH({column}) <= :1 THEN {column} END")
        }
        // The driver gives these as they are; binary floats with all their digits.
        DataType::BinaryFloat
        | DataType::BinaryDouble
        | DataType::Varchar { .. }
        | DataType::Char { .. }
        | DataType::Document
        | DataType::Other { .. }
        | DataType::Unknown { .. } => column,
    }
}

fn is_lob(c: &SourceColumn) -> bool {
    matches!(c.ty, Some(DataType::Clob | DataType::Blob))
}

/// How many columns have a length beside them.
pub fn lobs(columns: &[SourceColumn]) -> Vec<usize> {
    (0..columns.len())
        .filter(|i| is_lob(&columns[*i]))
        .collect()
}

/// Builds a statement, binds along with it.
struct Builder {
    sql: String,
    binds: Vec<String>,
}

impl Builder {
    fn bind(&mut self, value: impl Into<String>) {
        self.binds.push(value.into());
        // Writing to a text cannot fail.
        let _ = write!(self.sql, ":{}", self.binds.len());
    }

    /// A key value as text, converted to the key's type.
    fn bind_key(&mut self, value: &str, ty: Option<&DataType>) {
        let (before, after) = match ty {
            Some(DataType::Number { .. } | DataType::Float { .. }) => ("TO_NUMBER(", ")".into()),
            Some(DataType::Date) => ("TO_DATE(", format!(", {})", text(DATE))),
            Some(DataType::Timestamp { .. }) => {
                ("TO_TIMESTAMP(", format!(", {})", text(TIMESTAMP)))
            }
            Some(DataType::Raw { .. }) => ("HEXTORAW(", ")".into()),
            Some(_) | None => ("", String::new()),
        };
        self.sql.push_str(before);
        self.bind(value);
        self.sql.push_str(&after);
    }
}

/// What of a table is read.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// Table.
    pub table: &'a TableName,
    /// Columns.
    pub columns: &'a [SourceColumn],
    /// Bytes of the largest LOB.
    pub lob_limit: u64,
    /// Rows a round trip.
    pub fetch: u32,
}

impl Selection<'_> {
    /// The rows of a chunk, as of an SCN if there is one. Behind the columns stand the lengths of LOBs, then the ROWID
    /// where the chunk is one of ROWIDs.
    pub fn chunk(&self, range: &ChunkRange, scn: Option<u64>) -> Query {
        let mut b = Builder {
            sql: "SELECT ".into(),
            binds: Vec::new(),
        };
        let lobs = lobs(self.columns);
        if !lobs.is_empty() {
            // The select list's `:1`.
            b.binds.push(self.lob_limit.to_string());
        }
        let mut list: Vec<String> = self.columns.iter().map(shown).collect();
        let length = |i: &usize| format!("DBMS_LOB.GETLENGTH(t.{})", name(&self.columns[*i].name));
        list.extend(lobs.iter().map(length));
        if matches!(range, ChunkRange::Rowid { .. }) {
            list.push("ROWIDTOCHAR(t.ROWID)".into());
        }
        b.sql.push_str(&list.join(", "));
        b.sql.push_str(" FROM ");
        b.sql.push_str(&table(self.table));
        if let Some(scn) = scn {
            b.sql.push_str(" AS OF SCN ");
            b.bind(scn.to_string());
        }
        b.sql.push_str(" t");
        self.conditions(&mut b, range);
        Query {
            sql: b.sql,
            binds: b.binds,
            fetch: self.fetch,
        }
    }

    fn conditions(&self, b: &mut Builder, range: &ChunkRange) {
        match range {
            ChunkRange::Rowid { first, last } => {
                b.sql.push_str(" WHERE t.ROWID BETWEEN CHARTOROWID(");
                b.bind(first.as_str());
                b.sql.push_str(") AND CHARTOROWID(");
                b.bind(last.as_str());
                b.sql.push(')');
            }
            ChunkRange::Keys { columns, from, to } => {
                let column = columns.first().map_or("", String::as_str);
                let ty = self.columns.iter().find(|c| c.name == column);
                let ty = ty.and_then(|c| c.ty.as_ref());
                let bounds = [(from, ">="), (to, "<")];
                let mut word = " WHERE ";
                for (bound, op) in bounds {
                    if let Some(value) = bound.as_ref().and_then(|v| v.first()) {
                        let _ = write!(b.sql, "{word}t.{} {op} ", name(column));
                        b.bind_key(value, ty);
                        word = " AND ";
                    }
                }
            }
            ChunkRange::Whole | ChunkRange::Bytes { .. } | ChunkRange::File { .. } => {}
        }
    }

    /// Lower bounds of about `wanted` ranges of the first key column, each of as many rows.
    pub fn key_bounds(&self, column: &SourceColumn, wanted: usize) -> Query {
        let key = name(&column.name);
        let shown = shown(column).replace("t.\"", "b.\"");
        let sql = format!(
            "SELECT {shown} FROM (SELECT MIN(g.{key}) AS {key} FROM (SELECT t.{key}, NTILE(:1) OVER (ORDER BY t.{key}) AS \"N\" \
             FROM {} t WHERE t.{key} IS NOT NULL) g GROUP BY g.\"N\") b ORDER BY b.{key}",
            table(self.table)
        );
        Query::new(sql, vec![wanted.to_string()])
    }
}

/// First and last ROWID of each extent, in their order, with its blocks and what it may be joined to.
pub fn extents(t: &TableName) -> Query {
    let sql = "SELECT TO_CHAR(o.data_object_id) || '.' || TO_CHAR(e.relative_fno), TO_CHAR(e.blocks), \
         ROWIDTOCHAR(DBMS_ROWID.ROWID_CREATE(1, o.data_object_id, e.relative_fno, e.block_id, 0)), \
         ROWIDTOCHAR(DBMS_ROWID.ROWID_CREATE(1, o.data_object_id, e.relative_fno, e.block_id + e.blocks - 1, 32767)) \
         FROM dba_extents e JOIN dba_objects o ON o.owner = e.owner AND o.object_name = e.segment_name \
         AND NVL(o.subobject_name, ' ') = NVL(e.partition_name, ' ') AND o.data_object_id IS NOT NULL \
         WHERE e.owner = :1 AND e.segment_name = :2 AND e.segment_type LIKE 'TABLE%' AND o.object_type LIKE 'TABLE%' \
         ORDER BY o.data_object_id, e.relative_fno, e.block_id";
    Query::new(sql, vec![t.schema.clone(), t.name.clone()])
}

/// The present SCN, and the time in UTC.
pub fn now() -> Query {
    let sql = format!(
        "SELECT TO_CHAR(DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER), TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), {}) FROM DUAL",
        text(TIMESTAMP)
    );
    Query::new(sql, Vec::new())
}

/// When the table's definition changed last.
pub fn last_ddl(t: &TableName) -> Query {
    let sql = format!(
        "SELECT TO_CHAR(MAX(o.last_ddl_time), {}) FROM all_objects o WHERE o.owner = :1 AND o.object_name = :2 \
         AND o.object_type IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW')",
        text(DATE)
    );
    Query::new(sql, vec![t.schema.clone(), t.name.clone()])
}
