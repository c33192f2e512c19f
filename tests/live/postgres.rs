//! A PostgreSQL server of one's own, whose write-ahead log a connector can read.

use crate::harness::process::{self, Finished, Process};
use crate::harness::{Live, PATIENCE, failed, missing, poll, ports};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A running server; it and its data go when this goes.
pub struct Postgres {
    process: Process,
    port: u16,
    programs: PathBuf,
    folder: TempDir,
}

/// Small, without waiting for the disk, and with a log that connectors read.
fn settings(port: u16, folder: &Path) -> String {
    format!(
        "listen_addresses='127.0.0.1'\nport={port}\nunix_socket_directories='{}'\nwal_level=logical\n\
         max_wal_senders=4\nmax_replication_slots=4\nfsync=off\nsynchronous_commit=off\nfull_page_writes=off\n\
         shared_buffers=64MB\nmax_connections=30\nwal_sender_timeout=0\ntimezone='UTC'\n",
        folder.display()
    )
}

/// The folder of the server's programs: on the search path, or where Debian puts them.
fn programs() -> Live<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    std::env::split_paths(&path)
        .chain(debian.map(|version| version.path().join("bin")))
        .find(|folder| {
            ["postgres", "initdb"]
                .iter()
                .all(|p| folder.join(p).is_file())
        })
        .ok_or_else(|| missing("postgres and initdb (Debian: package postgresql)"))
}

/// The server does not run as root: then another user has to.
fn user() -> Live<Option<&'static str>> {
    let id = |arguments: &[&str]| Command::new("id").args(arguments).output();
    if id(&["-u"])?.stdout.trim_ascii() != b"0" {
        return Ok(None);
    }
    if !process::has("setpriv") {
        return Err(missing("setpriv (util-linux), to start PostgreSQL as root"));
    }
    let known = id(&["-u", "postgres"])?.status.success();
    Ok(Some(if known { "postgres" } else { "nobody" }))
}

fn command(program: impl AsRef<OsStr>, user: Option<&str>) -> Command {
    let Some(user) = user else {
        return process::command(program, false);
    };
    // A change of user forgets who the child dies with: it is said again.
    let mut command = process::command("setpriv", false);
    command
        .args(["--reuid", user, "--regid"])
        .arg(if user == "nobody" { "nogroup" } else { user })
        .args(["--init-groups", "--pdeathsig", "KILL", "--"])
        .arg(program);
    command
}

impl Postgres {
    /// Starts a server on a free port and waits until it answers.
    pub fn start() -> Live<Self> {
        let (programs, user) = (programs()?, user()?);
        let [port] = ports::free()?;
        let folder = tempfile::Builder::new()
            .prefix("live-postgres-")
            .tempdir()?;
        if let Some(user) = user {
            Command::new("chown")
                .arg(user)
                .arg(folder.path())
                .status()?;
        }
        let data = folder.path().join("data");
        let mut init = command(programs.join("initdb"), user);
        init.arg("-D").arg(&data).current_dir(folder.path());
        init.args(["-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"]);
        init.args(["-U", "postgres"]);
        process::run("initdb", init, PATIENCE)?.expect_success("initdb")?;
        let conf = data.join("postgresql.auto.conf");
        std::fs::write(conf, settings(port, folder.path()))?;
        let mut serve = command(programs.join("postgres"), user);
        serve.arg("-D").arg(&data).current_dir(folder.path());
        let log = folder.path().join("server.log");
        let process = Process::start("PostgreSQL", serve, &log)?;
        let server = Self {
            process,
            port,
            programs,
            folder,
        };
        poll("PostgreSQL answers", PATIENCE, || {
            server.process.expect_alive()?;
            Ok(server.query("SELECT 1").ok())
        })?;
        Ok(server)
    }

    /// The running process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// The port on 127.0.0.1; the user is `postgres`, without a password.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn psql(&self, more: &[&str]) -> Live<Finished> {
        let own = self.programs.join("psql");
        let program = if own.is_file() { own } else { "psql".into() };
        let mut psql = process::command(program, false);
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
            .args(["-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"])
            .args(["-p", &self.port.to_string()])
            .args(more);
        process::run("psql", psql, PATIENCE)
    }

    /// What statements print, a line a row, `<NULL>` for NULL.
    pub fn lines(&self, sql: &str) -> Live<Vec<String>> {
        let file = self.script(sql)?;
        let done = self
            .psql(&["-P", "null=<NULL>", "-f", &file])?
            .expect_success(sql)?;
        Ok(done.stdout.lines().map(str::to_owned).collect())
    }

    /// The lines that a query answers.
    pub fn query(&self, sql: &str) -> Live<Vec<String>> {
        let done = self.psql(&["-c", sql])?.expect_success(sql)?;
        Ok(done.stdout.lines().map(str::to_owned).collect())
    }

    /// A file with this text.
    fn script(&self, text: &str) -> Live<String> {
        let file = self.folder.path().join("script.sql");
        std::fs::write(&file, text)?;
        Ok(file.display().to_string())
    }

    /// Runs a script.
    pub fn run(&self, script: &str) -> Live<()> {
        let file = self.script(script)?;
        let done = self.psql(&["-f", &file])?;
        if done.status.success() {
            return Ok(());
        }
        let why: String = done.stderr.chars().take(2_000).collect();
        Err(failed(format!("psql: {why}")))
    }
}
