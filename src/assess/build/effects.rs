//! What batch code does outside its tables.

use super::Cx;
use crate::assess::model::{SideEffect, SideEffectKind};
use crate::catalog::resolve::Callee;

/// All side effects of batch code, in order of place, and the control writes that are dropped.
pub(super) fn build(cx: &Cx<'_>) -> Vec<SideEffect> {
    let mut out = Vec::new();
    for id in &cx.batch {
        let routine = cx.routine_name(*id);
        let mut add = |place, call: &str, kind| {
            out.push(SideEffect {
                place,
                routine: routine.clone(),
                call: call.to_string(),
                kind,
            });
        };
        for call in &cx.on.catalog.calls.calls[id.0 as usize] {
            if let Callee::Builtin(name) = &call.callee
                && let Some(kind) = kind(name)
            {
                add(cx.place(call.span), name, kind);
            }
        }
        for (link, span) in &cx.bodies[id.0 as usize].links {
            add(cx.place(*span), link, SideEffectKind::DbLink);
        }
    }
    for c in &cx.on.built.plan.controls {
        out.push(SideEffect {
            place: c.place.clone(),
            routine: c.routine.clone(),
            call: c.table.clone().unwrap_or_default(),
            kind: SideEffectKind::Control,
        });
    }
    out.sort_by(|a, b| (&a.place, &a.call).cmp(&(&b.place, &b.call)));
    out.dedup();
    out
}

/// What a member of a package of Oracle's does; None for those that only compute.
fn kind(name: &str) -> Option<SideEffectKind> {
    let name = name.strip_prefix("SYS.").unwrap_or(name);
    let (package, _) = name.split_once('.')?;
    match package {
        "UTL_FILE" | "DBMS_XSLPROCESSOR" | "DBMS_FILE_TRANSFER" => Some(SideEffectKind::File),
        "UTL_MAIL" | "UTL_SMTP" | "APEX_MAIL" => Some(SideEffectKind::Mail),
        "UTL_HTTP" | "UTL_TCP" | "APEX_WEB_SERVICE" | "DBMS_LDAP" | "UTL_INADDR" => {
            Some(SideEffectKind::Network)
        }
        "DBMS_LOCK" | "DBMS_SESSION" => Some(SideEffectKind::Lock),
        "DBMS_AQ" | "DBMS_AQADM" | "DBMS_ALERT" | "DBMS_PIPE" => Some(SideEffectKind::Message),
        "DBMS_OUTPUT" => Some(SideEffectKind::Output),
        "DBMS_JOB" | "DBMS_SCHEDULER" => Some(SideEffectKind::Job),
        "DBMS_APPLICATION_INFO" => Some(SideEffectKind::Control),
        "DBMS_STATS" | "DBMS_MVIEW" | "DBMS_REDEFINITION" | "DBMS_JAVA" | "DBMS_DDL" => {
            Some(SideEffectKind::Other)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_only_compute_have_no_effect() {
        assert_eq!(kind("UTL_FILE.PUT_LINE"), Some(SideEffectKind::File));
        assert_eq!(kind("SYS.UTL_MAIL.SEND"), Some(SideEffectKind::Mail));
        assert_eq!(kind("DBMS_RANDOM.VALUE"), None);
        assert_eq!(kind("NVL"), None);
    }
}
