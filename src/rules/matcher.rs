//! Facts against conditions. Conditions are parsed once, at loading.

use super::facts::{fact_from_name, nearest};
use super::schema::{Builder, Rule, When};
use crate::dataflow::model::{Fact, Facts, Status};
use crate::plan::model::Confidence;

/// What a rule decided of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Code of the rule.
    pub rule: String,
    /// What is built.
    pub builder: Builder,
    /// How sure: the rule's confidence, lowered where facts are assumed.
    pub confidence: Confidence,
    /// The rule's rationale.
    pub rationale: String,
}

/// A condition on one fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    fact: Fact,
    status: Option<Status>,
}

impl Condition {
    /// Reads `fact` or `fact:status`. The error is a sentence with a suggestion.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, status) = match text.split_once(':') {
            None => (text, None),
            Some((name, "proved")) => (name, Some(Status::Proved)),
            Some((name, "assumed")) => (name, Some(Status::Assumed)),
            Some((name, "failed")) => (name, Some(Status::Failed)),
            Some((_, other)) => {
                return Err(format!(
                    "`{other}` is not a status: proved, assumed or failed"
                ));
            }
        };
        let fact = fact_from_name(name).ok_or_else(|| unknown(name))?;
        Ok(Self { fact, status })
    }

    fn holds(self, facts: &Facts) -> bool {
        let found = facts.get(&self.fact).map(|e| e.status);
        match (self.status, found) {
            (None, Some(Status::Proved | Status::Assumed)) => true,
            (None, Some(Status::Failed) | None) => false,
            (Some(want), found) => found == Some(want),
        }
    }

    /// True when no set of facts fulfils both.
    fn excludes(self, other: Condition) -> bool {
        let differ = |a: Status, b: Option<Status>| match b {
            Some(b) => a != b,
            None => a == Status::Failed,
        };
        self.fact == other.fact
            && match (self.status, other.status) {
                (Some(a), b) => differ(a, b),
                (None, Some(b)) => differ(b, None),
                (None, None) => false,
            }
    }

    /// True when whatever fulfils `self` fulfils `other` too.
    fn implies(self, other: Condition) -> bool {
        self.fact == other.fact
            && match (self.status, other.status) {
                (a, b) if a == b => true,
                (Some(Status::Proved | Status::Assumed), None) => true,
                (Some(_) | None, _) => false,
            }
    }
}

fn unknown(name: &str) -> String {
    match nearest(name) {
        Some(near) => format!("there is no fact `{name}`; did you mean `{near}`?"),
        None => format!("there is no fact `{name}`"),
    }
}

/// A rule with its conditions parsed.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The rule.
    pub rule: Rule,
    all: Vec<Condition>,
    any: Vec<Condition>,
    none: Vec<Condition>,
}

impl Compiled {
    /// Parses the conditions.
    pub fn new(rule: Rule) -> Result<Self, String> {
        let list = |l: &[String]| {
            l.iter()
                .map(|t| Condition::parse(t))
                .collect::<Result<Vec<_>, _>>()
        };
        let When { all, any, none } = &rule.when;
        let (all, any, none) = (list(all)?, list(any)?, list(none)?);
        Ok(Self {
            rule,
            all,
            any,
            none,
        })
    }

    /// True when the conditions hold.
    pub fn matches(&self, facts: &Facts) -> bool {
        self.all.iter().all(|c| c.holds(facts))
            && (self.any.is_empty() || self.any.iter().any(|c| c.holds(facts)))
            && !self.none.iter().any(|c| c.holds(facts))
    }

    /// The decision, with the confidence lowered by assumptions that the rule rests on.
    pub fn decide(&self, facts: &Facts) -> Decision {
        let assumed = facts.values().any(|e| e.status == Status::Assumed);
        let confidence = match (self.rule.confidence, assumed) {
            (Confidence::Certain, true) => Confidence::Likely,
            (c, _) => c,
        };
        Decision {
            rule: self.rule.code.clone(),
            builder: self.rule.builder,
            confidence,
            rationale: self.rule.rationale.clone(),
        }
    }

    /// True when some set of facts might fulfil both rules. Errs on the side of yes.
    pub fn overlaps(&self, other: &Compiled) -> bool {
        let clash = self
            .all
            .iter()
            .any(|a| other.all.iter().any(|b| a.excludes(*b)));
        let barred =
            |x: &Compiled, y: &Compiled| x.all.iter().any(|a| y.none.iter().any(|n| a.implies(*n)));
        !clash && !barred(self, other) && !barred(other, self)
    }
}
