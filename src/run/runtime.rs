//! The asynchronous runtime that the drivers live in, and the signals that stop a load. One or two threads are enough:
//! reading and converting happen elsewhere.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};

use super::engine::{Control, Signal};
use super::error::RunError;
use crate::diag::Code;

/// A runtime; when it goes, nothing that is still under way is waited for.
pub struct Runtime(Option<tokio::runtime::Runtime>);

impl Runtime {
    /// Starts the threads.
    pub fn start() -> Result<Runtime, RunError> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = Builder::new_multi_thread()
            .worker_threads((processors / 2).clamp(1, 2))
            .thread_name("driver")
            .enable_all()
            .build();
        let failed = |e: std::io::Error| {
            RunError::new(Code::StateFailed, format!("threads cannot be started: {e}"))
        };
        Ok(Runtime(Some(runtime.map_err(failed)?)))
    }

    /// A handle.
    pub fn handle(&self) -> &Handle {
        // The runtime is taken out in `drop` alone.
        match &self.0 {
            Some(runtime) => runtime.handle(),
            None => unreachable!("a runtime is used after it was dropped"),
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(Duration::from_millis(500));
        }
    }
}

/// Tells `control` of Ctrl-C and of requests to end, from a thread of its own, as long as the process lives.
/// `first` is called at the first signal.
pub fn listen(control: &Arc<Control>, first: impl Fn() + Send + 'static) -> Result<(), RunError> {
    let control = Arc::clone(control);
    let failed = |e: std::io::Error| {
        RunError::new(Code::StateFailed, format!("signals cannot be heard: {e}"))
    };
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            while let Some(signal) = next().await {
                if control.signal(signal) {
                    first();
                }
            }
        });
    });
    Ok(())
}

#[cfg(unix)]
async fn next() -> Option<Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut end = signal(SignalKind::terminate()).ok()?;
    tokio::select! {
        heard = tokio::signal::ctrl_c() => heard.ok().map(|()| Signal::Interrupt),
        heard = end.recv() => heard.map(|()| Signal::Terminate),
    }
}

#[cfg(not(unix))]
async fn next() -> Option<Signal> {
    tokio::signal::ctrl_c()
        .await
        .ok()
        .map(|()| Signal::Interrupt)
}
