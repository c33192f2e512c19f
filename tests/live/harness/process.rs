//! Child processes that never outlive the test run, and their logs.
//!
//! A child is killed when its handle goes, at the end of the run, and, where `setpriv` of
//! util-linux is there, by the kernel when this program dies in any other way. The kernel
//! ties that to the *thread* that started the child, so all children are started by one
//! thread that lives as long as the program.

use super::{Live, failed};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

type Order = (Command, Sender<io::Result<Child>>);

/// Starts `command` from the thread that owns all children.
fn spawn(command: Command) -> io::Result<Child> {
    static NURSERY: OnceLock<Mutex<Sender<Order>>> = OnceLock::new();
    let nursery = NURSERY.get_or_init(|| {
        let (orders, inbox) = channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, answer) in inbox {
                let _ = answer.send(command.spawn());
            }
        });
        Mutex::new(orders)
    });
    let gone = || io::Error::other("the thread that starts children is gone");
    let (answer, child) = channel();
    let orders = nursery.lock().map_err(|_| gone())?.clone();
    orders.send((command, answer)).map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}

/// Is a program of this name on the search path?
pub fn has(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status
            .lines()
            .any(|l| l.starts_with("Uid:") && l.split_whitespace().nth(2) == Some("0"))
    })
}

/// A command for `program` that dies with us. `locks_memory`: the program would pin its whole
/// heap when root lets it (Cassandra), which a test machine cannot afford.
pub fn command(program: impl AsRef<std::ffi::OsStr>, locks_memory: bool) -> Command {
    if !has("setpriv") {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if locks_memory && is_root() {
        command.args(["--inh-caps=-ipc_lock", "--bounding-set=-ipc_lock"]);
    }
    command.arg("--").arg(program);
    command
}

/// A running child with its output in a file.
pub struct Process {
    name: String,
    log: PathBuf,
    child: Mutex<Child>,
}

impl Process {
    /// Starts `command`; both output streams go to `log`.
    pub fn start(name: &str, mut command: Command, log: &Path) -> Live<Self> {
        let out = File::create(log)?;
        command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out);
        let child = spawn(command).map_err(|e| failed(format!("{name}: cannot start: {e}")))?;
        Ok(Self {
            name: name.to_owned(),
            log: log.to_owned(),
            child: Mutex::new(child),
        })
    }

    /// The process's id.
    #[allow(dead_code, reason = "the load benchmark asks for it")]
    pub fn pid(&self) -> Live<u32> {
        self.with_child(|child| Ok(child.id()))
    }

    /// Fails when the child has ended, with the end of its log.
    pub fn expect_alive(&self) -> Live<()> {
        match self.with_child(Child::try_wait)? {
            None => Ok(()),
            Some(status) => Err(failed(format!(
                "{} ended early ({status})\n{}",
                self.name,
                self.tail(40)
            ))),
        }
    }

    /// The last lines of the log, under a heading.
    pub fn tail(&self, lines: usize) -> String {
        format!(
            "--- end of {} ---\n{}",
            self.log.display(),
            tail(&self.log, lines)
        )
    }

    /// Kills the child and waits for its end.
    pub fn stop(&self) {
        let _ = self.with_child(|child| {
            child.kill()?;
            child.wait()
        });
    }

    fn with_child<T>(&self, act: impl FnOnce(&mut Child) -> io::Result<T>) -> Live<T> {
        let mut child = self
            .child
            .lock()
            .map_err(|_| failed(format!("{}: a test panicked here", self.name)))?;
        Ok(act(&mut child)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The last `lines` lines of a text file.
pub fn tail(file: &Path, lines: usize) -> String {
    let bytes = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// What a program that ran to its end left behind.
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// Fails unless the program ended with 0.
    pub fn expect_success(self, what: &str) -> Live<Self> {
        if self.status.success() {
            return Ok(self);
        }
        Err(failed(format!(
            "{what} ended with {}\n--- standard output ---\n{}\n--- standard error ---\n{}",
            self.status,
            last(&self.stdout, 40),
            last(&self.stderr, 40)
        )))
    }
}

fn last(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Runs `command` to its end; kills it after `deadline`.
pub fn run(what: &str, mut command: Command, deadline: Duration) -> Live<Finished> {
    let folder = tempfile::tempdir()?;
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    command
        .stdin(Stdio::null())
        .stdout(File::create(&out)?)
        .stderr(File::create(&err)?);
    let mut child = spawn(command).map_err(|e| failed(format!("{what}: cannot start: {e}")))?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return Err(failed(format!(
                "{what}: no end after {} s\n{}\n{}",
                deadline.as_secs(),
                tail(&out, 40),
                tail(&err, 40)
            )));
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let text =
        |path| Ok::<_, io::Error>(String::from_utf8_lossy(&std::fs::read(path)?).into_owned());
    Ok(Finished {
        status,
        stdout: text(&out)?,
        stderr: text(&err)?,
    })
}
