//! The command line as typed data: what the user wrote, not yet what it means.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::backfill_args::BackfillArgs;
use super::sink_args::SinkArgs;
use super::version;

/// Moves Oracle PL/SQL batch systems to event streams.
#[derive(Debug, Parser)]
#[command(name = "ora2stream", version, long_version = version::long(), about, max_term_width = 100)]
#[command(after_help = "\
Examples:
  ora2stream migrate estate/ --out out/         read an estate, write the new system and the report
  ora2stream parse estate/ --json               what was read, and what was not
  ora2stream explain P001                       what a code means

Exit codes: 0 done; 1 something to fail on was found; 2 usage or configuration; 3 input unusable;
4 a system outside is missing; 5 output cannot be written; 70 a defect of ora2stream.")]
pub struct Args {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, ClapArgs)]
pub struct Global {
    /// Form of what is printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Print errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Language of the report
    #[arg(long, global = true, value_enum, default_value_t = Lang::En)]
    pub lang: Lang,
    /// Colours in diagnostics
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

/// Output forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: one JSON document, diagnostics as one JSON object a line.
    Json,
}

/// Languages of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// Japanese.
    Ja,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read an estate and write the new system and the report
    #[command(after_help = "\
Examples:
  ora2stream migrate samples/retail --out out/retail
  ora2stream migrate estate/ --out out/ --set kafka.bootstrap=broker:9092 --lang ja
  ora2stream migrate estate/ --out out/ --fail-on residual,parse-error")]
    Migrate(MigrateArgs),
    /// Read only: what was understood of each file, and what was not
    #[command(after_help = "\
Examples:
  ora2stream parse estate/ --json
  ora2stream parse package.pkb --tree
  cat query.sql | ora2stream parse - --tree")]
    Parse(ParseArgs),
    /// Catalogue, jobs, flows and the report; nothing is generated
    #[command(after_help = "Example:\n  ora2stream analyze estate/ --out out/")]
    Analyze(AnalyzeArgs),
    /// Write the migration plan alone
    #[command(after_help = "Example:\n  ora2stream plan estate/ --out plan.json")]
    Plan(PlanArgs),
    /// Run each batch job as written, and its plan, on the same random data, and compare
    #[command(after_help = "\
Examples:
  ora2stream prove samples/retail
  ora2stream prove estate/ --job daily_sales --cases 1000 --seed 7
  ora2stream prove estate/ --format json --fail-on not-provable")]
    Prove(ProveArgs),
    /// Write the new system from a plan, also from one that was edited by hand
    #[command(after_help = "\
Examples:
  ora2stream generate plan.json --out out/
  ora2stream generate plan.json --out out/ --only kafka,flink")]
    Generate(GenerateArgs),
    /// One-shot loads: Oracle or exported files into Cassandra and Kafka
    Backfill(BackfillArgs),
    /// Kafka topics into Cassandra tables, until stopped
    Sink(SinkArgs),
    /// Compare source and target: a load's (backfill/*.toml) or a batch's own output (verify/*.toml)
    #[command(after_help = "\
Examples:
  ora2stream verify out/verify/daily_sales.toml --until 2024-04-01
  ora2stream verify out/backfill/orders.toml --format json

Both sides are summed in 4,096 buckets of the key; what differs is read row by row, looked up once more, and
told by key and column. The source goes through the conversions that a load writes with. Comparing with a live
Oracle database has never been run by the makers; with files it is tested.
Exit codes: 0 equal; 1 not equal; 2 the specification does not fit; 3, 4 a side cannot be read.")]
    Verify(VerifyArgs),
    /// What a rule or diagnostic code means and what to do about it
    #[command(after_help = "\
Examples:
  ora2stream explain P001
  ora2stream explain            list all codes")]
    Explain(ExplainArgs),
    /// Compare two runs: writes, jobs and residuals that came, went or changed
    #[command(after_help = "\
Examples:
  ora2stream diff out/before out/after
  ora2stream diff before/report/report.json after/report/report.json --format json")]
    Diff(DiffArgs),
    /// Completions for a shell
    #[command(
        after_help = "Example:\n  ora2stream completions bash > /etc/bash_completion.d/ora2stream"
    )]
    Completions(CompletionsArgs),
}

/// What is read, and how.
#[derive(Clone, Debug, ClapArgs)]
pub struct InputArgs {
    /// A folder with an ora2stream.toml, or any folder or file of SQL
    pub input: PathBuf,
    /// Set a key of ora2stream.toml, for example kafka.bootstrap=broker:9092 (may be repeated)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Encoding of all files, for example Shift_JIS or JA16SJIS (default: found out a file)
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Folder of rules that are layered over the built-in ones
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
}

/// What ends with exit code 1.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct FailOnArgs {
    /// End with exit code 1 if there is any of these
    #[arg(long, value_name = "LIST", value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,
}

/// Things that a user may want to fail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A write that stays for people.
    Residual,
    /// A write planned under an assumption.
    Assumed,
    /// A write in text that was not understood.
    Unparsed,
    /// Any syntax error.
    ParseError,
    /// A file that could not be read.
    Unreadable,
    /// A job that `prove` cannot run.
    NotProvable,
}

/// Where files go.
#[derive(Clone, Debug, ClapArgs)]
pub struct OutArgs {
    /// Output folder
    #[arg(long, short, value_name = "DIR")]
    pub out: PathBuf,
    /// Write into a folder that holds other files too; they are kept, and new text goes to NAME.new
    #[arg(long)]
    pub force: bool,
}

/// Which emitters run.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct OnlyArgs {
    /// Write only these parts, for example kafka,flink
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Stream engine to generate for (default: all)
    #[arg(long, value_enum)]
    pub engine: Option<Engine>,
}

/// Stream engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Flink SQL.
    Flink,
    /// PySpark Structured Streaming.
    Spark,
}

/// `migrate`.
#[derive(Clone, Debug, ClapArgs)]
pub struct MigrateArgs {
    /// Input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Output.
    #[command(flatten)]
    pub out: OutArgs,
    /// Parts.
    #[command(flatten)]
    pub only: OnlyArgs,
    /// Run each batch and its plan on the same data and compare; the report says what was found
    #[arg(long)]
    pub prove: bool,
    /// How much is proved.
    #[command(flatten)]
    pub proof: ProofArgs,
    /// Failing.
    #[command(flatten)]
    pub fail_on: FailOnArgs,
}

/// `parse`.
#[derive(Clone, Debug, ClapArgs)]
pub struct ParseArgs {
    /// Files or folders; `-` reads standard input
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// One JSON object a file, then a summary
    #[arg(long, conflicts_with = "tree")]
    pub json: bool,
    /// Print the typed tree with spans
    #[arg(long)]
    pub tree: bool,
    /// Also list the files that were not read, and why
    #[arg(long, conflicts_with = "tree")]
    pub skipped: bool,
    /// Encoding of all files (default: found out a file)
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Failing.
    #[command(flatten)]
    pub fail_on: FailOnArgs,
}

/// `analyze`.
#[derive(Clone, Debug, ClapArgs)]
pub struct AnalyzeArgs {
    /// Input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Output.
    #[command(flatten)]
    pub out: OutArgs,
    /// Failing.
    #[command(flatten)]
    pub fail_on: FailOnArgs,
}

/// `plan`.
#[derive(Clone, Debug, ClapArgs)]
pub struct PlanArgs {
    /// Input.
    #[command(flatten)]
    pub input: InputArgs,
    /// The plan file to write; `-` writes to standard output
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a plan file that is there and differs
    #[arg(long)]
    pub force: bool,
    /// Failing.
    #[command(flatten)]
    pub fail_on: FailOnArgs,
}

/// How much is proved.
#[derive(Clone, Debug, ClapArgs)]
pub struct ProofArgs {
    /// Databases a job group [default: 200; with --data 10 sequences of changes]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    pub cases: Option<u64>,
    /// Folder with a CSV file a table (TABLE.csv or SCHEMA.TABLE.csv, columns by their names): the rows before the
    /// first run, instead of random ones
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Seed of the databases: the same seed gives the same databases
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Rounds of changes after the first comparison of a database
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub rounds: usize,
    /// Steps that one run of a batch may take
    #[arg(long, value_name = "STEPS", default_value_t = 50_000_000)]
    pub fuel: u64,
    /// Megabytes that the data of one run may take
    #[arg(long, value_name = "MB", default_value_t = 1024)]
    pub max_memory: usize,
}

/// `prove`.
#[derive(Clone, Debug, ClapArgs)]
pub struct ProveArgs {
    /// Input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Only this stream job, group or scheduled job
    #[arg(long, value_name = "NAME")]
    pub job: Option<String>,
    /// How much.
    #[command(flatten)]
    pub proof: ProofArgs,
    /// Failing.
    #[command(flatten)]
    pub fail_on: FailOnArgs,
}

/// `generate`.
#[derive(Clone, Debug, ClapArgs)]
pub struct GenerateArgs {
    /// The plan
    pub plan: PathBuf,
    /// Output.
    #[command(flatten)]
    pub out: OutArgs,
    /// Parts.
    #[command(flatten)]
    pub only: OnlyArgs,
    /// Set a connection setting of the plan, for example kafka.bootstrap=broker:9092 (may be repeated)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `verify` and `backfill verify`.
#[derive(Clone, Debug, ClapArgs)]
pub struct VerifyArgs {
    /// Specifications (verify/*.toml, backfill/*.toml)
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// Compare only rows whose period (closed_periods_of) lies before this date
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Rows that differ and are told in full; beyond, buckets are counted
    #[arg(long, value_name = "ROWS", default_value_t = 10_000)]
    pub max_differences: usize,
    /// Rows that differ and are shown as text; --format json shows all
    #[arg(long, value_name = "ROWS", default_value_t = 20)]
    pub show: usize,
    /// Seconds before what differs is looked up once more
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    pub settle: u64,
    /// Mark the chunks of missing and different rows as not done, so that `backfill resume` loads them again
    #[arg(long)]
    pub reopen: bool,
    /// State folder of the load, where it is not beside the specification
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

/// `explain`.
#[derive(Clone, Debug, ClapArgs)]
pub struct ExplainArgs {
    /// A code or its name; without one, all codes are listed
    pub code: Option<String>,
    /// Folder of rules that are layered over the built-in ones
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
}

/// `diff`.
#[derive(Clone, Debug, ClapArgs)]
pub struct DiffArgs {
    /// Output folder, report.json or plan.json of the older run
    pub old: PathBuf,
    /// The same of the newer run
    pub new: PathBuf,
    /// End with exit code 1 if the runs differ
    #[arg(long)]
    pub exit_code: bool,
}

/// `completions`.
#[derive(Clone, Debug, ClapArgs)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        super::Args::command().debug_assert();
    }
}
