//! `start.sh`: the whole way a newcomer goes, with the real tools under their own names.

use super::Case;
use super::equality::{Keys, compare_all, load};
use crate::cassandra::cqlsh;
use crate::flink::client;
use crate::harness::{Live, ensure, jars, shell};
use crate::project::Project;
use crate::retail::sample::Sample;
use crate::stack::Stack;

pub fn cases() -> [(&'static str, Case); 1] {
    [("start::script_brings_retail_up", brings_up)]
}

/// Topics, schema, then the jobs by Flink's SQL client, which end by themselves here: the
/// result topics must hold what the batch wrote.
fn brings_up(stack: &Stack) -> Live<()> {
    jars::need(&["curl"])?;
    let (kafka, node) = (stack.kafka()?, stack.cassandra()?);
    let prefix = "start";
    let project = Project::migrate(
        "retail",
        &[
            ("kafka.bootstrap", kafka.bootstrap()),
            ("kafka.prefix", prefix),
            ("kafka.replication", "1"),
            (
                "cassandra.contact_points",
                &format!("127.0.0.1:{}", node.port()),
            ),
            ("cassandra.replication", "1"),
            ("cassandra.keyspace", "started"),
            ("flink.bounded", "true"),
            ("flink.parallelism", "1"),
        ],
    )?;
    let tools = tempfile::Builder::new().prefix("live-tools-").tempdir()?;
    cqlsh::install(tools.path())?;
    client::install(tools.path())?;
    let path = [stack.topic_tool()?.bin(), tools.path()];
    let start = project.path("start.sh");

    shell::run(&start, &["check", "topics", "schema"], &path)?.expect_success("start.sh")?;
    let tables = node.tables("started")?.len();
    let planned = project.cassandra_tables()?.len();
    ensure(tables == planned, || {
        format!("{tables} of {planned} tables")
    })?;

    let sample = Sample::read("retail")?;
    load(kafka, &sample, prefix)?;
    shell::run(&start, &["jobs"], &path)?.expect_success("start.sh jobs")?;
    for script in project.scripts()? {
        compare_all(stack, &sample, &script, Keys::All)?;
    }
    failing_jobs(&project, &path)
}

/// The SQL client ends well even when a statement fails; `start.sh` must not.
fn failing_jobs(project: &Project, path: &[&std::path::Path]) -> Live<()> {
    for script in project.scripts()? {
        std::fs::write(
            project.path(&script.file),
            "SELECT nonsense FROM nowhere;\n",
        )?;
    }
    let done = shell::run(&project.path("start.sh"), &["jobs"], path)?;
    ensure(!done.status.success(), || {
        format!("no failure: {}", done.stdout)
    })
}
