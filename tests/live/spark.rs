//! PySpark in a local session: no cluster.

use crate::harness::process::{self, Finished};
use crate::harness::{Live, jars, python};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// One session takes seconds when the machine is idle, and much longer when it is not.
const SPARK_PATIENCE: Duration = Duration::from_secs(300);

fn interpreter() -> Live<PathBuf> {
    python::with("spark", &["pyspark==3.5.9"])
}

/// Compiles a job without running it.
pub fn compile(job: &Path) -> Live<()> {
    let mut command = process::command(interpreter()?, false);
    command.args(["-m", "py_compile"]).arg(job);
    process::run("py_compile", command, SPARK_PATIENCE)?.expect_success("py_compile")?;
    Ok(())
}

/// How a session is started.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    /// Kafka and Cassandra can be reached.
    pub systems: bool,
    /// The compiler that starts quickly, or the one that ends up faster.
    pub quick_start: bool,
    /// Memory of the driver, which is all there is.
    pub memory: &'a str,
}

impl Default for Session<'_> {
    fn default() -> Self {
        Self {
            systems: false,
            quick_start: true,
            memory: "1g",
        }
    }
}

/// Runs a job with arguments in a local session that keeps to itself.
pub fn run(job: &Path, arguments: &[String], work: &Path) -> Live<Finished> {
    start(job, arguments, work, Session::default())?.expect_success("PySpark job")
}

/// As [`run`], with Kafka and Cassandra, and whatever the exit code.
pub fn run_with_systems(job: &Path, arguments: &[String], work: &Path) -> Live<Finished> {
    let session = Session {
        systems: true,
        ..Session::default()
    };
    start(job, arguments, work, session)
}

fn start(job: &Path, arguments: &[String], work: &Path, session: Session<'_>) -> Live<Finished> {
    let command = command(job, arguments, work, session)?;
    process::run("PySpark job", command, SPARK_PATIENCE)
}

/// Kafka's source, Cassandra's connector and all that they need.
fn connectors() -> Live<String> {
    let mut found: Vec<String> = std::fs::read_dir(jars::fetch("spark")?.join("lib"))?
        .filter_map(Result::ok)
        .map(|e| e.path().display().to_string())
        .collect();
    found.sort();
    Ok(format!("spark.jars {}\n", found.join(",")))
}

/// A job with arguments, not yet started.
pub fn command(
    job: &Path,
    arguments: &[String],
    work: &Path,
    session: Session<'_>,
) -> Live<Command> {
    jars::need(&["java"])?;
    let jars = match session.systems {
        true => connectors()?,
        false => String::new(),
    };
    let compiler = if session.quick_start {
        " -XX:TieredStopAtLevel=1"
    } else {
        ""
    };
    let options = format!(
        "-XX:+UseSerialGC{compiler} -Xss4m -Djava.io.tmpdir={}",
        work.display()
    );
    // Settings that concern the machine and not the job: read by any session that starts.
    let conf = work.join("spark-defaults.conf");
    std::fs::write(
        &conf,
        format!(
            "spark.master local[2]\nspark.ui.enabled false\nspark.driver.memory {1}\n\
             spark.driver.host 127.0.0.1\nspark.driver.bindAddress 127.0.0.1\n\
             spark.driver.extraJavaOptions {options}\nspark.local.dir {0}\n\
             spark.sql.warehouse.dir {0}/warehouse\n{jars}",
            work.display(),
            session.memory
        ),
    )?;
    let mut command = process::command(interpreter()?, false);
    command
        .env("SPARK_CONF_DIR", work)
        .env("PYSPARK_PYTHON", interpreter()?)
        .current_dir(work)
        .arg(job)
        .args(arguments);
    Ok(command)
}
