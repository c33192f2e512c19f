//! Fact names in rule files: the kebab-case form of the vocabulary's variants.

use crate::dataflow::model::Fact;

macro_rules! vocabulary {
    ($($fact:ident $name:literal,)*) => {
        /// All facts with their names; the match below fails to compile when one is missing.
        pub const ALL: &[(Fact, &str)] = &[$((Fact::$fact, $name),)*];

        /// The name of a fact.
        pub fn fact_name(fact: Fact) -> &'static str {
            match fact {
                $(Fact::$fact => $name,)*
            }
        }
    };
}

vocabulary! {
    InsertsQuery "inserts-query",
    UpsertsByKey "upserts-by-key",
    InsertsMissingKeys "inserts-missing-keys",
    AddsToOldValue "adds-to-old-value",
    EmptiesTargetBefore "empties-target-before",
    DeletesPeriodBefore "deletes-period-before",
    PairedDelete "paired-delete",
    TargetKeyKnown "target-key-known",
    RowsUniqueByKey "rows-unique-by-key",
    NoSelfRead "no-self-read",
    Deterministic "deterministic",
    PeriodRemoved "period-removed",
    NoPeriod "no-period",
    PeriodPartitions "period-partitions",
    EveryPeriodRuns "every-period-runs",
    CommitAtomicity "commit-atomicity",
    SourceKeysKnown "source-keys-known",
    NamesResolved "names-resolved",
    FunctionsKnown "functions-known",
    LoopIndependent "loop-independent",
    LookupUnique "lookup-unique",
    ControlTable "control-table",
    AutonomousTransaction "autonomous-transaction",
    FreezesOnPurpose "freezes-on-purpose",
    DynamicTextKnown "dynamic-text-known",
    TargetHasTriggers "target-has-triggers",
    OtherWriters "other-writers",
    TableInferred "table-inferred",
    KeyAssumed "key-assumed",
    EachRowOnce "each-row-once",
    QueueConsumed "queue-consumed",
    SourceRowsFinal "source-rows-final",
    OpeningBalance "opening-balance",
    UpdatesInPlace "updates-in-place",
    SurrogateKey "surrogate-key",
    RunValuesFollowed "run-values-followed",
    ErrorRows "error-rows",
    Retention "retention",
    FilesOut "files-out",
    DisjointWriters "disjoint-writers",
}

/// The fact of a name.
pub fn fact_from_name(name: &str) -> Option<Fact> {
    ALL.iter().find(|(_, n)| *n == name).map(|(f, _)| *f)
}

/// The nearest known name, if one is near.
pub fn nearest(name: &str) -> Option<&'static str> {
    let near = |n: &&str| strsim::jaro_winkler(n, name);
    let best = ALL
        .iter()
        .map(|(_, n)| *n)
        .max_by(|a, b| near(a).total_cmp(&near(b)))?;
    (near(&best) > 0.75).then_some(best)
}
