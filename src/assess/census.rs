//! The census: what was read, counted from the folder and the token tapes. It shares nothing with catalogue and
//! dataflow, so that what they lose shows in the gate. Only places of words decide here, no tree is looked at.

use super::Census;
use crate::source::Input;
use crate::syntax::{ParsedFile, Tape, Tok};

/// Counts an input. `jobs` is how many jobs and entry points the schedules hold.
pub fn take(input: &Input, files: &[ParsedFile], jobs: u64) -> Census {
    let units = || files.iter().flat_map(|f| &f.units);
    Census {
        files: input.files() as u64,
        bytes: input.bytes(),
        units: units().filter(|u| is_unit(&u.tape)).count() as u64,
        statements: units().map(|u| u64::from(u.statements)).sum(),
        writes: units().map(|u| writes(&u.tape)).sum(),
        jobs,
    }
}

/// A SQL*Plus command is no unit.
fn is_unit(tape: &Tape) -> bool {
    let first = tape.toks.iter().find(|t| **t != Tok::Trivia);
    first != Some(&Tok::Command)
}

/// INSERT (each target of INSERT ALL), UPDATE, DELETE, MERGE and TRUNCATE TABLE statements of a unit.
pub fn writes(tape: &Tape) -> u64 {
    let toks: Vec<Tok> = tape
        .toks
        .iter()
        .copied()
        .filter(|t| *t != Tok::Trivia)
        .collect();
    if !holds_statements(&toks) {
        return 0;
    }
    let mut count = 0;
    let mut forall = false;
    for (i, tok) in toks.iter().enumerate() {
        match tok {
            Tok::FORALL => forall = true,
            Tok::Semi => forall = false,
            _ => {}
        }
        // The one statement of a FORALL stands behind its bounds, which end anyhow.
        if begins(&toks, i) || forall {
            let found = write_at(&toks, i);
            count += found;
            forall &= found == 0;
        }
    }
    count
}

/// False for units in which the verbs mean something else: control files of the loader, grants, wrapped code.
fn holds_statements(toks: &[Tok]) -> bool {
    let first = toks.first().copied().unwrap_or(Tok::Eof);
    let other = [
        Tok::LOAD,
        Tok::OPTIONS,
        Tok::UNRECOVERABLE,
        Tok::RECOVERABLE,
        Tok::CONTINUE_LOAD,
        Tok::GRANT,
        Tok::REVOKE,
        Tok::Command,
    ];
    let wrapped = toks.iter().take(12).any(|t| *t == Tok::WRAPPED);
    !other.contains(&first) && !wrapped
}

/// True where a statement can begin.
fn begins(toks: &[Tok], i: usize) -> bool {
    let Some(before) = i.checked_sub(1).map(|k| toks[k]) else {
        return true;
    };
    matches!(
        before,
        Tok::Semi
            | Tok::BEGIN
            | Tok::THEN
            | Tok::ELSE
            | Tok::LOOP
            | Tok::LabelClose
            | Tok::DThen
            | Tok::DElse
            | Tok::DEnd
    ) || (i == 1 && before.is_word() && !matches!(before, Tok::CREATE | Tok::EXPLAIN))
}

/// Writes that begin with the token at `i`.
fn write_at(toks: &[Tok], i: usize) -> u64 {
    let next = toks.get(i + 1).copied().unwrap_or(Tok::Eof);
    let name = next.is_name() && next != Tok::SET;
    match toks[i] {
        Tok::INSERT if matches!(next, Tok::ALL | Tok::FIRST) => targets(&toks[i + 2..]),
        Tok::INSERT => u64::from(next == Tok::INTO),
        Tok::MERGE => u64::from(next == Tok::INTO),
        Tok::TRUNCATE => u64::from(next == Tok::TABLE),
        Tok::UPDATE => u64::from(name || next == Tok::LParen),
        Tok::DELETE => u64::from((name && next != Tok::WHERE) || next == Tok::LParen),
        _ => 0,
    }
}

/// INTO clauses of an INSERT ALL, up to its query.
fn targets(toks: &[Tok]) -> u64 {
    let mut depth = 0usize;
    let mut count = 0;
    for tok in toks {
        match tok {
            Tok::LParen => depth += 1,
            Tok::RParen => depth = depth.saturating_sub(1),
            Tok::INTO if depth == 0 => count += 1,
            Tok::SELECT | Tok::WITH | Tok::Semi if depth == 0 => break,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::ast::{Dml, DmlKind, Id, Item, ItemKind, Stmt, StmtKind};
    use crate::syntax::{View, Visit, parse_text, walk_dml, walk_item, walk_stmt};

    fn count(text: &str) -> u64 {
        let units = parse_text(text, FileId(0));
        units.iter().map(|u| writes(&u.tape)).sum()
    }

    #[test]
    fn statements_are_counted_wherever_they_stand() {
        assert_eq!(
            count("INSERT INTO t VALUES (1); UPDATE t SET a = 1;\nDELETE t;\nTRUNCATE TABLE t;"),
            4
        );
        let text = "BEGIN
            IF a THEN UPDATE t SET x = 1; ELSE DELETE FROM t WHERE x = 2; END IF;
            <<again>> MERGE INTO t USING s ON (t.i = s.i)
              WHEN MATCHED THEN UPDATE SET t.a = s.a DELETE WHERE t.a = 0
              WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a);
            FORALL i IN 1 .. x.COUNT SAVE EXCEPTIONS INSERT INTO t VALUES x(i);
            INSERT ALL INTO a (x) VALUES (1) INTO b SELECT 1 FROM dual;
            x.DELETE; x.DELETE(1);
            OPEN c FOR SELECT 1 FROM t FOR UPDATE;
            EXECUTE IMMEDIATE 'DELETE FROM t';
          END;\n/\n";
        assert_eq!(count(text), 6);
    }

    #[test]
    fn verbs_that_write_nothing_are_not_counted() {
        assert_eq!(count("GRANT INSERT, UPDATE, DELETE ON t TO u;"), 0);
        assert_eq!(
            count("CREATE TABLE c (i NUMBER REFERENCES p ON DELETE CASCADE);"),
            0
        );
        assert_eq!(
            count("LOAD DATA INFILE 'x' TRUNCATE INTO TABLE t FIELDS (a, b)"),
            0
        );
        let trigger = "CREATE OR REPLACE TRIGGER r BEFORE INSERT OR UPDATE OF a ON t FOR EACH ROW
            BEGIN IF INSERTING THEN INSERT INTO log VALUES (1); END IF; END;\n/\n";
        assert_eq!(count(trigger), 1);
    }

    /// Counts the same from the tree.
    struct Count<'a>(View<'a>, u64);
    impl<'a> Visit<'a> for Count<'a> {
        fn ast(&self) -> &'a crate::syntax::ast::Ast {
            self.0.ast()
        }
        fn dml(&mut self, id: Id<Dml>) {
            self.1 += match self.ast()[id].kind {
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
            self.1 += u64::from(matches!(self.ast()[id].kind, ItemKind::Truncate(_)));
            walk_item(self, id);
        }
        fn stmt(&mut self, id: Id<Stmt>) {
            if let StmtKind::Item(item) = self.ast()[id].kind {
                self.1 += u64::from(matches!(self.ast()[item].kind, ItemKind::Truncate(_)));
            }
            walk_stmt(self, id);
        }
    }

    fn folder(dir: &std::path::Path, texts: &mut Vec<(String, String)>) {
        let Ok(entries) = std::fs::read_dir(dir) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let sql =
                |e: &std::ffi::OsStr| ["sql", "pkb", "pks", "ctl", "trg"].iter().any(|x| e == *x);
            if path.is_dir() {
                folder(&path, texts);
            } else if path.extension().is_some_and(sql) {
                let bytes = std::fs::read(&path).expect("readable");
                let text = crate::source::decode::decode(&bytes, None).text;
                texts.push((path.display().to_string(), text));
            }
        }
    }

    #[test]
    fn tape_and_tree_agree_on_the_samples() {
        let mut texts = Vec::new();
        let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        folder(&samples, &mut texts);
        assert!(texts.len() > 20);
        let mut wrong = Vec::new();
        for (path, text) in &texts {
            for unit in parse_text(text, FileId(0)) {
                let mut tree = Count(
                    View {
                        unit: &unit,
                        src: text,
                    },
                    0,
                );
                tree.item(unit.item);
                let tape = writes(&unit.tape);
                if tree.1 != tape {
                    let start = unit.span.start as usize;
                    let head: String = text[start..].chars().take(80).collect();
                    wrong.push(format!("{path}: tree {}, tape {tape}: {head:?}", tree.1));
                }
            }
        }
        assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    }
}
