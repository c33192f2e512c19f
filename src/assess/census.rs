//! The census: what was read, counted from the folder and the token tapes. It shares nothing with catalogue and
//! dataflow, so that what they lose shows in the gate.

use super::Census;
use crate::source::Input;
use crate::syntax::ast::{Ast, Dml, DmlKind, Id, Item, ItemKind};
use crate::syntax::{ParsedFile, Unit, View, Visit, census_unit, walk_dml, walk_item};

/// Counts an input.
pub fn take(input: &Input, files: &[ParsedFile]) -> Census {
    let mut counts = Census {
        files: input.files() as u64,
        bytes: input.bytes(),
        ..Census::default()
    };
    for unit in files.iter().flat_map(|f| &f.units) {
        if unit.errors.is_empty() {
            let count = census_unit(unit);
            counts.units += u64::from(count.units);
            counts.statements += u64::from(count.statements);
            counts.writes += count.writes.len() as u64;
            counts.jobs += job_calls(View::new(&input.sources, unit));
        } else {
            add_damaged(unit, &mut counts);
        }
    }
    counts
}

/// Calls that make a job: `DBMS_SCHEDULER.CREATE_JOB(`, `DBMS_JOB.SUBMIT(`, `DBMS_JOB.ISUBMIT(`, word by word.
fn job_calls(view: View<'_>) -> u64 {
    let kinds = view.unit.tape.kinds.iter().enumerate();
    let words = kinds.filter(|(_, k)| !k.is_trivia()).map(|(i, _)| i as u32);
    let mut last: [&str; 3] = [""; 3];
    let mut count = 0;
    for i in words {
        let word = view.token(i);
        let is = |w: &str, wanted: &str| w.trim_matches('"').eq_ignore_ascii_case(wanted);
        let makes = is(last[0], "DBMS_SCHEDULER") && is(last[2], "CREATE_JOB")
            || is(last[0], "DBMS_JOB") && (is(last[2], "SUBMIT") || is(last[2], "ISUBMIT"));
        count += u64::from(word == "(" && last[1] == "." && makes);
        last = [last[1], last[2], word];
    }
    count
}

/// Where text is damaged, what is a statement is decided by how the parser recovers: the tree is counted, which
/// catalogue and dataflow have no part in either. What it leaves unparsed is in the file's error bytes.
fn add_damaged(unit: &Unit, counts: &mut Census) {
    let mut writes = Writes {
        ast: &unit.ast,
        count: 0,
    };
    writes.item(unit.item);
    counts.units += u64::from(!unit.is_command());
    counts.statements += u64::from(unit.statements);
    counts.writes += writes.count;
}

struct Writes<'a> {
    ast: &'a Ast,
    count: u64,
}

impl<'a> Visit<'a> for Writes<'a> {
    fn ast(&self) -> &'a Ast {
        self.ast
    }

    fn dml(&mut self, id: Id<Dml>) {
        self.count += match self.ast[id].kind {
            DmlKind::InsertMulti { branches, .. } => branches.len() as u64,
            DmlKind::Insert { .. }
            | DmlKind::Update { .. }
            | DmlKind::Delete { .. }
            | DmlKind::Merge { .. }
            | DmlKind::Unparsed(_) => 1,
        };
        walk_dml(self, id);
    }

    fn item(&mut self, id: Id<Item>) {
        self.count += u64::from(matches!(self.ast[id].kind, ItemKind::Truncate(_)));
        // EXPLAIN PLAN and its like write nothing.
        if !matches!(self.ast[id].kind, ItemKind::Ddl(_)) {
            walk_item(self, id);
        }
    }
}
