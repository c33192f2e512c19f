//! From a plan to files: which emitters run, and what their errors mean for the user.

use super::args::{Engine, Lang, OnlyArgs};
use super::exit::Failure;
use super::output::OutFile;
use crate::assess::model::Report;
use crate::diag::Code;
use crate::emit::{self, EMITTERS, EmitError, GeneratedFile, emit_all};
use crate::plan::model::Plan;

/// Files of the emitters that were asked for.
pub fn files(plan: &Plan, only: &OnlyArgs) -> Result<Vec<OutFile>, Failure> {
    let names = chosen(only);
    let files = emit_all(plan, names.as_deref()).map_err(|e| failure(&e))?;
    Ok(files.into_iter().map(out_file).collect())
}

/// Files of `report/`; the plan's queries stand in it beside the code that they replace.
pub fn report(report: &Report, plan: &Plan, lang: Lang) -> Result<Vec<OutFile>, Failure> {
    let lang = match lang {
        Lang::En => emit::report::Lang::En,
        Lang::Ja => emit::report::Lang::Ja,
    };
    let mut report = report.clone();
    report.target.attach_queries(&emit::flink::queries(plan));
    let files = emit::report::render(&report, lang).map_err(|e| failure(&e))?;
    Ok(files.into_iter().map(out_file).collect())
}

/// True if only some emitters run.
pub fn is_part(only: &OnlyArgs) -> bool {
    !only.only.is_empty()
}

/// A generated file as it goes to the output folder.
pub fn out_file(file: GeneratedFile) -> OutFile {
    OutFile {
        volatile: file.path == "report/timing.json",
        path: file.path,
        contents: file.contents,
        executable: file.executable,
    }
}

/// An emitter's error as a failure: the user's mistake, or ours.
pub fn failure(error: &EmitError) -> Failure {
    let code = match error {
        EmitError::UnknownEmitter { .. } => Code::ConfigInvalid,
        EmitError::Inconsistent { .. } => Code::PlanInvalid,
        EmitError::Unsupported { .. }
        | EmitError::Template { .. }
        | EmitError::Duplicate { .. }
        | EmitError::Serialise { .. } => Code::EmitUnsupported,
    };
    Failure::new(code, error.to_string())
}

/// Names of emitters to run; None for all. `--engine` leaves out the other engine's.
fn chosen(only: &OnlyArgs) -> Option<Vec<String>> {
    let left_out = only.engine.map(|engine| match engine {
        Engine::Flink => "spark",
        Engine::Spark => "flink",
    });
    if only.only.is_empty() && left_out.is_none() {
        return None;
    }
    let all = || EMITTERS.iter().map(|e| e.name().to_string()).collect();
    let mut names: Vec<String> = if only.only.is_empty() {
        all()
    } else {
        only.only.clone()
    };
    names.retain(|n| Some(n.as_str()) != left_out);
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_leave_the_other_out() {
        let only = OnlyArgs {
            only: Vec::new(),
            engine: Some(Engine::Flink),
        };
        let names = chosen(&only).expect("a list");
        assert!(!names.contains(&"spark".to_string()));
        assert_eq!(chosen(&OnlyArgs::default()), None);
    }
}
