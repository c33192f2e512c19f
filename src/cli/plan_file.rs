//! plan.json on disk: read with its version checked first, written the same way every time.

use std::path::Path;

use serde::Deserialize;

use super::exit::Failure;
use crate::diag::Code;
use crate::plan::model::{PLAN_VERSION, Plan};

/// Nesting beyond this is not a plan of ours.
const MAX_DEPTH: usize = 10_000;
/// Expressions nest deeper than the main thread's stack likes.
const STACK_BYTES: usize = 256 << 20;

/// A plan as text, indented, with a final newline.
pub fn to_text(plan: &Plan) -> Result<String, Failure> {
    serde_json::to_string_pretty(plan)
        .map(|text| text + "\n")
        .map_err(|e| Failure::new(Code::Defect, format!("the plan cannot be written: {e}")))
}

/// The JSON Schema of plan.json.
pub fn schema() -> Result<String, Failure> {
    serde_json::to_string_pretty(&schemars::schema_for!(Plan))
        .map(|text| text + "\n")
        .map_err(|e| {
            Failure::new(
                Code::Defect,
                format!("the plan's schema cannot be written: {e}"),
            )
        })
}

/// Reads a plan, and its text as it is.
pub fn read(path: &Path) -> Result<(Plan, String), Failure> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::new(Code::NoSuchPath, format!("{shown} does not exist"))
                .help("make a plan with `ora2stream plan INPUT --out plan.json`")
        }
        _ => Failure::new(Code::Unreadable, format!("{shown} cannot be read: {e}")),
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::new(Code::PlanInvalid, format!("{shown} is not UTF-8")))?;
    let plan = parse(&text, &shown)?;
    Ok((plan, text))
}

fn parse(text: &str, shown: &str) -> Result<Plan, Failure> {
    check_version(text, shown)?;
    let invalid = |why: String| {
        Failure::new(Code::PlanInvalid, format!("{shown} is not a plan: {why}"))
            .help("undo the last edit, or make the plan again with `ora2stream plan`")
    };
    if depth(text) > MAX_DEPTH {
        return Err(invalid("it is nested too deeply".into()));
    }
    let parsed = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let task = thread.spawn_scoped(scope, || {
            let mut reader = serde_json::Deserializer::from_str(text);
            reader.disable_recursion_limit();
            let plan = Plan::deserialize(&mut reader)?;
            reader.end()?;
            Ok::<Plan, serde_json::Error>(plan)
        });
        task.map(|t| t.join())
    });
    match parsed {
        Ok(Ok(plan)) => plan.map_err(|e| invalid(e.to_string())),
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(e) => Err(invalid(format!("no thread to read it: {e}"))),
    }
}

/// Another version may look alike and mean something else: it is refused before anything else is said of it.
fn check_version(text: &str, shown: &str) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Head {
        version: Option<u64>,
    }
    let version = serde_json::from_str::<Head>(text)
        .ok()
        .and_then(|h| h.version);
    match version {
        Some(v) if v != u64::from(PLAN_VERSION) => {
            let age = if v > u64::from(PLAN_VERSION) {
                "a newer"
            } else {
                "an older"
            };
            let message = format!(
                "{shown} is a plan of version {v}, made by {age} ora2stream; this one reads {PLAN_VERSION}"
            );
            Err(Failure::new(Code::PlanVersion, message)
                .help("make it again with `ora2stream plan`"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Depth of brackets outside of strings.
fn depth(text: &str) -> usize {
    let (mut depth, mut most, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for b in text.bytes() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> (Code, u8) {
        let failure = parse(text, "plan.json").expect_err("refused");
        (failure.findings[0].code, failure.exit as u8)
    }

    #[test]
    fn plans_of_other_versions_and_broken_ones_are_refused() {
        assert_eq!(
            code("{\"version\": 999, \"new_things\": []}"),
            (Code::PlanVersion, 2)
        );
        assert_eq!(code("{\"version\": 0}"), (Code::PlanVersion, 2));
        assert_eq!(code("{\"version\": 1}"), (Code::PlanInvalid, 2));
        assert_eq!(code("{"), (Code::PlanInvalid, 2));
        assert_eq!(code("[]"), (Code::PlanInvalid, 2));
        assert_eq!(code(&"[".repeat(1_000_000)), (Code::PlanInvalid, 2));
    }

    #[test]
    fn brackets_in_strings_are_not_depth() {
        assert_eq!(depth("[\"[[[\\\"[\"]"), 1);
        assert_eq!(depth("{\"a\": [1, [2]]}"), 3);
    }
}
