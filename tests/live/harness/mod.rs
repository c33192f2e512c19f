//! What every live test needs: the mode of the run, the cache of jars, processes that
//! die with us, free ports. Knows no system by name.

pub mod cache;
pub mod certs;
pub mod jars;
pub mod ports;
pub mod process;
pub mod proxy;
pub mod python;
pub mod shell;
pub mod trouble;

pub use trouble::{Live, Trouble, ensure, failed, missing};

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a system may take to come up, and a job to end, on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// What `ORA2STREAM_LIVE` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Run what the machine can run; say what is left out and why.
    Auto,
    /// Whatever is missing is a failure (CI).
    Required,
    /// Leave all of it out.
    Off,
}

impl Mode {
    /// Reads the environment; a word that is not known is an error, not a silent default.
    pub fn from_env() -> Result<Self, String> {
        match std::env::var("ORA2STREAM_LIVE").as_deref() {
            Err(_) | Ok("" | "auto") => Ok(Self::Auto),
            Ok("required") => Ok(Self::Required),
            Ok("off") => Ok(Self::Off),
            Ok(other) => Err(format!(
                "ORA2STREAM_LIVE={other}: use auto, required or off"
            )),
        }
    }
}

/// Folder of this test's own files in the checkout.
pub fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join("live")
}

/// Reads one of this test's own files.
pub fn own_file(relative: &str) -> Live<String> {
    let path = home().join(relative);
    std::fs::read_to_string(&path).map_err(|e| failed(format!("{}: {e}", path.display())))
}

/// Calls `ready` until it says yes, or `deadline` has passed.
///
/// `Ok(Some)` ends the wait with a value, `Ok(None)` means "not yet", `Err` gives up at once.
pub fn poll<T>(
    what: &str,
    deadline: Duration,
    mut ready: impl FnMut() -> Live<Option<T>>,
) -> Live<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = ready()? {
            return Ok(value);
        }
        if start.elapsed() > deadline {
            return Err(failed(format!(
                "{what}: not within {} s",
                deadline.as_secs()
            )));
        }
        std::thread::sleep(Duration::from_millis(150));
    }
}
