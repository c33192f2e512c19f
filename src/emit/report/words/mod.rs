//! Every word of the report that is ours, in every language. A word that lacks one does not compile. Names,
//! source text, and sentences that a rule or an analysis wrote are data and stay as they are.

pub(super) mod names;
mod ui;

pub use ui::Ui;

/// Languages of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ja => "ja",
        }
    }
}

/// Something that has a name in every language.
pub trait Label {
    /// The name.
    fn label(&self, lang: Lang) -> &'static str;
}

/// Names of the variants of a closed enum: `Variant "English" "Japanese";`.
macro_rules! labels {
    ($ty:ty { $($variant:ident $en:literal $ja:literal;)* }) => {
        impl $crate::emit::report::words::Label for $ty {
            fn label(&self, lang: $crate::emit::report::words::Lang) -> &'static str {
                match (self, lang) {
                    $((<$ty>::$variant, $crate::emit::report::words::Lang::En) => $en,
                      (<$ty>::$variant, $crate::emit::report::words::Lang::Ja) => $ja,)*
                }
            }
        }
        #[cfg(test)]
        inventory!($ty { $($variant $en $ja;)* });
    };
}

/// Lists the pairs for the test below.
#[cfg(test)]
macro_rules! inventory {
    ($ty:ty { $($variant:ident $en:literal $ja:literal;)* }) => {
        impl $crate::emit::report::words::Pairs for $ty {
            fn pairs() -> Vec<(&'static str, &'static str)> {
                vec![$(($en, $ja)),*]
            }
        }
    };
}

#[cfg(test)]
pub(crate) trait Pairs {
    fn pairs() -> Vec<(&'static str, &'static str)>;
}

#[cfg(test)]
use inventory;
use labels;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::model::*;
    use crate::plan::model::*;
    use crate::rel::*;

    /// Terms that are written alike in both languages.
    const ALIKE: &[&str] = &[
        "SQL",
        "Cassandra",
        "CRUD",
        "upsert",
        "DBMS_SCHEDULER",
        "DBMS_JOB",
        "crontab",
    ];

    #[test]
    fn every_word_is_there_in_both_languages() {
        let mut all = Ui::pairs();
        for pairs in [
            Outcome::pairs(),
            WriteClass::pairs(),
            ResidualReason::pairs(),
            Fallback::pairs(),
            ProofVerdict::pairs(),
            CommitPattern::pairs(),
            RerunClass::pairs(),
            RerunCause::pairs(),
            JobVerdict::pairs(),
            ScheduleSource::pairs(),
            SideEffectKind::pairs(),
            FindingClass::pairs(),
            TopicRole::pairs(),
            EffortKind::pairs(),
            Hint::pairs(),
            UnitStatus::pairs(),
        ] {
            all.extend(pairs);
        }
        for (en, ja) in all {
            assert!(!en.is_empty() && !ja.is_empty(), "{en:?} {ja:?}");
            assert!(en.is_ascii(), "not English: {en}");
            assert!(
                !ja.is_ascii() || ALIKE.contains(&ja),
                "not translated: {en} / {ja}"
            );
        }
    }

    #[test]
    fn placeholders_agree() {
        for (en, ja) in Ui::pairs() {
            assert_eq!(en.matches("{}").count(), ja.matches("{}").count(), "{en}");
        }
    }
}
