//! PostgreSQL of the machine, a private server on a socket: a second opinion on queries and procedures.

use crate::harness::process::{self, Process};
use crate::harness::{Live, PATIENCE, failed, missing};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The account that root's server runs as: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;

/// A running server.
pub struct Postgres {
    folder: TempDir,
    bin: PathBuf,
    _process: Process,
}

/// The folder of the server's programs.
fn programs() -> Live<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let debian = debian.flatten().map(|e| e.path().join("bin"));
    let has = |dir: &PathBuf| ["initdb", "postgres"].iter().all(|p| dir.join(p).is_file());
    let mut all = std::env::split_paths(&path).chain(debian);
    all.find(has)
        .ok_or_else(|| missing("initdb and postgres (Debian: postgresql)"))
}

fn is_root(folder: &Path) -> Live<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(std::fs::metadata(folder)?.uid() == 0)
}

/// A command that dies with us, not as root.
fn command(program: &Path, as_nobody: bool) -> Command {
    if !as_nobody {
        return process::command(program, false);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub fn start() -> Live<Postgres> {
        let bin = programs()?;
        if !process::has("psql") {
            return Err(missing("psql (Debian: postgresql-client)"));
        }
        let folder = tempfile::tempdir()?;
        let nobody = is_root(folder.path())?;
        if nobody {
            if !process::has("setpriv") {
                return Err(missing("setpriv (Debian: util-linux)"));
            }
            std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY))?;
        }
        let data = folder.path().join("data");
        let mut init = command(&bin.join("initdb"), nobody);
        init.current_dir(folder.path());
        init.args(["--no-sync", "--auth=trust", "--username=test"]);
        init.args(["--locale=C", "--encoding=UTF8", "-D"])
            .arg(&data);
        process::run("initdb", init, PATIENCE)?.expect_success("initdb")?;
        let mut server = command(&bin.join("postgres"), nobody);
        server.current_dir(folder.path()).arg("-D").arg(&data);
        server.arg("-k").arg(folder.path());
        server.args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        server.args(["-c", "timezone=UTC"]);
        // The log stands beside the folder that belongs to the server.
        let log = std::env::temp_dir().join(format!("postgres-{}.log", std::process::id()));
        let process = Process::start("PostgreSQL", server, &log)?;
        let _ = std::fs::remove_file(&log);
        let up = Postgres {
            folder,
            bin,
            _process: process,
        };
        up.wait()?;
        Ok(up)
    }

    fn wait(&self) -> Live<()> {
        let start = Instant::now();
        loop {
            match self.lines("SELECT 1") {
                Ok(_) => return Ok(()),
                Err(e) if start.elapsed() > PATIENCE => return Err(e),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// Runs statements; what they print, a line a row, `<NULL>` for NULL.
    pub fn lines(&self, sql: &str) -> Live<Vec<String>> {
        let script = tempfile::NamedTempFile::new()?;
        std::fs::write(script.path(), sql)?;
        let own = self.bin.join("psql");
        let program = if own.is_file() {
            own
        } else {
            PathBuf::from("psql")
        };
        let mut psql = process::command(program, false);
        psql.args(["-X", "-q", "-A", "-t", "-P", "null=<NULL>", "-U", "test"]);
        psql.args(["-d", "postgres", "-v", "ON_ERROR_STOP=1", "-h"])
            .arg(self.folder.path());
        psql.arg("-f").arg(script.path());
        let done = process::run("psql", psql, PATIENCE)?;
        if !done.status.success() {
            return Err(failed(format!("{sql}\n{}", done.stderr)));
        }
        Ok(done.stdout.lines().map(str::to_string).collect())
    }
}
