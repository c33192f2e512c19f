//! `backfill retry-failed`: rejected rows once more.

use std::sync::Arc;

use serde_json::json;

use super::show;
use crate::cli::args::Format;
use crate::cli::backfill_args::RetryArgs;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::plan::model::BackfillSpec;
use crate::run::engine::Control;
use crate::run::load::{Options, retry_failed};
use crate::run::spec::{self, Loaded};

/// Runs the command.
pub fn run(args: &RetryArgs, console: Console) -> Result<Exit, Failure> {
    let loaded: Loaded<BackfillSpec> = spec::read(&args.spec)?;
    let options = Options {
        state: args.state.clone(),
        fresh: false,
        resume: true,
        reload: false,
        plan_only: false,
        shard: None,
        max_errors: None,
        write_time: None,
        fresh_scn: false,
        allow_old: false,
        files: None,
        whole: false,
        show: show(args.progress, console),
    };
    let done = retry_failed(&loaded, &options, &Arc::new(Control::default()))?;
    let text = match console.format {
        Format::Json => {
            let text = json!({
                "table": loaded.spec.table, "rows": done.rows, "loaded": done.loaded,
                "rejected": done.rejected, "without_cells": done.without_cells,
            });
            format!("{text}\n")
        }
        Format::Text => format!(
            "{}: {} rejected rows: {} loaded now, {} rejected again, {} without cells to load\n",
            loaded.spec.table, done.rows, done.loaded, done.rejected, done.without_cells
        ),
    };
    console.print(&text)?;
    match done.rejected + done.without_cells {
        0 => Ok(Exit::Done),
        _ => Ok(Exit::FailOn),
    }
}
