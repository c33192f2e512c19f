//! Arguments, tracing, exit code; nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;
use ora2stream::cli::args::Args;
use ora2stream::cli::exit::Exit;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_env("ORA2STREAM_LOG"))
        .with_writer(std::io::stderr)
        .init();
    report_panics();
    match catch_unwind(AssertUnwindSafe(|| ora2stream::cli::run(&args))) {
        Ok(exit) => exit.into(),
        Err(_) => Exit::Defect.into(),
    }
}

/// A panic is a defect of ours: say so, and where, without a stack trace that helps nobody.
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map(|l| format!(" ({}:{})", l.file(), l.line()));
        let payload = info.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let said = text.or(payload.downcast_ref::<&str>().copied());
        let said = said.unwrap_or("no message");
        eprintln!(
            "error[G003]: a defect of ora2stream: {said}{}\n  help: please report it with this message; nothing was left half-written",
            place.unwrap_or_default()
        );
    }));
}
