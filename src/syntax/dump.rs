//! The `--tree` printer: one line a node, indented, with its role, what it is and its place.

use std::fmt::Write;

use super::ast::*;
use super::unit::{Unit, View};
use super::walk::*;
use crate::source::SourceMap;

/// The tree of a unit as text.
pub fn dump(map: &SourceMap, unit: &Unit) -> String {
    dump_view(View::new(map, unit))
}

/// The tree of a unit seen with its text.
pub fn dump_view(view: View<'_>) -> String {
    let mut d = Dump {
        view,
        out: String::new(),
        depth: 0,
        role: "",
    };
    d.item(view.unit.item);
    d.out
}

struct Dump<'a> {
    view: View<'a>,
    out: String,
    depth: usize,
    role: &'static str,
}

impl Dump<'_> {
    fn line(&mut self, span: TokSpan, what: &str) {
        let s = self.view.span(span);
        let role = if self.role.is_empty() {
            String::new()
        } else {
            format!("{}: ", self.role)
        };
        let indent = "  ".repeat(self.depth);
        let _ = writeln!(self.out, "{indent}{role}{what} @{}..{}", s.start, s.end);
        self.role = "";
    }

    fn name_text(&self, id: Id<ObjectName>) -> String {
        let ast = self.view.ast();
        let mut text = ast.parts(ast[id].parts).join(".");
        if !ast[id].link.is_empty() {
            text.push('@');
            text.push_str(&ast.link(ast[id].link).join("."));
        }
        text
    }

    /// The names of arguments that have one.
    fn names(&self, args: List<Arg>) -> String {
        let args = self.view.ast().list(args);
        let names: Vec<&str> = args
            .iter()
            .filter_map(|a| a.name)
            .map(|n| self.ident(n))
            .collect();
        if names.is_empty() {
            return String::new();
        }
        format!(" ({})", names.join(", "))
    }

    fn ident(&self, i: Ident) -> &str {
        self.view.ast().ident(i)
    }

    fn nested(&mut self, f: impl FnOnce(&mut Self)) {
        self.depth += 1;
        f(self);
        self.depth -= 1;
    }
}

/// Name of an enum value without its fields.
fn variant(debug: &dyn std::fmt::Debug) -> String {
    let text = format!("{debug:?}");
    text.split([' ', '(', '{']).next().unwrap_or("").to_string()
}

impl<'a> Visit<'a> for Dump<'a> {
    fn ast(&self) -> &'a Ast {
        self.view.ast()
    }

    fn role(&mut self, role: &'static str) {
        self.role = role;
    }

    fn item(&mut self, id: Id<Item>) {
        let item = self.ast()[id];
        let what = match item.kind {
            ItemKind::SqlPlus(word) => format!("SqlPlus {}", self.ident(word)),
            ItemKind::CreateTable(t) | ItemKind::ControlFile(t) => {
                let columns: Vec<_> = self
                    .ast()
                    .list(self.ast()[t].columns)
                    .iter()
                    .map(|c| self.ident(c.name))
                    .collect();
                format!(
                    "{} {} ({})",
                    variant(&item.kind),
                    self.name_text(self.ast()[t].name),
                    columns.join(", ")
                )
            }
            ItemKind::Ddl(d) => {
                let d = self.ast()[d];
                let object = self.view.text(d.object).to_ascii_uppercase();
                format!("Ddl {} {object}", self.ident(d.verb))
                    .trim_end()
                    .to_string()
            }
            kind => variant(&kind),
        };
        self.line(item.span, &what);
        self.nested(|d| walk_item(d, id));
    }

    fn stmt(&mut self, id: Id<Stmt>) {
        let stmt = self.ast()[id];
        let label = stmt
            .label
            .map(|l| format!("<<{}>> ", self.ident(l)))
            .unwrap_or_default();
        let what = match stmt.kind {
            StmtKind::ForRange { var, reverse, .. } => format!(
                "ForRange {}{}",
                self.ident(var),
                if reverse { " reverse" } else { "" }
            ),
            StmtKind::ForCursor { var, .. } => format!("ForCursor {}", self.ident(var)),
            StmtKind::Forall {
                var,
                save_exceptions,
                ..
            } => format!(
                "Forall {}{}",
                self.ident(var),
                if save_exceptions {
                    " save exceptions"
                } else {
                    ""
                }
            ),
            StmtKind::Exit { label: Some(l), .. } => format!("Exit {}", self.ident(l)),
            StmtKind::Continue { label: Some(l), .. } => format!("Continue {}", self.ident(l)),
            StmtKind::Goto(l) => format!("Goto {}", self.ident(l)),
            StmtKind::Savepoint(s) | StmtKind::Rollback(Some(s)) => {
                format!("{} {}", variant(&stmt.kind), self.ident(s))
            }
            kind => variant(&kind),
        };
        self.line(stmt.span, &format!("{label}{what}"));
        self.nested(|d| walk_stmt(d, id));
    }

    fn dml(&mut self, id: Id<Dml>) {
        let dml = self.ast()[id];
        let what = match dml.kind {
            DmlKind::Insert { into, .. } => {
                let columns = self.ast().parts(into.columns).join(", ");
                if columns.is_empty() {
                    "Insert".to_string()
                } else {
                    format!("Insert ({columns})")
                }
            }
            DmlKind::Unparsed(verb) => format!("Unparsed {verb:?}"),
            kind => variant(&kind),
        };
        self.line(dml.span, &what);
        self.nested(|d| walk_dml(d, id));
    }

    fn expr(&mut self, id: Id<Expr>) {
        let e = self.ast()[id];
        let what = match e.kind {
            ExprKind::Name(n) => {
                let text = format!("Name {}", self.name_text(n));
                return self.line(e.span, &text);
            }
            ExprKind::Number
            | ExprKind::String
            | ExprKind::DateLit
            | ExprKind::TimestampLit
            | ExprKind::IntervalLit => {
                format!("{} {}", variant(&e.kind), self.view.text(e.span))
            }
            ExprKind::Bool(b) => format!("Bool {b}"),
            ExprKind::Bind(parts) => format!("Bind {}", self.ast().parts(parts).join(".")),
            ExprKind::CursorAttr { attr, .. } => format!("CursorAttr {attr:?}"),
            ExprKind::Call { distinct, args, .. } => {
                let distinct = if distinct { " distinct" } else { "" };
                format!("Call{distinct}{}", self.names(args))
            }
            ExprKind::Field { name, .. } => format!("Field {}", self.ident(name)),
            ExprKind::Unary { op, .. } => format!("Unary {op:?}"),
            ExprKind::Binary { op, .. } => format!("Binary {op:?}"),
            ExprKind::Chain { op, .. } => format!("Chain {op:?}"),
            ExprKind::Compare { op, quantifier, .. } => match quantifier {
                Some(q) => format!("Compare {op:?} {q:?}"),
                None => format!("Compare {op:?}"),
            },
            ExprKind::Between { not, .. }
            | ExprKind::InList { not, .. }
            | ExprKind::InQuery { not, .. }
            | ExprKind::Like { not, .. }
            | ExprKind::IsNull { not, .. } => {
                format!("{}{}", if not { "Not " } else { "" }, variant(&e.kind))
            }
            ExprKind::Is { not, test, .. } => format!(
                "{}Is {}",
                if not { "Not " } else { "" },
                self.view.text(self.ast()[test].what)
            ),
            ExprKind::Multiset { op, .. } => format!("Multiset {}", self.view.text(op)),
            ExprKind::Extract { field, .. } => format!("Extract {}", self.ident(field)),
            ExprKind::Special(id) => {
                let Special { name, args, .. } = self.ast()[id];
                format!("Special {}{}", self.ident(name), self.names(args))
            }
            ExprKind::Inquiry(name) => format!("Inquiry {}", self.ident(name)),
            kind => variant(&kind),
        };
        self.line(e.span, &what);
        self.nested(|d| walk_expr(d, id));
    }

    fn query(&mut self, id: Id<Query>) {
        let q = self.ast()[id];
        let names: Vec<_> = self
            .ast()
            .list(q.with)
            .iter()
            .map(|c| self.ident(c.name).to_string())
            .collect();
        let with = if names.is_empty() {
            String::new()
        } else {
            format!(" with {}", names.join(", "))
        };
        self.line(q.span, &format!("Query{with}"));
        self.nested(|d| walk_query(d, id));
    }

    fn set_expr(&mut self, id: Id<SetExpr>) {
        let ast = self.ast();
        match ast[id] {
            SetExpr::Select(_) => walk_set_expr(self, id),
            SetExpr::Query(_) | SetExpr::Values(_) | SetExpr::Unparsed(_) => {
                walk_set_expr(self, id)
            }
            SetExpr::Chain { rest, .. } => {
                let ops: Vec<_> = ast
                    .list(rest)
                    .iter()
                    .map(|t| format!("{:?}{}", t.op, if t.all { " all" } else { "" }))
                    .collect();
                let indent = "  ".repeat(self.depth);
                let _ = writeln!(self.out, "{indent}Chain {}", ops.join(", "));
                self.nested(|d| walk_set_expr(d, id));
            }
        }
    }

    fn select(&mut self, id: Id<Select>) {
        let s = self.ast()[id];
        let what = if s.distinct {
            "Select distinct"
        } else {
            "Select"
        };
        self.line(s.span, what);
        self.nested(|d| walk_select(d, id));
    }

    fn from_item(&mut self, id: Id<FromItem>) {
        let f = self.ast()[id];
        let alias = f
            .alias
            .map(|a| format!(" as {}", self.ident(a)))
            .unwrap_or_default();
        let what = match f.kind {
            FromKind::Table { name, .. } => {
                let text = format!("Table {}{alias}", self.name_text(name));
                self.line(f.span, &text);
                return self.nested(|d| {
                    for c in f.clauses.ids() {
                        d.clause(c);
                    }
                });
            }
            FromKind::Join { kind, natural, .. } => {
                format!("Join {}{kind:?}", if natural { "natural " } else { "" })
            }
            FromKind::Derived { keyword, .. } => format!("Derived {}", self.ident(keyword)),
            kind => variant(&kind),
        };
        self.line(f.span, &format!("{what}{alias}"));
        self.nested(|d| walk_from_item(d, id));
    }

    fn decl(&mut self, id: Id<Decl>) {
        let d = self.ast()[id];
        let what = match d.kind {
            DeclKind::Var { name, constant, .. } => format!(
                "{} {}",
                if constant { "Constant" } else { "Var" },
                self.ident(name)
            ),
            DeclKind::Cursor { name, .. }
            | DeclKind::Record { name, .. }
            | DeclKind::Collection { name, .. }
            | DeclKind::Subtype { name, .. }
            | DeclKind::RefCursor(name, _)
            | DeclKind::Exception(name)
            | DeclKind::Pragma(name, _)
            | DeclKind::OtherType(name) => {
                format!("{} {}", variant(&d.kind), self.ident(name))
            }
            DeclKind::Routine(_) | DeclKind::CondCompile(_) | DeclKind::Unparsed => {
                variant(&d.kind)
            }
        };
        self.line(d.span, &what);
        self.nested(|v| walk_decl(v, id));
    }

    fn routine(&mut self, id: Id<Routine>) {
        let r = self.ast()[id];
        let params: Vec<_> = self
            .ast()
            .list(r.params)
            .iter()
            .map(|p| format!("{} {:?}", self.ident(p.name), p.mode))
            .collect();
        let word = if r.function { "Function" } else { "Procedure" };
        let what = format!("{word} {}({})", self.ident(r.name), params.join(", "));
        self.line(r.span, &what);
        self.nested(|d| walk_routine(d, id));
    }

    fn block(&mut self, id: Id<Block>) {
        let b = self.ast()[id];
        self.line(b.span, "Block");
        self.nested(|d| walk_block(d, id));
    }

    fn clause(&mut self, id: Id<Clause>) {
        let c = self.ast()[id];
        let name = c.name.map(|n| format!(" {}", self.ident(n)));
        let words = matches!(
            c.kind,
            ClauseKind::Words | ClauseKind::Mode | ClauseKind::Opaque
        )
        .then(|| format!(" {}", self.view.text(c.span)));
        let what = format!(
            "{:?}{}{}",
            c.kind,
            name.unwrap_or_default(),
            words.unwrap_or_default()
        );
        self.line(c.span, &what);
        self.nested(|d| walk_clause(d, id));
    }

    fn type_ref(&mut self, id: Id<TypeRef>) {
        let span = self.ast()[id].span;
        let text = format!("Type {}", self.view.text(span));
        self.line(span, &text);
    }

    fn name(&mut self, id: Id<ObjectName>) {
        let text = format!("Name {}", self.name_text(id));
        self.line(self.ast().name_span(id), &text);
    }
}
