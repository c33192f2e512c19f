//! PySpark, for jobs that run over files: no cluster, no broker.

use crate::harness::process::{self, Finished};
use crate::harness::{Live, jars, python};
use std::path::{Path, PathBuf};
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

/// Runs a job with arguments in a local session that keeps to itself.
pub fn run(job: &Path, arguments: &[String], work: &Path) -> Live<Finished> {
    start(job, arguments, work, "")?.expect_success("PySpark job")
}

/// As [`run`], with the Cassandra connector, and whatever the exit code.
pub fn run_with_cassandra(job: &Path, arguments: &[String], work: &Path) -> Live<Finished> {
    let mut found: Vec<String> = std::fs::read_dir(jars::fetch("spark")?.join("lib"))?
        .filter_map(Result::ok)
        .map(|e| e.path().display().to_string())
        .collect();
    found.sort();
    start(
        job,
        arguments,
        work,
        &format!("spark.jars {}\n", found.join(",")),
    )
}

fn start(job: &Path, arguments: &[String], work: &Path, more: &str) -> Live<Finished> {
    jars::need(&["java"])?;
    let options = format!(
        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss4m -Djava.io.tmpdir={}",
        work.display()
    );
    // Settings that concern the machine and not the job: read by any session that starts.
    let conf = work.join("spark-defaults.conf");
    std::fs::write(
        &conf,
        format!(
            "spark.master local[2]\nspark.ui.enabled false\nspark.driver.memory 1g\n\
             spark.driver.host 127.0.0.1\nspark.driver.bindAddress 127.0.0.1\n\
             spark.driver.extraJavaOptions {options}\nspark.local.dir {0}\n\
             spark.sql.warehouse.dir {0}/warehouse\n{more}",
            work.display()
        ),
    )?;
    let mut command = process::command(interpreter()?, false);
    command
        .env("SPARK_CONF_DIR", work)
        .env("PYSPARK_PYTHON", interpreter()?)
        .current_dir(work)
        .arg(job)
        .args(arguments);
    process::run("PySpark job", command, SPARK_PATIENCE)
}
