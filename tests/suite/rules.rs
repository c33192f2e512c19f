//! Every rule's examples, through the real pipeline: what fires, fires; a near miss is decided by another rule.

use ora2stream::pipeline::{Analysis, analyse};
use ora2stream::plan::config::ProjectConfig;
use ora2stream::rules::{Example, ExampleKind, Registry, Rule};
use ora2stream::source::{Input, SourceFile};

fn run(registry: &Registry, sql: &str) -> Analysis {
    let mut input = Input::default();
    input.sources.add(SourceFile::from_text("example.sql", sql));
    let config = ProjectConfig {
        name: "example".into(),
        ..ProjectConfig::default()
    };
    analyse(&input, &config, registry, &[], &mut ())
}

/// The code of the rule that decides the write that an example is about.
fn decided(registry: &Registry, example: &Example) -> Result<String, String> {
    let analysis = run(registry, &example.sql);
    let errors = analysis
        .files
        .iter()
        .flat_map(|f| &f.units)
        .flat_map(|u| &u.errors);
    if let Some(e) = errors.into_iter().next() {
        return Err(format!("does not parse: {}", e.message));
    }
    let (verb, table) = example
        .write
        .split_once(' ')
        .ok_or("`write` is VERB TABLE")?;
    let steps = analysis.flows.steps.iter().zip(&analysis.built.outcomes);
    let found = steps.into_iter().find(|(step, _)| {
        step.verb.as_str() == verb && step.table.as_ref().is_some_and(|t| t.name == table)
    });
    found
        .map(|(_, decided)| decided.rule.clone())
        .ok_or_else(|| format!("holds no {}", example.write))
}

fn check(registry: &Registry, rule: &Rule, example: &Example) -> Result<(), String> {
    let code = decided(registry, example)?;
    let expected = match (example.kind, &example.instead) {
        (ExampleKind::Fires, _) => code == rule.code,
        (ExampleKind::NearMiss, None) => code != rule.code,
        (ExampleKind::NearMiss, Some(instead)) => code == *instead,
    };
    if expected {
        return Ok(());
    }
    Err(format!("is decided by {code}"))
}

#[test]
fn examples_of_all_rules_are_decided_as_they_say() {
    let registry = Registry::builtin().expect("built-in rules load");
    let mut wrong = Vec::new();
    let mut count = 0;
    for rule in registry.rules() {
        for example in &rule.examples {
            count += 1;
            if let Err(why) = check(&registry, rule, example) {
                wrong.push(format!(
                    "{} {:?} `{}` {why}",
                    rule.code, example.kind, example.title
                ));
            }
        }
    }
    assert!(count >= 18, "only {count} examples were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
