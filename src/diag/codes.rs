//! The one table of diagnostic codes. A code is never reused and never changes its meaning;
//! `ora2stream explain CODE` prints the row. Residual reasons and rule codes live in their own rooms.

use super::Severity;

/// What `explain` prints of a code.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// The code, as users see it.
    pub code: &'static str,
    /// Short name in kebab case.
    pub name: &'static str,
    /// Severity of findings with it.
    pub severity: Severity,
    /// What it means and what to do, a few sentences.
    pub doc: &'static str,
}

macro_rules! codes {
    ($($variant:ident $code:literal $name:literal $severity:ident $doc:literal;)*) => {
        /// Every diagnostic code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $doc] $variant,)*
        }

        impl Code {
            /// All codes in table order.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The table row.
            pub fn info(self) -> CodeInfo {
                match self {
                    $(Code::$variant => CodeInfo {
                        code: $code, name: $name, severity: Severity::$severity, doc: $doc,
                    },)*
                }
            }
        }
    };
}

codes! {
    // --- S: reading files -------------------------------------------------------------
    Unreadable "S001" "unreadable-file" Error "A file could not be read. It is counted in the report, and nothing in it was analysed. Check permissions and run again.";
    DoubtfulEncoding "S002" "doubtful-encoding" Warning "The bytes of a file do not decode cleanly in the encoding that was chosen for it. Name the encoding in ora2stream.toml under [encodings] or with --encoding.";
    BinaryFile "S003" "binary-file" Info "A file that is not text was skipped. It is counted in the report.";
    HugeFile "S004" "file-too-large" Error "A file is larger than is read (2 GiB by `parse`; 256 MiB where an estate is analysed, whose trees are all held). It is counted in the report. Split it, or leave data out of the code.";
    FileChanged "S005" "file-changed" Warning "A file changed while it was read, several times over. What was read last is what was analysed. Run again when nothing writes to it.";
    // --- P: syntax ----------------------------------------------------------------------
    Syntax "P001" "syntax-error" Error "The text is not what the grammar allows here. The statement around it is kept as unparsed, with its place; everything else is read.";
    Unterminated "P002" "unterminated" Error "A string, comment or quoted name does not end inside its compilation unit.";
    TooDeep "P003" "nesting-too-deep" Error "Nesting goes beyond what is read (expressions, blocks or queries inside each other). The construct is kept as unparsed.";
    MissingEnd "P004" "missing-end" Error "A block, IF, LOOP or CASE has no END. It was closed where the surrounding code shows that it must have ended.";
    Wrapped "P005" "wrapped-unit" Warning "The source is wrapped (obfuscated by Oracle's wrap utility). It is recognised and reported; its text cannot be analysed. Supply the clear source.";
    IncludeMissing "P006" "include-missing" Warning "A script includes a file with @, @@ or START that is not part of the input, whose name is made of a substitution variable, or that includes the script in turn.";
    NotSql "P007" "not-sql" Error "The file does not look like SQL or PL/SQL.";
    UnitTooLarge "P008" "unit-too-large" Error "One statement or PL/SQL unit has more tokens than are read (16 million). It is kept as unparsed; everything else is read. Split it; rows of data are better loaded from a file.";
    // --- C: catalogue -------------------------------------------------------------------
    DuplicateObject "C001" "duplicate-object" Warning "The same object is created twice. The last definition in path order is used; both are counted.";
    UnknownTable "C002" "unknown-table" Warning "A table is used but neither created in the input nor in a dictionary export. Add its DDL or a columns.csv export.";
    MissingSpec "C003" "missing-spec" Info "A package body has no specification in the input; all its routines are taken as callable.";
    ScheduleTarget "C004" "schedule-target-missing" Warning "A schedule names code that is not in the input.";
    DictionaryRow "C005" "dictionary-row" Warning "A row of a dictionary export could not be used.";
    ParameterUnbound "C006" "parameter-unbound" Info "A parameter of an entry point is bound by no schedule that was found.";
    Contradiction "C007" "contradiction" Warning "Two sources of the catalogue disagree: DDL and a dictionary export, or two statements of the DDL. The message says which of them is used.";
    CyclicDefinition "C008" "cyclic-definition" Warning "Views or synonyms are defined by each other in a ring. What they stand for stays unknown; everything else is read.";
    ScheduleUnread "C009" "schedule-not-understood" Warning "A schedule or a part of one (a job's action, a script's statements) could not be read as the start of known code. The job is reported with what is missing.";
    NoSchedule "C010" "no-schedule" Info "No schedule was found in the input: every public routine that nobody calls is taken for a job. Name the entry points in ora2stream.toml, or add the scheduler's export.";
    ScheduleFileMissing "C011" "schedule-file-missing" Warning "A file named under [schedule] files in ora2stream.toml is not part of the input.";
    SchemaAssumed "C012" "schema-assumed" Warning "A name leads to no object by Oracle's rules, and was taken to mean the only object of the input that it can mean: one whose CREATE names no schema, or whose synonym is not in the input.";
    TableInferred "C013" "table-inferred" Warning "A table is used and defined nowhere in the input. Its columns, their types and its key are taken from the code that uses it; every write that rests on them says so.";
    // --- F: meaning ---------------------------------------------------------------------
    Residual "F001" "residual" Warning "A statement is not planned as a stream. The report says why, what would unlock it, and the fallback.";
    Assumption "F002" "assumption" Info "A write is planned under an assumption that the text alone does not prove. The report names it and the question for the owner.";
    StateGrows "F003" "state-grows" Info "A stream job keeps state that grows with the data. Size the cluster for it; a state TTL shorter than the update horizon would give wrong results.";
    BehavesDifferently "F004" "behaves-differently" Info "The stream holds something else than the batch would have left, on purpose. The message says what.";
    HiddenErrors "F005" "hidden-errors" Warning "A handler catches every error and does nothing, so that rows are lost in silence. Decide what happens to such rows on the stream: a dead-letter topic, or a stop.";
    // --- L: rules -----------------------------------------------------------------------
    RuleUnknownFact "L001" "rule-unknown-fact" Error "A rule uses a fact that is not in the vocabulary. The message suggests the nearest ones.";
    RuleInvalid "L002" "rule-invalid" Error "A rule file cannot be read or contradicts itself or another rule.";
    // --- G: gate and generation -----------------------------------------------------------
    GateFailed "G001" "gate-failed" Error "The completeness gate does not add up: something that was read is not reported. This is a defect of ora2stream; please report it.";
    EmitUnsupported "G002" "emit-unsupported" Error "An emitter met a plan item that it cannot write. This is a defect of ora2stream or of an edited plan.json.";
    // --- R: running loads -----------------------------------------------------------------
    SpecInvalid "R001" "spec-invalid" Error "A backfill, sink or verify specification cannot be read. The message names the key and suggests the nearest known one.";
    SpecVersion "R002" "spec-version" Error "A specification was written by another version of ora2stream. Generate it again from the plan.";
    LoadLocked "R003" "load-locked" Error "Another run is at work on the same manifest. Wait for it to end; two runs on one manifest would count each other's chunks.";
    LoadForeign "R004" "load-of-other-spec" Error "The manifest belongs to another specification: table, target, source or columns differ from what it was started with. Put the specification back, or start anew in another state folder with --state.";
    LoadDamaged "R005" "manifest-damaged" Error "A record in the middle of the manifest does not read back as written: the disk or an editor changed it. Start anew in another state folder; loads are idempotent.";
    LoadStarted "R006" "load-started-before" Error "The state folder holds a load that was started before. Go on with it with `backfill resume`, or start anew with `backfill run --fresh` or another --state.";
    Unreachable "R007" "system-unreachable" Error "A system outside does not answer. The message names it and its address.";
    LoginRefused "R008" "login-refused" Error "A system outside refuses the user or the password, or the user lacks a right.";
    TargetMissing "R009" "target-missing" Error "The keyspace, table or topic that the specification names does not exist. Create it with the generated schema.cql or topics.sh first.";
    TargetChanged "R010" "target-changed" Error "The live table is not what the specification was made for: a column or its type differs. Bring the schema up to date, or generate the specification again from the plan.";
    RowsRejected "R011" "rows-rejected" Warning "Some rows were not loaded. Each is in the dead letter file with column, reason, raw text and place. Put the cause right, then `backfill retry-failed`; of a sink they are in its dead-letter topic, and `sink replay` carries them once more.";
    TooManyErrors "R012" "too-many-errors" Error "More rows were rejected than the limit allows, and the load stopped. Look at the dead letter file: so many errors mostly have one cause. `backfill resume` goes on afterwards.";
    WriteFailed "R013" "write-failed" Error "The target refused a write, or did not acknowledge it for as long as the specification waits. What was acknowledged counts; `backfill resume` goes on with the rest.";
    StateFailed "R014" "state-not-written" Error "The manifest, the dead letter file or an output file cannot be written (disk full, read-only, no permission). The load stopped; `backfill resume` goes on when there is room.";
    Stopped "R015" "stopped" Warning "The load was stopped by a signal after its open chunks were finished. `backfill resume` goes on.";
    TooOld "R016" "load-too-old" Error "The write time of this load is older than 80% of the table's gc_grace_seconds: a delete that came later may have been forgotten by the server, and old rows would come back. Start anew with `backfill run --fresh`.";
    NotDurable "R017" "not-durable" Warning "The server acknowledges rows before they are on disk (commitlog_sync is not batch or group) and keeps one copy of each: if it is killed, acknowledged rows are lost. Run `backfill verify` after the load.";
    WriteTimeUnsafe "R018" "write-time-unsafe" Error "The write time of the load lies in the future: it would hide every later write and delete of these rows until the table is truncated. Check the clock of this machine and --write-time.";
    RecordsLost "R019" "records-lost" Error "Records of a topic were deleted by its retention before the sink read them: the table lacks what they held. Load the table again, then start the sink with --accept-gap; give the topic a longer retention.";
    // --- V: proofs ---------------------------------------------------------------------------
    ProveUnsupported "V001" "prove-unsupported" Warning "`prove` met a construct that its interpreter does not run. It never guesses: the job is reported as not provable. Compare the job's results with `verify` in a parallel run.";
    ProveMissing "V002" "prove-missing-object" Warning "`prove` met a name that leads nowhere: a table, routine, sequence or variable that is not in the input. Add its definition to the input.";
    ProveFuel "V003" "prove-out-of-fuel" Warning "A run of the batch took more steps than --fuel allows: an endless loop, a join without a condition, or a large computation. Raise --fuel, or look at the place that is named.";
    ProveMemory "V004" "prove-out-of-memory" Warning "A run of the batch needed more memory than --max-memory allows. Raise it, or look at the place that is named.";
    ProveDepth "V005" "prove-too-deep" Warning "Calls or expressions are nested more deeply than `prove` follows, as in a recursion without an end.";
    ProveSyntax "V006" "prove-not-parsed" Warning "`prove` reached code that could not be parsed, or a dynamic text that is no statement.";
    Refuted "V007" "refuted" Error "The batch and its plan give different results on a database that is printed. Either the plan is wrong or an assumption does not hold: do not migrate the job before this is understood.";
    // --- U: usage and configuration -------------------------------------------------------
    NoSuchPath "U001" "no-such-path" Error "The input path does not exist.";
    NothingToRead "U002" "nothing-to-read" Error "The input holds no file that looks like SQL.";
    ConfigInvalid "U003" "config-invalid" Error "ora2stream.toml, --set or an argument is not valid. The message names the key and suggests the nearest known one.";
    ForeignOutput "U004" "foreign-output" Error "The output folder holds files that ora2stream did not write. Use another folder, or --force to write beside them.";
    OutputFailed "U005" "output-failed" Error "The output cannot be written (disk full, read-only, no permission). No half-written file is left.";
    PlanVersion "U006" "plan-version" Error "plan.json was written by another version of ora2stream. Make it again with `ora2stream plan`.";
    PlanInvalid "U007" "plan-invalid" Error "plan.json cannot be read.";
    UnknownCode "U008" "unknown-code" Error "There is no such rule or diagnostic code.";
    EngineMissing "U009" "engine-missing" Error "This build was made without a Cargo feature that the command needs.";
    OutputEdited "U010" "output-edited" Warning "Files in the output folder were edited since the last run. They were kept and the new text stands beside them as NAME.new. Merge it; --force accepts the edits as they are.";
    OutputLocked "U011" "output-locked" Error "Another run is writing to the same output folder. Wait for it to end.";
    // --- D: data of loads: sources, conversions, comparison ---------------------------------
    SourceUnreadable "D001" "source-unreadable" Error "A file of a load cannot be read. Check the path and its permissions, then resume.";
    SpecMismatch "D002" "spec-mismatch" Error "A load's specification does not fit its source or its target: a column that is not there, types that do not convert, an option that contradicts another. The message names it.";
    SourceChanged "D003" "source-changed" Error "The source of a load is not what it was when the load was planned. Put it back, or start a new load with another state directory.";
    OracleClientMissing "D004" "oracle-client-missing" Error "Oracle's client libraries cannot be loaded. Install Oracle Instant Client and put its folder on the library path, or export the table as CSV, which needs no client.";
    SecretMissing "D005" "secret-missing" Error "An environment variable that the specification names for a secret is not set.";
    SnapshotTooOld "D006" "snapshot-too-old" Error "Oracle cannot read as of the load's SCN any more (ORA-01555, ORA-08181). Raise UNDO_RETENTION or use smaller chunks; with change capture running since before, a chunk may be read at a fresh SCN.";
    OracleLost "D007" "oracle-session-lost" Error "The session to Oracle was lost and could not be restored. Resume goes on from the open chunks.";
    OracleRefused "D008" "oracle-refused" Error "Oracle refuses: wrong user or password, a missing privilege, or an unknown table. The message holds Oracle's own words.";
    ConversionUnknown "D009" "conversion-unknown" Error "There is no conversion between the Oracle type and the CQL type of a column, or an expression of a derived column cannot be evaluated outside Oracle. Change the column, or leave it out.";
    Mismatch "D010" "mismatch" Error "Source and target hold different rows. The report names them by key and column.";
    Defect "G003" "defect" Error "ora2stream met a state that it should not be in. This is a defect of ora2stream; please report it with the message.";
}

impl Code {
    /// The code as users see it, for example `P001`.
    pub fn as_str(self) -> &'static str {
        self.info().code
    }

    /// Finds a code by what a user typed, in any case.
    pub fn find(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|c| {
            let i = c.info();
            i.code.eq_ignore_ascii_case(text) || i.name.eq_ignore_ascii_case(text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_names_are_unique_and_documented() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|c| c.info().code).collect();
        let names: BTreeSet<_> = Code::ALL.iter().map(|c| c.info().name).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        assert_eq!(names.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|c| c.info().doc.len() > 20));
    }
}
