//! One machine to try it out: docker compose, and a start script for services that run elsewhere.

#[cfg(test)]
mod tests;

use super::debezium::connector_name;
use super::fragment::{CommentLine, Number, ShellWord, YamlScalar};
use super::template::{Frame, render};
use super::{EmitError, Emitter, GeneratedFile};
use crate::plan::model::{Capture, Plan};

/// `compose/` and `start.sh`.
pub struct Compose;

impl Emitter for Compose {
    fn name(&self) -> &'static str {
        "compose"
    }

    fn emit(&self, plan: &Plan) -> Result<Vec<GeneratedFile>, EmitError> {
        Ok(vec![
            GeneratedFile::text(
                "compose/docker-compose.yml",
                render("compose/docker-compose.yml", &compose(plan)?)?,
            ),
            GeneratedFile::script("start.sh", render("compose/start.sh", &start(plan))?),
        ])
    }
}

/// A name of an environment variable; anything else could leave its place in the file.
fn variable(name: &str) -> Result<ShellWord, EmitError> {
    let legal = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if legal {
        return Ok(ShellWord::printed(name));
    }
    let what = "an environment variable's name is letters, digits and `_`".into();
    Err(EmitError::Inconsistent {
        emitter: "compose",
        item: name.into(),
        what,
    })
}

/// `${NAME:?}`: compose stops with an error where it is not set.
fn reference(name: &str) -> Result<ShellWord, EmitError> {
    Ok(ShellWord::printed(format!("${{{}:?}}", variable(name)?)))
}

fn compose(plan: &Plan) -> Result<Frame, EmitError> {
    let fold = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = plan.project.name.chars().map(fold).collect();
    let jobs = plan
        .groups
        .iter()
        .filter(|g| !g.jobs.is_empty())
        .count()
        .max(1);
    let parallelism = plan.settings.flink.parallelism.unwrap_or(1);
    Ok(Frame::new()
        .hole("project", &CommentLine::new(&plan.project.name))
        .hole(
            "name",
            &YamlScalar::new(&format!("o2s-{}", name.trim_matches('-'))),
        )
        .hole("user_env", &variable(&plan.settings.oracle.user_env)?)
        .hole(
            "password_env",
            &variable(&plan.settings.oracle.password_env)?,
        )
        .hole("user_ref", &reference(&plan.settings.oracle.user_env)?)
        .hole(
            "password_ref",
            &reference(&plan.settings.oracle.password_env)?,
        )
        .hole(
            "slots",
            &Number::new(jobs as i128 * i128::from(parallelism)),
        )
        .hole(
            "datacenter",
            &YamlScalar::new(&plan.settings.cassandra.datacenter),
        ))
}

fn start(plan: &Plan) -> Frame {
    let contact = plan
        .settings
        .cassandra
        .contact_points
        .first()
        .map_or("localhost:9042", String::as_str);
    let (host, port) = contact.rsplit_once(':').unwrap_or((contact, "9042"));
    let captured = plan.sources.iter().any(|s| s.capture == Capture::Cdc);
    let connector = connector_name(plan);
    let file = captured.then(|| ShellWord::new(&format!("cdc/{connector}.json")));
    let scripts = plan.groups.iter().filter(|g| !g.jobs.is_empty());
    Frame::new()
        .hole("project", &CommentLine::new(&plan.project.name))
        .hole("cassandra_host", &ShellWord::new(host))
        .hole("cassandra_port", &ShellWord::new(port))
        .hole("connect_url", &ShellWord::new(&plan.settings.connect.url))
        .maybe("connector_file", file.as_ref())
        .hole(
            "connector_name",
            &ShellWord::printed(format!("{connector}-cdc")),
        )
        .fragments(
            "scripts",
            scripts.map(|g| ShellWord::new(&format!("flink/{}.sql", g.name))),
        )
}
