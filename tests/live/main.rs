//! Live tests: what we generate, run by the systems it is for.
//!
//! One binary starts each system lazily, once, from Maven jars and PyPI packages that it
//! keeps in a cache outside the checkout, and stops all of them at its end. What a machine
//! lacks (Java, Maven, Python, the network) leaves tests out with a line that says so;
//! `ORA2STREAM_LIVE=required` makes it a failure, `ORA2STREAM_LIVE=off` leaves all out.

mod backfill;
mod cases;
mod cassandra;
mod connect;
mod connect_worker;
mod exact;
mod flink;
mod harness;
mod kafka;
mod oracle;
mod postgres;
mod project;
mod retail;
mod settle;
mod sink;
mod spark;
mod stack;
mod table;
mod typed;
mod zeppelin;

use harness::{Live, Mode, Trouble};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use stack::Stack;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mode = match Mode::from_env() {
        Ok(mode) => mode,
        Err(text) => {
            eprintln!("{text}");
            return ExitCode::from(2);
        }
    };
    let stack = Arc::new(Stack::default());
    let trials = cases::all()
        .into_iter()
        .map(|(name, test)| trial(name, test, mode, Arc::clone(&stack)))
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(stack); // the last handle: stops the systems and removes their data
    conclusion.exit_code()
}

fn trial(name: &str, test: cases::Case, mode: Mode, stack: Arc<Stack>) -> Trial {
    let label = name.to_owned();
    Trial::ignorable_test(name, move || {
        if mode == Mode::Off {
            eprintln!("live: {label} left out: ORA2STREAM_LIVE=off");
            return Ok(Completion::ignored_with("ORA2STREAM_LIVE=off"));
        }
        let clock = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| test(&stack)));
        eprintln!("live: {label} took {:.1} s", clock.elapsed().as_secs_f32());
        conclude(outcome, mode, &label, &stack)
    })
}

/// Turns what a test came to into what the test runner understands.
fn conclude(
    outcome: std::thread::Result<Live<()>>,
    mode: Mode,
    label: &str,
    stack: &Stack,
) -> Result<Completion, Failed> {
    match outcome {
        Ok(Ok(())) => Ok(Completion::Completed),
        Ok(Err(Trouble::Missing(what))) if mode == Mode::Auto => {
            eprintln!("live: {label} LEFT OUT, this machine lacks: {what}");
            Ok(Completion::ignored_with(format!("missing: {what}")))
        }
        Ok(Err(trouble)) => Err(Failed::from(format!("{trouble}\n{}", stack.logs()))),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("panicked");
            Err(Failed::from(format!("{text}\n{}", stack.logs())))
        }
    }
}
