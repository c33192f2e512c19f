//! ora2stream.toml and `--set`, resolved into plain data for the rooms that need it.

mod check;
mod file;
mod set;
mod shape;
#[cfg(test)]
mod tests;

use std::path::Path;

use encoding_rs::Encoding;
use serde::Deserialize;
use toml::Table;
use toml::de::DeTable;

use super::exit::Failure;
use super::glob;
use crate::diag::{Code, Diagnostic};
use crate::plan::config::ProjectConfig;
use crate::plan::model::Settings;
use crate::rel::TableName;
use crate::source::decode::{encoding_named, known_names};
use crate::source::{SourceFile, SourceMap, Span};
use file::ConfigFile;
use shape::Shape;

/// Name of the project file.
pub const FILE_NAME: &str = "ora2stream.toml";

/// Everything that was configured.
#[derive(Debug, Default)]
pub struct Config {
    /// What the planner sees.
    pub project: ProjectConfig,
    /// Encodings of files.
    pub encodings: Encodings,
}

/// Which encoding a file is read in.
#[derive(Debug, Default)]
pub struct Encodings {
    /// For files that no pattern names.
    pub default: Option<&'static Encoding>,
    /// Patterns, the longest first.
    patterns: Vec<(String, &'static Encoding)>,
}

impl Encodings {
    /// One encoding for all files; None: to be found out a file.
    pub fn all(default: Option<&'static Encoding>) -> Self {
        let patterns = Vec::new();
        Self { default, patterns }
    }

    /// The named encoding of a path; None: to be found out.
    pub fn of(&self, path: &str) -> Option<&'static Encoding> {
        let named = self.patterns.iter().find(|(p, _)| glob::matches(p, path));
        named.map(|(_, e)| *e).or(self.default)
    }
}

/// What the command line adds to the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides<'a> {
    /// `--set`.
    pub set: &'a [String],
    /// `--encoding`.
    pub encoding: Option<&'a str>,
}

/// Resolves the text of a project file (None: there is none) and the overrides. `fallback_name` names a
/// project without a name.
pub fn resolve(
    text: Option<&str>,
    overrides: Overrides<'_>,
    fallback_name: &str,
) -> Result<Config, Failure> {
    let shape = Shape::of::<ConfigFile>();
    let mut document = match text {
        Some(text) => checked(text, &shape)?,
        None => Table::new(),
    };
    for setting in overrides.set {
        set::apply(&mut document, &shape, setting).map_err(|(message, help)| {
            let failure = Failure::new(Code::ConfigInvalid, message);
            help.into_iter().fold(failure, Failure::help)
        })?;
    }
    let file = ConfigFile::deserialize(document)
        .map_err(|e| Failure::new(Code::ConfigInvalid, e.message().to_string()))?;
    let mut config = typed(file, overrides.encoding, fallback_name)?;
    config.project.from_file = text.is_some();
    Ok(config)
}

/// Applies `--set` to the settings of a plan; only keys of connection settings make sense there.
pub fn set_on_plan(settings: &Settings, set: &[String]) -> Result<Settings, Failure> {
    let shape = Shape::of::<Settings>();
    let mut document = Table::try_from(settings)
        .map_err(|e| Failure::new(Code::PlanInvalid, format!("settings of the plan: {e}")))?;
    for setting in set {
        set::apply(&mut document, &shape, setting).map_err(|(message, help)| {
            let failure = Failure::new(Code::ConfigInvalid, message);
            help.into_iter().fold(failure, Failure::help)
        })?;
    }
    let settings = Settings::deserialize(document)
        .map_err(|e| Failure::new(Code::ConfigInvalid, e.message().to_string()))?;
    check_settings(&settings)?;
    Ok(settings)
}

/// The encoding of a name that a user wrote.
pub fn named_encoding(name: &str) -> Result<&'static Encoding, Failure> {
    encoding_named(name).ok_or_else(|| {
        let known: Vec<String> = known_names().map(str::to_string).collect();
        let failure = Failure::new(Code::ConfigInvalid, format!("unknown encoding `{name}`"));
        let help = check::suggestion(&name.to_uppercase(), &known);
        failure.help(help.unwrap_or_else(|| format!("known are {}", known[..7].join(", "))))
    })
}

/// Parses the file and checks every key; problems point into it.
fn checked(text: &str, shape: &Shape) -> Result<Table, Failure> {
    let document = DeTable::parse(text).map_err(|e| {
        let span = e.span().unwrap_or(0..0);
        in_file(text, [(e.message().to_string(), None, span)])
    })?;
    let problems = check::check(shape, &document);
    if !problems.is_empty() {
        let problems = problems.into_iter().map(|p| (p.message, p.help, p.span));
        return Err(in_file(text, problems));
    }
    toml::from_str(text).map_err(|e| {
        in_file(
            text,
            [(e.message().to_string(), None, e.span().unwrap_or(0..0))],
        )
    })
}

fn in_file(
    text: &str,
    problems: impl IntoIterator<Item = (String, Option<String>, std::ops::Range<usize>)>,
) -> Failure {
    let mut texts = SourceMap::default();
    let file = texts.add(SourceFile::from_text(FILE_NAME, text));
    let findings = problems.into_iter().map(|(message, help, span)| {
        let span = Span::new(file, span.start as u32, span.end as u32);
        let finding = Diagnostic::new(Code::ConfigInvalid, message).at(span, "");
        help.into_iter().fold(finding, Diagnostic::help)
    });
    Failure::of(findings.collect(), texts)
}

fn typed(file: ConfigFile, encoding: Option<&str>, fallback_name: &str) -> Result<Config, Failure> {
    let default = encoding.or(file.project.encoding.as_deref());
    let default = default.map(named_encoding).transpose()?;
    let mut patterns = Vec::new();
    for (pattern, name) in &file.encodings {
        patterns.push((pattern.clone(), named_encoding(name)?));
    }
    patterns.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.0.cmp(&b.0)));
    let mut tables = std::collections::BTreeMap::new();
    for (name, table) in file.tables {
        tables.insert(table_name(&name)?, table);
    }
    let settings = Settings {
        kafka: file.kafka,
        cassandra: file.cassandra,
        flink: file.flink,
        spark: file.spark,
        connect: file.connect,
        oracle: file.oracle,
        sink: file.sink,
    };
    check_settings(&settings)?;
    check_zone(file.project.time_zone.as_deref())?;
    let project = ProjectConfig {
        name: file
            .project
            .name
            .unwrap_or_else(|| fallback_name.to_string()),
        schemas: file.project.schemas.iter().map(|s| canonical(s)).collect(),
        time_zone: file.project.time_zone,
        exclude: file.project.exclude,
        schedule_files: file.schedule.files,
        entry_points: file.schedule.entry_points,
        queries: file.queries,
        tables,
        settings,
        from_file: false,
    };
    let encodings = Encodings { default, patterns };
    Ok(Config { project, encodings })
}

/// Oracle's canonical spelling: upper case unless it is in double quotes.
fn canonical(name: &str) -> String {
    let quoted = name.strip_prefix('"').and_then(|n| n.strip_suffix('"'));
    quoted.map_or_else(|| name.to_uppercase(), str::to_string)
}

fn table_name(text: &str) -> Result<TableName, Failure> {
    let name = TableName::try_from(text.to_string());
    let name = name.map_err(|e| {
        Failure::new(Code::ConfigInvalid, format!("`tables.\"{text}\"`: {e}"))
            .help("write [tables.\"SCHEMA.TABLE\"]")
    })?;
    Ok(TableName::new(
        canonical(&name.schema),
        canonical(&name.name),
    ))
}

/// Values that would only fail much later, in another system.
fn check_settings(settings: &Settings) -> Result<(), Failure> {
    let word = |text: &str, more: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let rules = [
        (
            word(&settings.kafka.prefix, "._-") && settings.kafka.prefix.len() <= 100,
            "`kafka.prefix` may hold letters, digits, `.`, `_` and `-` only",
        ),
        (
            settings.kafka.partitions > 0,
            "`kafka.partitions` must be at least 1",
        ),
        (
            settings.kafka.replication > 0,
            "`kafka.replication` must be at least 1",
        ),
        (
            word(&settings.cassandra.keyspace, "_") && settings.cassandra.keyspace.len() <= 48,
            "`cassandra.keyspace` may hold letters, digits and `_` only, at most 48",
        ),
        (
            settings.cassandra.replication > 0,
            "`cassandra.replication` must be at least 1",
        ),
        (
            settings.flink.parallelism != Some(0),
            "`flink.parallelism` must be at least 1",
        ),
    ];
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, message)) => Err(Failure::new(Code::ConfigInvalid, *message)),
        None => Ok(()),
    }
}

fn check_zone(zone: Option<&str>) -> Result<(), Failure> {
    let valid = |z: &str| {
        let known = |c: char| c.is_ascii_alphanumeric() || "/_+-:".contains(c);
        let named = z.contains('/') || ["UTC", "GMT", "Japan"].contains(&z);
        z.chars().all(known) && (named || z.starts_with(['+', '-']))
    };
    match zone {
        Some(zone) if !valid(zone) => {
            let message = format!("`project.time_zone`: `{zone}` is not the name of a time zone");
            Err(Failure::new(Code::ConfigInvalid, message).help("write it like \"Asia/Tokyo\""))
        }
        Some(_) | None => Ok(()),
    }
}

/// Reads the project file of an input folder, if there is one.
pub fn read_file(folder: &Path) -> Result<Option<String>, Failure> {
    let path = folder.join(FILE_NAME);
    match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Failure::new(Code::ConfigInvalid, format!("{FILE_NAME} is not UTF-8"))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Failure::new(
            Code::ConfigInvalid,
            format!("{FILE_NAME} cannot be read: {e}"),
        )),
    }
}
