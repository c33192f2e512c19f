//! `sink` on the command line, as the user wrote it.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::backfill_args::ProgressForm;

/// `sink`.
#[derive(Clone, Debug, ClapArgs)]
pub struct SinkArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SinkCommand,
}

/// What to do with a sink.
#[derive(Clone, Debug, Subcommand)]
pub enum SinkCommand {
    /// Carry topics into tables, until stopped
    #[command(after_help = "\
Examples:
  ora2stream sink run out/sink/ora2stream.toml
  ora2stream sink run out/sink/*.toml --until-caught-up --progress json
  ora2stream sink run out/sink/ora2stream.toml --metrics 9187

Start more of them, on any machine, to share the work: up to one a partition. Each is a member of the specification's
consumer group; offsets are committed only behind acknowledged writes, and every write carries a write time that makes
it harmless when it comes again. Ctrl-C or SIGTERM writes and commits what was taken, then leaves the group.

What cannot be carried goes to the dead-letter topic, with its reason and place in headers; after a fix
`ora2stream sink replay` carries it once more.

Exit codes: 0 caught up; 1 caught up, some records rejected; 2 the specification does not fit; 3 too many records were
rejected; 4 a system is missing or refuses; 130 or 143 stopped in order, start again to go on.")]
    Run(RunSinkArgs),
    /// Carry the records of the dead-letter topic once more, after a fix
    #[command(after_help = "\
Each record keeps the write time that it would have had: it never takes the place of a later change. What is rejected
again goes to the end of the dead-letter topic. The consumer group is the specification's with -replay behind it; to
replay what was replayed before, set that group back with Kafka's own tools.

Exit codes: 0 all carried; 1 some rejected again; 2, 3, 4 as with `sink run`.")]
    Replay(ReplaySinkArgs),
    /// How far the group is in every partition, and how many dead letters wait
    Status(StatusSinkArgs),
}

/// `sink run`.
#[derive(Clone, Debug, ClapArgs)]
pub struct RunSinkArgs {
    /// Specifications (sink/*.toml)
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// End when everything that is in the topics now is written
    #[arg(long)]
    pub until_caught_up: bool,
    /// Stop when more records than this are rejected
    #[arg(long, value_name = "RECORDS")]
    pub max_errors: Option<u64>,
    /// Go on although records were deleted by retention before they were read
    #[arg(long)]
    pub accept_gap: bool,
    /// Tell numbers to Prometheus on this port of 127.0.0.1 (the next ports for further specifications)
    #[arg(long, value_name = "PORT")]
    pub metrics: Option<u16>,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = ProgressForm::Auto)]
    pub progress: ProgressForm,
}

/// `sink replay`.
#[derive(Clone, Debug, ClapArgs)]
pub struct ReplaySinkArgs {
    /// Specifications (sink/*.toml)
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// Stop when more records than this are rejected again
    #[arg(long, value_name = "RECORDS")]
    pub max_errors: Option<u64>,
    /// How progress is shown
    #[arg(long, value_enum, default_value_t = ProgressForm::Auto)]
    pub progress: ProgressForm,
}

/// `sink status`.
#[derive(Clone, Debug, ClapArgs)]
pub struct StatusSinkArgs {
    /// Specifications (sink/*.toml)
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
}
