//! What `ora2stream explain CODE` prints of a rule, a function row or a type row, as Markdown.

use std::fmt::Write;

use super::registry::Registry;
use super::schema::{Example, ExampleKind, FunctionRule, Rule, TypeRule};

/// The text for a code or name, in any case; None if there is none.
pub fn explain(registry: &Registry, code: &str) -> Option<String> {
    let same = |a: &str| a.eq_ignore_ascii_case(code);
    let rule = registry
        .rules()
        .find(|r| same(&r.code) || same(&r.name))
        .map(rule_text);
    let function = || {
        registry
            .functions()
            .iter()
            .find(|f| same(&f.code))
            .map(function_text)
    };
    let ty = || {
        registry
            .types()
            .iter()
            .find(|t| same(&t.code))
            .map(type_text)
    };
    rule.or_else(function).or_else(ty)
}

fn rule_text(r: &Rule) -> String {
    let mut out = format!("# {}: {}\n\n{}\n", r.code, r.name, r.rationale.trim());
    let _ = writeln!(
        out,
        "\nBuilds: {:?}. Confidence at best: {:?}. Status: {:?}. Priority: {}.",
        r.builder, r.confidence, r.status, r.priority
    );
    for (word, list) in [
        ("all", &r.when.all),
        ("any", &r.when.any),
        ("none", &r.when.none),
    ] {
        if !list.is_empty() {
            let _ = writeln!(out, "When {word} of: {}.", list.join(", "));
        }
    }
    for c in &r.caveats {
        let _ = writeln!(out, "\nMind: {}", c.trim());
    }
    for e in &r.examples {
        example_text(&mut out, e);
    }
    out
}

fn example_text(out: &mut String, e: &Example) {
    let kind = match e.kind {
        ExampleKind::Fires => "Fires",
        ExampleKind::NearMiss => "Near miss",
    };
    let _ = writeln!(
        out,
        "\n## {kind}: {}\n\n```sql\n{}\n```",
        e.title,
        e.sql.trim()
    );
    if let Some(other) = &e.instead {
        let _ = writeln!(out, "Decided by {other} instead.");
    }
}

fn function_text(f: &FunctionRule) -> String {
    let mut out = format!("# {}: {}\n", f.code, f.function);
    for (engine, form) in [("Flink", &f.flink), ("Spark", &f.spark)] {
        let _ = writeln!(
            out,
            "{engine}: {}",
            form.as_deref()
                .unwrap_or("no form; the step becomes a residual")
        );
    }
    for text in [&f.rationale, &f.caveat].into_iter().flatten() {
        let _ = writeln!(out, "\n{}", text.trim());
    }
    for v in &f.vectors {
        let _ = writeln!(out, "{}({}) = {}", f.function, v.args.join(", "), v.result);
    }
    out
}

fn type_text(t: &TypeRule) -> String {
    let none = || "none".to_string();
    let of = |x: &Option<String>| x.clone().unwrap_or_else(none);
    let mut out = format!("# {}: {}\n", t.code, t.oracle);
    let _ = writeln!(
        out,
        "Cassandra: {}\nFlink: {}\nSpark: {}",
        of(&t.cql),
        of(&t.flink),
        of(&t.spark)
    );
    if let Some(c) = &t.caveat {
        let _ = writeln!(out, "\n{}", c.trim());
    }
    out
}
