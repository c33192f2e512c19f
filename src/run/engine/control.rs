//! How a run is told to stop: in order, after its open chunks, or at once, because of an error or a second signal.

use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

use crate::run::error::RunError;

const RUN: u8 = 0;
const FINISH: u8 = 1;
const ABORT: u8 = 2;

/// Why a run stops in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A request to end.
    Terminate,
}

/// The word that threads listen to.
#[derive(Debug, Default)]
pub struct Control {
    stage: AtomicU8,
    signal: Mutex<Option<Signal>>,
    error: Mutex<Option<RunError>>,
}

impl Control {
    /// A signal: the first lets open chunks end, the second does not. True for the first.
    pub fn signal(&self, signal: Signal) -> bool {
        *self.signal.lock().unwrap_or_else(PoisonError::into_inner) = Some(signal);
        let first = self
            .stage
            .compare_exchange(RUN, FINISH, SeqCst, SeqCst)
            .is_ok();
        if !first {
            self.stage.store(ABORT, SeqCst);
        }
        first
    }

    /// An error that ends the run; the first one is told.
    pub fn fail(&self, error: RunError) {
        let mut first = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(error);
        drop(first);
        self.stage.store(ABORT, SeqCst);
    }

    /// No chunk is begun any more.
    pub fn stopping(&self) -> bool {
        self.stage.load(SeqCst) != RUN
    }

    /// Nothing is sent any more.
    pub fn aborted(&self) -> bool {
        self.stage.load(SeqCst) == ABORT
    }

    /// The error that ended the run.
    pub fn error(&self) -> Option<RunError> {
        self.error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The signal that ended the run.
    pub fn signalled(&self) -> Option<Signal> {
        *self.signal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    #[test]
    fn the_first_signal_finishes_and_the_second_aborts() {
        let control = Control::default();
        assert!(control.signal(Signal::Interrupt));
        assert!(control.stopping() && !control.aborted());
        assert!(!control.signal(Signal::Interrupt));
        assert!(control.aborted());
        assert_eq!(control.signalled(), Some(Signal::Interrupt));
    }

    #[test]
    fn the_first_error_is_told() {
        let control = Control::default();
        control.fail(RunError::new(Code::WriteFailed, "first"));
        control.fail(RunError::new(Code::WriteFailed, "second"));
        assert_eq!(control.error().expect("an error").message, "first");
        assert!(control.aborted());
    }
}
