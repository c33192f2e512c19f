//! The call graph: calls of every routine, resolved or with the reason why not; what jobs reach; what nobody calls.

use std::collections::{BTreeSet, VecDeque};

use rayon::prelude::*;

use super::builtin::is_builtin_function;
use super::model::{Catalog, RoutineId};
use super::resolve::{Callee, NameMeaning, Resolver, Scope, Source, SqlName};
use super::walk::{Node, Place, Visitor, Walk};
use crate::source::Span;
use crate::syntax::ast::{Dml, DmlKind, Expr, ExprKind, FromItem, Id, ItemKind};

/// A call in a routine.
#[derive(Clone, Debug)]
pub struct Call {
    /// What it calls: a routine, a built-in with a package, or unknown.
    pub callee: Callee,
    /// The call's expression, in the tree of the routine's unit.
    pub expr: Id<Expr>,
    /// Name as written in canonical spelling.
    pub name: String,
    /// Place.
    pub span: Span,
    /// Inside a SQL statement.
    pub in_sql: bool,
    /// Routines of that name, where it is not known which of them is called. They count as called.
    pub possible: Vec<RoutineId>,
}

/// Calls of all routines.
#[derive(Debug, Default)]
pub struct CallGraph {
    /// One list a routine, indexed like the catalogue's routines, in order of place. Calls of plain SQL functions
    /// are left out.
    pub calls: Vec<Vec<Call>>,
    callees: Vec<BTreeSet<RoutineId>>,
}

impl CallGraph {
    /// Looks at every routine's body.
    pub fn build(resolver: &Resolver<'_>) -> Self {
        let all = (0..resolver.catalog.routines.len()).into_par_iter();
        let found: Vec<_> = all
            .map(|i| calls_of(resolver, RoutineId(i as u32)))
            .collect();
        let mut graph = CallGraph::default();
        for calls in found {
            let targets = |c: &Call| match &c.callee {
                Callee::Routine(id) => vec![*id],
                Callee::Builtin(_) | Callee::Value(_) | Callee::Unknown(_) => c.possible.clone(),
            };
            graph.callees.push(calls.iter().flat_map(targets).collect());
            graph.calls.push(calls);
        }
        graph
    }

    /// Routines that a routine calls, or may call: see [`Call::possible`].
    pub fn callees(&self, id: RoutineId) -> &BTreeSet<RoutineId> {
        &self.callees[id.0 as usize]
    }

    /// Everything that runs when one of `roots` runs, the roots included.
    pub fn reachable(&self, roots: impl IntoIterator<Item = RoutineId>) -> BTreeSet<RoutineId> {
        let mut seen: BTreeSet<_> = roots.into_iter().collect();
        let mut queue: VecDeque<_> = seen.iter().copied().collect();
        while let Some(id) = queue.pop_front() {
            for next in self.callees(id) {
                if seen.insert(*next) {
                    queue.push_back(*next);
                }
            }
        }
        seen
    }

    /// Everything that a job runs.
    pub fn reachable_from(&self, catalog: &Catalog, job: usize) -> BTreeSet<RoutineId> {
        let entries = catalog
            .jobs
            .get(job)
            .map_or(&[][..], |j| j.entries.as_slice());
        self.reachable(entries.iter().filter_map(|e| e.routine.known().copied()))
    }

    /// Batch code: one set a job, in order of the catalogue's jobs.
    pub fn batch_routines(&self, catalog: &Catalog) -> Vec<BTreeSet<RoutineId>> {
        let jobs = 0..catalog.jobs.len();
        jobs.map(|j| self.reachable_from(catalog, j)).collect()
    }

    /// Routines with a body that no job reaches: dead code, or started by something outside the input.
    pub fn unreached(&self, catalog: &Catalog) -> Vec<RoutineId> {
        let roots = catalog.jobs.iter().flat_map(|j| &j.entries);
        let live = self.reachable(roots.filter_map(|e| e.routine.known().copied()));
        let all = (0..self.callees.len()).map(|i| RoutineId(i as u32));
        all.filter(|id| !live.contains(id) && catalog.routines[id.0 as usize].body.is_some())
            .collect()
    }

    /// Routines that no other routine calls; a call of itself does not count.
    pub fn uncalled(&self) -> Vec<RoutineId> {
        let mut called: BTreeSet<RoutineId> = BTreeSet::new();
        for (i, callees) in self.callees.iter().enumerate() {
            called.extend(callees.iter().filter(|c| c.0 as usize != i));
        }
        let all = (0..self.callees.len()).map(|i| RoutineId(i as u32));
        all.filter(|id| !called.contains(id)).collect()
    }
}

/// The calls in one routine's body and declarations; nested routines are routines of their own.
pub fn calls_of(resolver: &Resolver<'_>, id: RoutineId) -> Vec<Call> {
    let routine = &resolver.catalog.routines[id.0 as usize];
    let mut collector = Collector {
        resolver,
        around: Vec::new(),
        calls: Vec::new(),
    };
    if let Some(body) = routine.body {
        let mut scope = resolver.routine_scope(id);
        scope.leave();
        Walk::new(resolver.view(routine.unit), scope, &mut collector).block(body);
    }
    for unit in &routine.items {
        let view = resolver.view(*unit);
        if let ItemKind::Dml(dml) = view.ast()[view.unit.item].kind {
            Walk::new(view, resolver.unit_scope(*unit), &mut collector).dml(dml);
        }
    }
    collector.calls
}

/// Collects calls; knows which columns are in sight, so that a column is not taken for a function.
struct Collector<'r, 'a> {
    resolver: &'r Resolver<'a>,
    /// SELECTs and DML around the place, outermost first: their columns are looked up only where a call may be one.
    around: Vec<Node>,
    calls: Vec<Call>,
}

impl Visitor for Collector<'_, '_> {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        match node {
            Node::Expr(e) => self.expr(at, e),
            Node::Select(..) | Node::Dml(_) => self.around.push(node),
            Node::Block(_) | Node::Decl(_) | Node::Stmt(_) | Node::Query(_) | Node::From(_) => {}
        }
        true
    }

    fn leave(&mut self, _at: &Place<'_>, node: Node) {
        if let Node::Select(..) | Node::Dml(_) = node {
            self.around.pop();
        }
    }
}

impl Collector<'_, '_> {
    /// Columns in sight, outermost query first.
    fn levels(&self, at: &Place<'_>) -> Vec<Vec<Source>> {
        let level = |node: &Node| match *node {
            Node::Select(q, s) => self.resolver.select_sources(&at.scope, q, s),
            Node::Dml(d) => self.dml_sources(at, d),
            Node::Block(_)
            | Node::Decl(_)
            | Node::Stmt(_)
            | Node::Expr(_)
            | Node::Query(_)
            | Node::From(_) => Vec::new(),
        };
        self.around.iter().map(level).collect()
    }

    fn dml_sources(&self, at: &Place<'_>, dml: Id<Dml>) -> Vec<Source> {
        let items: Vec<Id<FromItem>> = match at.view.ast()[dml].kind {
            DmlKind::Update { target, from, .. } => {
                std::iter::once(target).chain(from.ids()).collect()
            }
            DmlKind::Delete { target, .. } => vec![target],
            DmlKind::Merge { target, source, .. } => vec![target, source],
            // VALUES and the query of an INSERT do not see the target's columns.
            DmlKind::Insert { .. } | DmlKind::InsertMulti { .. } | DmlKind::Unparsed(_) => vec![],
        };
        let sources = |i| self.resolver.item_source(&at.scope, i);
        items.into_iter().flat_map(sources).collect()
    }

    fn expr(&mut self, at: &Place<'_>, expr: Id<Expr>) {
        let ast = at.view.ast();
        let (name, bare) = match ast[expr].kind {
            ExprKind::Name(n) => (n, true),
            ExprKind::Call { callee, .. } => match ast[callee].kind {
                ExprKind::Name(n) => (n, false),
                _ => return,
            },
            _ => return,
        };
        let object = ast[name];
        let parts = ast.parts(object.parts);
        if let [single] = parts.as_slice()
            && is_builtin_function(single)
            && !self.is_own(&at.scope, single)
        {
            return;
        }
        let callee = if bare {
            self.bare(at, expr, &parts, object.link.is_empty())
        } else {
            Some(self.resolver.call_in(&at.scope, &self.levels(at), expr))
        };
        let Some(callee) = callee.filter(|c| !matches!(c, Callee::Value(_))) else {
            return;
        };
        let possible = match &callee {
            Callee::Unknown(_) => self.resolver.possible(&at.scope, &parts),
            Callee::Routine(_) | Callee::Builtin(_) | Callee::Value(_) => Vec::new(),
        };
        self.calls.push(Call {
            possible,
            callee,
            expr,
            name: parts.join("."),
            span: at.view.span(ast[expr].span),
            in_sql: at.sql > 0,
        });
    }

    /// A routine of the input that has the name of a built-in and stands nearer.
    fn is_own(&self, scope: &Scope, name: &str) -> bool {
        let found = self.resolver.lookup_name(scope, &[name]);
        matches!(found.meaning, NameMeaning::Routine(_))
    }

    /// A name without parentheses: a call only if it means a routine, or stands as a statement.
    fn bare(&self, at: &Place<'_>, expr: Id<Expr>, parts: &[&str], local: bool) -> Option<Callee> {
        if at.sql > 0 {
            // Most names in SQL are columns: only one that could be a routine is worth a look at the tables.
            let meaning = self.resolver.lookup_name(&at.scope, parts).meaning;
            if !matches!(meaning, NameMeaning::Routine(_)) {
                return None;
            }
            let levels = self.levels(at);
            let name = self.resolver.sql_name(&at.scope, &levels, parts);
            let is_call = matches!(name, SqlName::Plsql(_));
            return is_call.then(|| self.resolver.call_in(&at.scope, &levels, expr));
        }
        let callee = self.resolver.call(&at.scope, expr);
        let is_statement = || {
            let ast = at.view.ast();
            at.statement.is_some_and(
                |s| matches!(ast[s].kind, crate::syntax::ast::StmtKind::Call(e) if e == expr),
            )
        };
        match callee {
            Callee::Routine(_) | Callee::Builtin(_) => Some(callee),
            Callee::Unknown(_) if !local || is_statement() => Some(callee),
            Callee::Unknown(_) | Callee::Value(_) => None,
        }
    }
}
