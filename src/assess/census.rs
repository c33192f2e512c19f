//! The census: what was read, counted from the folder and the token tapes. It shares nothing with catalogue and
//! dataflow, so that what they lose shows in the gate.

use super::Census;
use crate::source::Input;
use crate::syntax::ast::{Ast, Dml, DmlKind, Id, Item, ItemKind};
use crate::syntax::{ParsedFile, Unit, Visit, census_unit, walk_dml, walk_item};

/// Counts an input. `jobs` is how many jobs and entry points the schedules hold.
pub fn take(input: &Input, files: &[ParsedFile], jobs: u64) -> Census {
    let mut counts = Census {
        files: input.files() as u64,
        bytes: input.bytes(),
        jobs,
        ..Census::default()
    };
    for unit in files.iter().flat_map(|f| &f.units) {
        if unit.errors.is_empty() {
            let count = census_unit(unit);
            counts.units += u64::from(count.units);
            counts.statements += u64::from(count.statements);
            counts.writes += count.writes.len() as u64;
        } else {
            add_damaged(unit, &mut counts);
        }
    }
    counts
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
        walk_item(self, id);
    }
}
