//! Texts that jobs run: PL/SQL blocks of the scheduler, SQL*Plus scripts, EXEC lines. Read as entries: the calls in
//! them, in order, with what they bind.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::{Values, bindings};
use crate::catalog::model::UnitRef;
use crate::catalog::model::{Bound, Entry, Resolved, RoutineId};
use crate::catalog::resolve::{Callee, Resolver, Scope};
use crate::catalog::walk::{Node, Place, Visitor, Walk};
use crate::rel::DataType;
use crate::source::{SourceFile, SourceMap};
use crate::syntax::View;
use crate::syntax::ast::{Block, ChainOp, DeclKind, Expr, ExprKind, Id, ItemKind, Stmt, StmtKind};

/// Variables of shell and SQL*Plus: `&NAME` to what it holds.
pub(super) type Vars = BTreeMap<String, Bound>;

/// Reads texts with one resolver.
pub(super) struct Texts<'r, 'a> {
    pub resolver: &'r Resolver<'a>,
    /// Schema of unqualified names.
    pub schema: String,
}

/// An argument: what it is bound to, and its type as far as the text shows it.
pub(super) type Argument = (Bound, DataType);

/// What a unit of a script starts.
pub(super) enum Started {
    /// Calls, or why it is not known.
    Entries(Vec<Entry>),
    /// Another script: its name and arguments.
    Script(String, Vec<String>),
    /// A variable: DEFINE.
    Define(String, String),
    /// Nothing that runs code: settings, DDL.
    Nothing,
}

impl Texts<'_, '_> {
    /// The calls in a PL/SQL block given as text, or in a bare list of calls (`a; b(1);`, as DBMS_JOB has it).
    pub(super) fn block_text(&self, text: &str) -> Vec<Entry> {
        let trimmed = text.trim();
        let upper = trimmed.to_ascii_uppercase();
        let is_block = upper.starts_with("BEGIN") || upper.starts_with("DECLARE");
        let upper_is_call = upper.starts_with("CALL ");
        let wrapped = if is_block {
            format!("{}\n/\n", trimmed.trim_end_matches(['/', '\n', ' ']))
        } else {
            let call = if upper_is_call {
                &trimmed[5..]
            } else {
                trimmed
            };
            format!(
                "BEGIN {}; END;\n/\n",
                call.trim_end_matches([';', ' ', '\n'])
            )
        };
        let mut map = SourceMap::default();
        map.add(SourceFile::from_text("job", wrapped));
        let files = crate::syntax::parse_all(&map);
        let mut out = Vec::new();
        for unit in files.iter().flat_map(|f| &f.units) {
            if let Started::Entries(found) = self.unit(View::new(&map, unit), None, &Vars::new()) {
                out.extend(found);
            }
        }
        if out.is_empty() {
            out.push(unknown(text, "no call is found in this text"));
        }
        out
    }

    /// What a unit starts. `known` is the routine that holds it already: an anonymous block, statements of a script.
    pub(super) fn unit(&self, view: View<'_>, known: Option<RoutineId>, vars: &Vars) -> Started {
        let ast = view.ast();
        let span = ast[view.unit.item].span;
        let text = view.text(span);
        if let Some(id) = known {
            return Started::Entries(vec![Entry {
                routine: Resolved::Known(id),
                text: short(text),
                bindings: Vec::new(),
                conditional: false,
            }]);
        }
        match ast[view.unit.item].kind {
            ItemKind::Block(block) => Started::Entries(self.block(view, block, vars)),
            ItemKind::Exec(stmts) => {
                let calls = stmts.ids().map(|s| self.statement(view, s, vars));
                Started::Entries(calls.flatten().collect())
            }
            ItemKind::Stmt(s) => match ast[s].kind {
                StmtKind::Call(_) => {
                    Started::Entries(self.statement(view, s, vars).into_iter().collect())
                }
                _ => Started::Nothing,
            },
            ItemKind::SqlPlus(word) => command(ast.ident(word), text),
            ItemKind::Dml(_) | ItemKind::Truncate(_) => Started::Entries(vec![unknown(
                text,
                "a statement of the script itself, outside any routine",
            )]),
            ItemKind::Unparsed | ItemKind::Wrapped => Started::Entries(vec![unknown(
                text,
                "a part of the script is not understood",
            )]),
            _ => Started::Nothing,
        }
    }

    fn statement(&self, view: View<'_>, stmt: Id<Stmt>, vars: &Vars) -> Option<Entry> {
        match view.ast()[stmt].kind {
            StmtKind::Call(e) => self.call(view, e, vars, &BTreeMap::new()),
            StmtKind::Null => None,
            _ => {
                let text = view.text(view.ast()[stmt].span);
                Some(unknown(
                    text,
                    "a statement of the script itself, outside any routine",
                ))
            }
        }
    }

    /// Calls of a block in order; statements of its own make one unknown entry.
    fn block(&self, view: View<'_>, block: Id<Block>, vars: &Vars) -> Vec<Entry> {
        let mut calls = Calls::default();
        let scope = self.scope();
        Walk::new(view, scope, &mut calls).block(block);
        let locals = self.locals(view, block, vars, &calls.assigned);
        let mut out = Vec::new();
        for (call, conditional) in &calls.found {
            let entry = self.call(view, *call, vars, &locals);
            out.extend(entry.map(|e| Entry {
                conditional: *conditional,
                ..e
            }));
        }
        if let Some(own) = calls.own {
            let text = view.text(view.ast()[own].span);
            out.push(unknown(text, "the job's text holds statements of its own"));
        }
        out
    }

    fn scope(&self) -> Scope {
        Scope {
            unit: UnitRef { file: 0, unit: 0 },
            schema: self.schema.clone(),
            package: None,
            routine: None,
            frames: Vec::new(),
        }
    }

    /// Variables of the block that keep their initial value.
    fn locals(
        &self,
        view: View<'_>,
        block: Id<Block>,
        vars: &Vars,
        assigned: &[String],
    ) -> BTreeMap<String, Bound> {
        let ast = view.ast();
        let mut locals = BTreeMap::new();
        for d in ast.list(ast[block].decls) {
            let DeclKind::Var {
                name,
                default: Some(value),
                ..
            } = d.kind
            else {
                continue;
            };
            let name = ast.ident(name).to_string();
            if assigned.contains(&name) {
                continue;
            }
            let bound = self.value(view, value, vars, &locals);
            locals.insert(name, bound);
        }
        locals
    }

    fn value(
        &self,
        view: View<'_>,
        expr: Id<Expr>,
        vars: &Vars,
        locals: &BTreeMap<String, Bound>,
    ) -> Bound {
        let names = |parts: &[&str]| match parts {
            [one] => locals.get(*one).or_else(|| vars.get(*one)).cloned(),
            _ => None,
        };
        Values {
            view,
            names: &names,
        }
        .bound(expr)
    }

    /// One call as an entry; None for calls of Oracle's own packages.
    fn call(
        &self,
        view: View<'_>,
        expr: Id<Expr>,
        vars: &Vars,
        locals: &BTreeMap<String, Bound>,
    ) -> Option<Entry> {
        let ast = view.ast();
        let (callee, args) = match ast[expr].kind {
            ExprKind::Call { callee, args, .. } => (callee, ast.list(args)),
            _ => (expr, &[][..]),
        };
        let text = short(view.text(ast[expr].span));
        let ExprKind::Name(name) = ast[callee].kind else {
            return Some(unknown(&text, "the call is made through an expression"));
        };
        let parts = ast.parts(ast[name].parts);
        let value = |e| (self.value(view, e, vars, locals), written_type(view, e, 0));
        let positional: Vec<_> = args
            .iter()
            .filter(|a| a.name.is_none())
            .map(|a| value(a.value))
            .collect();
        let by_name = |a: &crate::syntax::ast::Arg| {
            a.name.map(|n| (ast.ident(n).to_string(), value(a.value)))
        };
        let named: Vec<_> = args.iter().filter_map(by_name).collect();
        self.entry(&parts, text, &positional, &named)
    }

    /// An entry of a dotted name with bound arguments; None for Oracle's own packages.
    pub(super) fn entry(
        &self,
        parts: &[&str],
        text: String,
        positional: &[Argument],
        named: &[(String, Argument)],
    ) -> Option<Entry> {
        let types: Vec<_> = positional.iter().map(|a| a.1.clone()).collect();
        let named_types: Vec<_> = named
            .iter()
            .map(|(n, a)| (n.as_str(), a.1.clone()))
            .collect();
        let scope = self.scope();
        let callee = self
            .resolver
            .callee_by_name(&scope, parts, &types, &named_types);
        let positional: Vec<_> = positional.iter().map(|a| a.0.clone()).collect();
        let named: Vec<_> = named
            .iter()
            .map(|(n, a)| (n.clone(), a.0.clone()))
            .collect();
        let routine = match callee {
            Callee::Builtin(_) => return None,
            c => c.routine(),
        };
        let bindings = match &routine {
            Resolved::Known(id) => bindings(self.resolver, *id, &positional, &named),
            Resolved::Unknown(_) => Vec::new(),
        };
        Some(Entry {
            routine,
            text,
            bindings,
            conditional: false,
        })
    }
}

/// Calls of a block, variables that it assigns, and its first statement that is no call.
#[derive(Default)]
struct Calls {
    /// Calls, and whether they stand under a condition.
    found: Vec<(Id<Expr>, bool)>,
    assigned: Vec<String>,
    own: Option<Id<Stmt>>,
    /// Conditions, loops and handlers around the place.
    under: u32,
    handlers: BTreeSet<Id<Stmt>>,
}

impl Calls {
    /// A statement whose inside may run never or often, or that stands in a handler.
    fn guards(&self, at: &Place<'_>, stmt: Id<Stmt>) -> bool {
        let branches = matches!(
            at.view.ast()[stmt].kind,
            StmtKind::If { .. }
                | StmtKind::Case { .. }
                | StmtKind::Loop(_)
                | StmtKind::While { .. }
                | StmtKind::ForRange { .. }
                | StmtKind::ForCursor { .. }
                | StmtKind::CondCompile { .. }
        );
        branches || self.handlers.contains(&stmt)
    }
}

impl Visitor for Calls {
    fn leave(&mut self, at: &Place<'_>, node: Node) {
        if let Node::Stmt(s) = node
            && self.guards(at, s)
        {
            self.under -= 1;
        }
    }

    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        let ast = at.view.ast();
        if let Node::Block(b) = node {
            let handlers = ast.list(ast[b].handlers).iter();
            self.handlers.extend(handlers.flat_map(|h| h.body.ids()));
            return true;
        }
        let Node::Stmt(s) = node else {
            return false;
        };
        if self.guards(at, s) {
            self.under += 1;
        }
        match ast[s].kind {
            StmtKind::Call(e) => self.found.push((e, self.under > 0)),
            StmtKind::Assign { target, .. } => {
                if let ExprKind::Name(n) = ast[target].kind {
                    self.assigned
                        .extend(ast.parts(ast[n].parts).first().map(|p| (*p).to_string()));
                }
            }
            StmtKind::Dml(_)
            | StmtKind::Select(_)
            | StmtKind::ExecuteImmediate { .. }
            | StmtKind::ForCursor { .. }
            | StmtKind::Forall { .. }
            | StmtKind::Open { .. }
            | StmtKind::Fetch { .. }
            | StmtKind::LockTable(..)
            | StmtKind::Item(_)
            | StmtKind::Unparsed => {
                self.own.get_or_insert(s);
            }
            StmtKind::If { .. }
            | StmtKind::Case { .. }
            | StmtKind::Loop(_)
            | StmtKind::While { .. }
            | StmtKind::ForRange { .. }
            | StmtKind::Block(_)
            | StmtKind::Exit { .. }
            | StmtKind::Continue { .. }
            | StmtKind::Goto(_)
            | StmtKind::Return(_)
            | StmtKind::Raise(_)
            | StmtKind::Null
            | StmtKind::Close(_)
            | StmtKind::Commit
            | StmtKind::Rollback(_)
            | StmtKind::Savepoint(_)
            | StmtKind::Set(_)
            | StmtKind::PipeRow(_)
            | StmtKind::CondCompile { .. } => {}
        }
        true
    }
}

/// The type that the text of an argument shows, to tell overloads apart.
fn written_type(view: View<'_>, expr: Id<Expr>, depth: u32) -> DataType {
    let ast = view.ast();
    let unknown = || DataType::Unknown {
        reason: "the text does not show it".into(),
    };
    let next = |e| written_type(view, e, depth + 1);
    if depth > 32 {
        return unknown();
    }
    match ast[expr].kind {
        ExprKind::String => DataType::Varchar { length: 4000 },
        ExprKind::Number => DataType::number(),
        ExprKind::Bool(_) => DataType::Boolean,
        ExprKind::DateLit | ExprKind::TimestampLit => DataType::Date,
        ExprKind::Paren(e) | ExprKind::Unary { operand: e, .. } => next(e),
        ExprKind::Name(n) => match ast.parts(ast[n].parts).as_slice() {
            [
                "SYSDATE" | "CURRENT_DATE" | "SYSTIMESTAMP" | "CURRENT_TIMESTAMP"
                | "LOCALTIMESTAMP",
            ] => DataType::Date,
            _ => unknown(),
        },
        ExprKind::Call { callee, args, .. } => {
            let ExprKind::Name(n) = ast[callee].kind else {
                return unknown();
            };
            let first = ast.list(args).first().map(|a| a.value);
            match ast.parts(ast[n].parts).as_slice() {
                ["TO_DATE" | "TO_TIMESTAMP" | "ADD_MONTHS" | "LAST_DAY" | "NEXT_DAY"] => {
                    DataType::Date
                }
                ["TO_CHAR" | "SUBSTR" | "UPPER" | "LOWER" | "TRIM"] => {
                    DataType::Varchar { length: 4000 }
                }
                ["TO_NUMBER" | "MOD" | "CEIL" | "FLOOR"] => DataType::number(),
                ["TRUNC" | "ROUND" | "NVL" | "COALESCE"] => first.map_or_else(unknown, next),
                _ => unknown(),
            }
        }
        ExprKind::Binary { left, right, .. } => match (next(left), next(right)) {
            (DataType::Date, DataType::Date) => DataType::number(),
            (left, _) => left,
        },
        ExprKind::Chain { op, items } => match op {
            ChainOp::Concat => DataType::Varchar { length: 4000 },
            ChainOp::And | ChainOp::Or => DataType::Boolean,
            ChainOp::Add | ChainOp::Mul => {
                let types: Vec<_> = items.ids().map(next).collect();
                let date = types.iter().find(|t| t.is_datetime()).cloned();
                date.or_else(|| types.into_iter().next())
                    .unwrap_or_else(unknown)
            }
        },
        _ => unknown(),
    }
}

/// A unit that does more than call routines: DML, a block with statements of its own.
pub(super) fn is_own(view: View<'_>) -> bool {
    match view.ast()[view.unit.item].kind {
        ItemKind::Dml(_) | ItemKind::Truncate(_) => true,
        ItemKind::Block(block) => {
            let mut calls = Calls::default();
            let scope = Scope {
                unit: UnitRef { file: 0, unit: 0 },
                schema: String::new(),
                package: None,
                routine: None,
                frames: Vec::new(),
            };
            Walk::new(view, scope, &mut calls).block(block);
            calls.own.is_some()
        }
        _ => false,
    }
}

/// An entry that is not known.
pub(super) fn unknown(text: &str, reason: &str) -> Entry {
    Entry {
        routine: Resolved::Unknown(reason.to_string()),
        text: short(text),
        bindings: Vec::new(),
        conditional: false,
    }
}

/// One line of at most 120 characters.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 120 {
        return line;
    }
    let head: String = line.chars().take(117).collect();
    format!("{head}...")
}

/// `@script a b`, `START script`, `DEFINE x = y`.
fn command(word: &str, text: &str) -> Started {
    let text = text.trim().trim_end_matches(';');
    let rest = |n: usize| text.get(n..).unwrap_or("").trim();
    let script = match word.to_ascii_uppercase().as_str() {
        "@" | "@@" => text.trim_start_matches('@').trim(),
        "START" | "STA" => rest(word.len()),
        "DEFINE" | "DEF" => {
            return match rest(word.len()).split_once('=') {
                Some((name, value)) => {
                    let value = value.trim().trim_matches(['\'', '"']);
                    Started::Define(name.trim().to_uppercase(), value.to_string())
                }
                None => Started::Nothing,
            };
        }
        w if w.starts_with('@') => text.trim_start_matches('@').trim(),
        _ => return Started::Nothing,
    };
    let mut words = script
        .split_whitespace()
        .map(|w| w.trim_matches(['\'', '"']).to_string());
    match words.next() {
        Some(name) => Started::Script(name, words.collect()),
        None => Started::Nothing,
    }
}
