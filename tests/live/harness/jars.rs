//! Java: jars by Maven, our own small helpers by `javac`, and command lines for both.

use super::process::{self, Finished};
use super::{Live, cache, missing, own_file};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const MAVEN_PATIENCE: Duration = Duration::from_secs(600);

/// Says which of the programs is not there, all of them on one line.
pub fn need(programs: &[&str]) -> Live<()> {
    let absent: Vec<&str> = programs
        .iter()
        .copied()
        .filter(|p| !process::has(p))
        .collect();
    if absent.is_empty() {
        return Ok(());
    }
    Err(missing(format!(
        "{} (not on the search path)",
        absent.join(", ")
    )))
}

/// The folder filled by Maven from `poms/<name>.xml`.
pub fn fetch(name: &str) -> Live<PathBuf> {
    let pom = own_file(&format!("poms/{name}.xml"))?;
    cache::get(name, &cache::fingerprint(&[&pom]), |into| {
        need(&["java", "mvn"])?;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("pom.xml"), &pom)?;
        // Downloads fail for reasons that are not ours: one more try.
        let first = maven(folder.path(), into)?;
        let last = if first.status.success() {
            first
        } else {
            maven(folder.path(), into)?
        };
        if last.status.success() {
            return Ok(());
        }
        let why = last.stdout.lines().find(|l| l.contains("ERROR"));
        Err(missing(format!(
            "jars of {name} (Maven: {})",
            why.unwrap_or("failed without a word")
        )))
    })
}

fn maven(project: &Path, out: &Path) -> Live<Finished> {
    let mut command = process::command("mvn", false);
    command
        .current_dir(project)
        .args(["-B", "-ntp", "-q", "package"])
        .arg(format!("-Dout={}", out.display()));
    process::run("Maven", command, MAVEN_PATIENCE)
}

/// All jars of a folder, as one entry of a class path.
pub fn all_in(folder: &Path) -> OsString {
    folder.join("*").into_os_string()
}

/// A class path of several entries.
pub fn class_path<I: IntoIterator<Item = OsString>>(entries: I) -> OsString {
    let mut path = OsString::new();
    for entry in entries {
        if !path.is_empty() {
            path.push(":");
        }
        path.push(entry);
    }
    path
}

/// Compiles `java/<file>` against `class_path`; answers the folder of classes.
pub fn compile(name: &str, file: &str, class_path: &OsString) -> Live<PathBuf> {
    let source = own_file(&format!("java/{file}"))?;
    let against = class_path.to_string_lossy().into_owned();
    cache::get(name, &cache::fingerprint(&[&source, &against]), |into| {
        need(&["javac"])?;
        let mut command = process::command("javac", false);
        command
            .arg("-J-XX:TieredStopAtLevel=1")
            .arg("-d")
            .arg(into)
            .arg("-cp")
            .arg(class_path)
            .arg(super::home().join("java").join(file));
        process::run("javac", command, super::PATIENCE)?.expect_success(file)?;
        Ok(())
    })
}

/// Settings of Log4j: lines of this level and above on the error output. Without them Flink and Kafka print pages.
pub fn log_to_stderr(level: &str) -> String {
    format!(
        "status = error\nappender.c.type = Console\nappender.c.name = C\nappender.c.target = SYSTEM_ERR\n\
         appender.c.layout.type = PatternLayout\nappender.c.layout.pattern = %d{{HH:mm:ss.SSS}} %p %c{{1}} %m%n\n\
         rootLogger.level = {level}\nrootLogger.appenderRef.c.ref = C\n"
    )
}

/// One start of a Java virtual machine: small heap, quick compiler, own temporary folder.
pub struct Java<'a> {
    /// `-Xmx`, for example `256m`.
    pub heap: &'a str,
    /// Temporary folder; Flink leaves tens of megabytes in it.
    pub temp: &'a Path,
    /// Class path.
    pub class_path: OsString,
    /// Options of the virtual machine.
    pub options: Vec<String>,
    /// Main class.
    pub main: &'a str,
    /// See [`process::command`].
    pub locks_memory: bool,
}

impl Java<'_> {
    /// The command without the program's own arguments.
    pub fn command(&self) -> Live<Command> {
        need(&["java"])?;
        std::fs::create_dir_all(self.temp)?;
        let mut command = process::command("java", self.locks_memory);
        command
            .arg(format!("-Xmx{}", self.heap))
            .args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .arg(format!("-Djava.io.tmpdir={}", self.temp.display()))
            .args(&self.options)
            .arg("-cp")
            .arg(&self.class_path)
            .arg(self.main);
        Ok(command)
    }
}
