//! All rules, from the files built in and the user's own, checked as a whole.

use std::collections::{BTreeMap, BTreeSet};

use rust_embed::RustEmbed;

use super::matcher::{Compiled, Decision};
use super::schema::{ExampleKind, FunctionFile, FunctionRule, Rule, Status, TypeFile, TypeRule};
use crate::dataflow::model::WriteStep;
use crate::plan::model::{FunctionForm, JobGroup};
use crate::rel::{Rel, Scalar};

#[derive(RustEmbed)]
#[folder = "rules/"]
struct Builtin;

/// A rule file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {message}")]
pub struct RuleError {
    /// File, relative to the rules folder.
    pub path: String,
    /// What is wrong, and what to do.
    pub message: String,
    /// It names a fact that does not exist (code L001; else L002).
    pub unknown_fact: bool,
}

/// The rules.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    control: Vec<Compiled>,
    dml: Vec<Compiled>,
    functions: Vec<FunctionRule>,
    types: Vec<TypeRule>,
}

impl Registry {
    /// The built-in rules.
    pub fn builtin() -> Result<Self, RuleError> {
        Self::load(&[])
    }

    /// The built-in rules with the user's files on top: a file with a known code replaces that rule.
    /// `files` are (path relative to the rules folder, text).
    pub fn load(files: &[(String, String)]) -> Result<Self, RuleError> {
        let mut registry = Self::default();
        let mut names: Vec<_> = Builtin::iter().map(|n| n.to_string()).collect();
        names.sort();
        for name in names {
            let bytes = Builtin::get(&name)
                .map(|f| f.data.into_owned())
                .unwrap_or_default();
            registry.add_file(&name, &String::from_utf8_lossy(&bytes), false)?;
        }
        for (path, text) in files {
            registry.add_file(path, text, true)?;
        }
        registry.order();
        registry.check()?;
        Ok(registry)
    }

    fn add_file(&mut self, path: &str, text: &str, layered: bool) -> Result<(), RuleError> {
        let invalid = |message: String| RuleError {
            path: path.into(),
            message,
            unknown_fact: false,
        };
        match path.split('/').next().unwrap_or("") {
            "functions" => {
                let file: FunctionFile =
                    toml::from_str(text).map_err(|e| invalid(e.to_string()))?;
                for row in file.function {
                    self.functions.retain(|f| f.code != row.code);
                    self.functions.push(row);
                }
            }
            "types" => {
                let file: TypeFile = toml::from_str(text).map_err(|e| invalid(e.to_string()))?;
                for row in file.types {
                    self.types.retain(|t| t.code != row.code);
                    self.types.push(row);
                }
            }
            "targets" => {
                drop(toml::from_str::<toml::Table>(text).map_err(|e| invalid(e.to_string()))?)
            }
            group => self.add_rule(group == "control", path, text, layered)?,
        }
        Ok(())
    }

    fn add_rule(
        &mut self,
        control: bool,
        path: &str,
        text: &str,
        layered: bool,
    ) -> Result<(), RuleError> {
        let invalid = |message: String, unknown_fact| RuleError {
            path: path.into(),
            message,
            unknown_fact,
        };
        let rule: Rule = toml::from_str(text).map_err(|e| invalid(e.to_string(), false))?;
        examples_complete(&rule).map_err(|m| invalid(m, false))?;
        let code = rule.code.clone();
        let compiled = Compiled::new(rule).map_err(|m| invalid(m, true))?;
        let known = self.rules().any(|r| r.code == code);
        if known && !layered {
            return Err(invalid(format!("the code {code} is used twice"), false));
        }
        self.control.retain(|c| c.rule.code != code);
        self.dml.retain(|c| c.rule.code != code);
        if control {
            self.control.push(compiled)
        } else {
            self.dml.push(compiled)
        }
        Ok(())
    }

    fn order(&mut self) {
        for list in [&mut self.control, &mut self.dml] {
            list.sort_by(|a, b| {
                b.rule
                    .priority
                    .cmp(&a.rule.priority)
                    .then(a.rule.code.cmp(&b.rule.code))
            });
        }
        self.functions
            .sort_by(|a, b| (&a.function, a.arity, &a.code).cmp(&(&b.function, b.arity, &b.code)));
        self.types.sort_by(|a, b| a.code.cmp(&b.code));
    }

    /// Two rules of equal priority must exclude each other, codes must be unique, and the writes need a catch-all.
    fn check(&self) -> Result<(), RuleError> {
        let err = |message| RuleError {
            path: "rules".into(),
            message,
            unknown_fact: false,
        };
        for list in [&self.control, &self.dml] {
            for (i, a) in list.iter().enumerate() {
                let rivals = list[i + 1..]
                    .iter()
                    .filter(|b| b.rule.priority == a.rule.priority);
                if let Some(b) = rivals.into_iter().find(|b| a.overlaps(b)) {
                    return Err(err(format!(
                        "{} and {} have priority {} and can fire together; give one a higher priority or a condition that excludes the other",
                        a.rule.code, b.rule.code, a.rule.priority
                    )));
                }
            }
        }
        let mut seen = BTreeSet::new();
        let codes = self
            .rules()
            .map(|r| &r.code)
            .chain(self.functions.iter().map(|f| &f.code));
        for code in codes.chain(self.types.iter().map(|t| &t.code)) {
            if !seen.insert(code) {
                return Err(err(format!("the code {code} is used twice")));
            }
        }
        match self.dml.last() {
            Some(last) if last.matches(&BTreeMap::new()) => Ok(()),
            _ => Err(err(
                "the group dml needs a catch-all: a rule without conditions, lowest in priority"
                    .into(),
            )),
        }
    }

    /// Decides a write: control rules first, then the others down to the catch-all.
    pub fn decide(&self, step: &WriteStep) -> Decision {
        let live = |c: &&Compiled| c.rule.status != Status::Deprecated && c.matches(&step.facts);
        let chosen = self.control.iter().chain(&self.dml).find(live);
        chosen.map_or_else(no_rule, |c| c.decide(&step.facts))
    }

    /// All rules over writes.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.control.iter().chain(&self.dml).map(|c| &c.rule)
    }

    /// All function rows.
    pub fn functions(&self) -> &[FunctionRule] {
        &self.functions
    }

    /// All type rows.
    pub fn types(&self) -> &[TypeRule] {
        &self.types
    }

    /// True when a function has a row.
    pub fn knows_function(&self, name: &str, arity: usize) -> bool {
        self.functions
            .iter()
            .any(|f| f.function == name && f.arity.is_none_or(|a| a == arity))
    }

    /// The rows that the planned queries use, copied for the plan.
    pub fn functions_for(&self, groups: &[JobGroup]) -> Vec<FunctionForm> {
        let mut used = BTreeSet::new();
        for job in groups.iter().flat_map(|g| &g.jobs) {
            calls_in(&job.write.query, &mut used);
        }
        let form = |f: &&FunctionRule| {
            used.iter()
                .any(|(name, arity)| *name == f.function && f.arity.is_none_or(|a| a == *arity))
        };
        self.functions
            .iter()
            .filter(form)
            .map(|f| FunctionForm {
                function: f.function.clone(),
                arity: f.arity,
                flink: f.flink.clone(),
                spark: f.spark.clone(),
                caveat: f.caveat.clone(),
                rule: f.code.clone(),
            })
            .collect()
    }
}

/// Cannot happen with a checked registry; still a decision, and a safe one.
fn no_rule() -> Decision {
    Decision {
        rule: "DML-999".into(),
        builder: super::Builder::Manual,
        confidence: crate::plan::model::Confidence::Manual,
        rationale: "no rule matches".into(),
    }
}

fn examples_complete(rule: &Rule) -> Result<(), String> {
    let has = |k| rule.examples.iter().any(|e| e.kind == k);
    if has(ExampleKind::Fires) && has(ExampleKind::NearMiss) {
        return Ok(());
    }
    Err("a rule needs an example that fires and a near miss".into())
}

fn calls_in(rel: &Rel, used: &mut BTreeSet<(String, usize)>) {
    rel.for_each_input(&mut |r| calls_in(r, used));
    rel.for_each_scalar(&mut |s| scalar_calls(s, used));
}

fn scalar_calls(s: &Scalar, used: &mut BTreeSet<(String, usize)>) {
    if let Scalar::Call { function, args, .. } = s {
        used.insert((function.clone(), args.len()));
    }
    if let Scalar::Exists { query, .. }
    | Scalar::InQuery { query, .. }
    | Scalar::ScalarQuery { query } = s
    {
        calls_in(query, used);
    }
    s.for_each_child(&mut |c| scalar_calls(c, used));
}
