//! The registry as a whole, and its refusals.

use super::*;
use crate::dataflow::model::{Evidence, Fact, Facts, Status as FactStatus};

const RULE: &str = r#"
code = "USR-001"
name = "mine"
status = "stable"
priority = 500
builder = "append"
confidence = "review"
rationale = "Because we say so."
[when]
all = ["inserts-query"]
[[examples]]
kind = "fires"
title = "yes"
sql = "x"
write = "INSERT T"
[[examples]]
kind = "near_miss"
title = "no"
sql = "x"
write = "INSERT T"
"#;

fn load(text: &str) -> Result<Registry, RuleError> {
    Registry::load(&[("dml/mine.toml".into(), text.into())])
}

#[test]
fn builtin_rules_load_and_end_in_a_catch_all() {
    let registry = Registry::builtin().expect("built-in rules are valid");
    assert!(
        registry
            .rules()
            .any(|r| r.builder == Builder::Manual && r.when.all.is_empty())
    );
}

#[test]
fn an_unknown_fact_is_refused_with_a_suggestion() {
    let err = load(&RULE.replace("inserts-query", "insert-query")).expect_err("unknown fact");
    assert!(err.unknown_fact);
    assert!(err.message.contains("`inserts-query`"), "{err}");
}

#[test]
fn rules_of_equal_priority_that_can_fire_together_are_refused() {
    let other = RULE
        .replace("USR-001", "USR-002")
        .replace("inserts-query", "no-period");
    let files = [
        ("dml/a.toml".to_string(), RULE.to_string()),
        ("dml/b.toml".to_string(), other),
    ];
    let err = Registry::load(&files).expect_err("ambiguous");
    assert!(
        err.message.contains("USR-001") && err.message.contains("USR-002"),
        "{err}"
    );
}

#[test]
fn a_rule_without_a_near_miss_is_refused() {
    let cut = RULE
        .split("[[examples]]\nkind = \"near_miss\"")
        .next()
        .expect("text");
    assert!(
        load(cut)
            .expect_err("incomplete")
            .message
            .contains("near miss")
    );
}

#[test]
fn users_rules_win_by_priority_and_assumptions_lower_confidence() {
    let registry = load(&RULE.replace("\"review\"", "\"certain\"")).expect("valid");
    let mut facts = Facts::new();
    let fact = |status| Evidence {
        status,
        note: String::new(),
        spans: vec![],
    };
    facts.insert(Fact::InsertsQuery, fact(FactStatus::Proved));
    facts.insert(Fact::CommitAtomicity, fact(FactStatus::Assumed));
    let rule = registry
        .rules()
        .find(|r| r.code == "USR-001")
        .expect("loaded");
    let compiled = super::matcher::Compiled::new(rule.clone()).expect("valid");
    assert!(compiled.matches(&facts));
    assert_eq!(
        compiled.decide(&facts).confidence,
        crate::plan::model::Confidence::Likely
    );
}

#[test]
fn every_fact_has_its_kebab_case_name() {
    for (fact, name) in super::facts::ALL {
        let kebab = format!("{fact:?}")
            .chars()
            .fold(String::new(), |mut out, c| {
                if c.is_ascii_uppercase() && !out.is_empty() {
                    out.push('-');
                }
                out.push(c.to_ascii_lowercase());
                out
            });
        assert_eq!(kebab, *name);
        assert_eq!(fact_from_name(name), Some(*fact));
    }
}
