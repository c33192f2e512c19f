//! Files that batches load: external tables and SQL*Loader control files become shipped topics.

use super::BuildInput;
use super::names::topic_part;
use crate::catalog::model::{ExternalFile, Table};
use crate::plan::model::{FileInput, Plan, SourceColumn};

/// One input a table with files behind it, in order of name.
pub fn build(input: &BuildInput<'_>, _plan: &Plan) -> Vec<FileInput> {
    let with_files = input
        .catalog
        .tables
        .values()
        .filter_map(|t| t.external.as_ref().map(|e| (t, e)));
    let mut out: Vec<_> = with_files.map(|(t, e)| file_input(input, t, e)).collect();
    out.sort_by(|a, b| a.table.cmp(&b.table));
    out
}

fn file_input(input: &BuildInput<'_>, table: &Table, file: &ExternalFile) -> FileInput {
    let prefix = &input.config.settings.kafka.prefix;
    let topic = format!(
        "{prefix}.file.{}.{}",
        topic_part(&table.name.schema),
        topic_part(&table.name.name)
    );
    FileInput {
        table: table.name.clone(),
        topic,
        directory: file.directory.clone(),
        files: file.files.clone(),
        separator: file.separator.clone(),
        quote: file.quote.clone(),
        encoding: encoding(file.charset.as_deref()),
        fields: fields(table, file),
        skip: file.skip,
        key: table.primary_key.clone().unwrap_or_default(),
    }
}

/// Fields in the order of the file; the table's own columns where the parameters name none.
fn fields(table: &Table, file: &ExternalFile) -> Vec<SourceColumn> {
    let names: Vec<&String> = if file.fields.is_empty() {
        table.columns.keys().collect()
    } else {
        file.fields.iter().collect()
    };
    let field = |name: &String| {
        let column = table.columns.get(name);
        SourceColumn {
            name: name.clone(),
            ty: column.map_or(crate::rel::DataType::Varchar { length: 4000 }, |c| {
                c.ty.clone()
            }),
            nullable: column.is_none_or(|c| c.nullable),
            comment: column.and_then(|c| c.comment.clone()),
        }
    };
    names.into_iter().map(field).collect()
}

/// Oracle character set names in the names that shippers know.
fn encoding(charset: Option<&str>) -> String {
    let name = charset.unwrap_or("").to_ascii_uppercase();
    let known = [
        ("JA16SJIS", "Shift_JIS"),
        ("JA16EUC", "EUC-JP"),
        ("UTF8", "UTF-8"),
        ("WE8MSWIN1252", "windows-1252"),
        ("WE8ISO8859", "windows-1252"),
        ("ISO2022-JP", "ISO-2022-JP"),
    ];
    known
        .iter()
        .find(|(oracle, _)| name.contains(oracle))
        .map_or("UTF-8", |(_, n)| *n)
        .to_string()
}
