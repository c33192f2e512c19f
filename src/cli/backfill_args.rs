//! `backfill` on the command line, as the user wrote it.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::args::VerifyArgs;

/// `backfill`.
#[derive(Clone, Debug, ClapArgs)]
pub struct BackfillArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: BackfillCommand,
}

/// What to do with a load.
#[derive(Clone, Debug, Subcommand)]
pub enum BackfillCommand {
    /// Load from the beginning
    #[command(after_help = "\
Examples:
  ora2stream backfill run out/backfill/*.toml          all loads, parents first
  ora2stream backfill run orders.toml --dry-run        the first rows as they would be written
  ora2stream backfill run orders.toml --rows-per-second 5000 --progress json

Files are read as RFC 4180, SQL*Plus SET MARKUP CSV or SQLcl UNLOAD, or as the keys of [source] say. Reading from a
live Oracle database has never been run by the makers: statements and errors are tested against a script that stands
in for it. Try --dry-run first.

Several machines: `backfill run orders.toml --plan-only` on one of them, copy the specification and its
.state folder to the others, then `backfill resume orders.toml --shard 1/3` (2/3, 3/3) on each.

Exit codes: 0 all rows loaded; 1 loaded, some rows rejected; 2 the specification or the state does not fit;
3 the source cannot be used, or too many rows were rejected; 4 a system is missing or refuses; 5 the state
cannot be written; 130 or 143 stopped in order, go on with `backfill resume`.")]
    Run(RunArgs),
    /// Go on with a load that was stopped, killed or failed
    Resume(RunArgs),
    /// What was loaded, what was rejected, what is open
    Status(StatusArgs),
    /// Load rejected rows again, after a fix of the specification, the target, or the rows in the dead letter file
    #[command(after_help = "\
Each line of dead-letter.jsonl holds the cells of its row under \"row\": edit them there, or put the cause
right elsewhere. Records that could not be taken apart have no \"row\": add one, or they stay.")]
    RetryFailed(RetryArgs),
    /// Compare what was read with what was written; exit code 1 if anything differs
    Verify(VerifyArgs),
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgressForm {
    /// A bar on a terminal, plain lines elsewhere.
    Auto,
    /// Plain lines.
    Lines,
    /// One JSON object a second.
    Json,
    /// Nothing.
    None,
}

/// `backfill run` and `backfill resume`.
#[derive(Clone, Debug, ClapArgs)]
pub struct RunArgs {
    /// Specifications (backfill/*.toml)
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// Folder for manifest and dead letters (default: SPEC.state beside the specification; with several
    /// specifications, a folder of folders)
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Begin anew, whatever the state folder holds
    #[arg(long)]
    pub fresh: bool,
    /// Load all chunks again, under the same write time: after the server lost rows that it had acknowledged
    #[arg(long, conflicts_with = "fresh")]
    pub reload: bool,
    /// Show the first rows as they would be written, and write nothing
    #[arg(long, value_name = "ROWS", num_args = 0..=1, default_missing_value = "5")]
    pub dry_run: Option<usize>,
    /// Write the manifest with its chunks, and load nothing
    #[arg(long)]
    pub plan_only: bool,
    /// Load only this machine's chunks, for example 2/3. Keys that come twice in chunks of several machines are
    /// found by `backfill verify` alone
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<(usize, usize)>,
    /// Stop when more rows than this are rejected
    #[arg(long, value_name = "ROWS")]
    pub max_errors: Option<u64>,
    /// Rows a second, at most
    #[arg(long, value_name = "ROWS")]
    pub rows_per_second: Option<u64>,
    /// Bytes a second, at most
    #[arg(long, value_name = "BYTES")]
    pub bytes_per_second: Option<u64>,
    /// Write time of all rows, microseconds since 1970 (default: when the source is read, less 5 seconds)
    #[arg(long, value_name = "MICROS")]
    pub write_time: Option<i64>,
    /// Read a chunk at a fresh SCN if its snapshot is gone (right only if change capture runs since before)
    #[arg(long)]
    pub fresh_scn: bool,
    /// Load although the write time is older than most of gc_grace_seconds
    #[arg(long)]
    pub allow_old: bool,
    /// Write JSON lines into this folder, a file a chunk, instead of the targets
    #[arg(long, value_name = "DIR")]
    pub to_files: Option<PathBuf>,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = ProgressForm::Auto)]
    pub progress: ProgressForm,
}

/// `backfill status`.
#[derive(Clone, Debug, ClapArgs)]
pub struct StatusArgs {
    /// Specifications
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// Folder for manifest and dead letters
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

/// `backfill retry-failed`.
#[derive(Clone, Debug, ClapArgs)]
pub struct RetryArgs {
    /// Specification
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// Folder for manifest and dead letters
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = ProgressForm::Auto)]
    pub progress: ProgressForm,
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let parsed = text.split_once('/').and_then(|(i, n)| {
        let (i, n) = (i.parse().ok()?, n.parse().ok()?);
        (1 <= i && i <= n).then_some((i, n))
    });
    parsed.ok_or_else(|| "I/N with 1 <= I <= N, for example 2/3".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_several() {
        assert_eq!(shard("2/3"), Ok((2, 3)));
        for wrong in ["0/3", "4/3", "2", "a/b", "/", "1/0"] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
