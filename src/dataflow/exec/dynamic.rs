//! EXECUTE IMMEDIATE: the text, where constant propagation knows it, is parsed and run like any other statement.

use super::Exec;
use crate::dataflow::cx::{obstacle, unparsed};
use crate::dataflow::env::{VarKey, no_type};
use crate::dataflow::model::{ObstacleKind, Verb};
use crate::dataflow::raw::RawBody;
use crate::rel::{Literal, Scalar};
use crate::source::{SourceFile, SourceMap, Span};
use crate::syntax::View;
use crate::syntax::ast::{Expr, ExprKind, Id, Into, ItemKind, List, Node, UsingArg};

/// More texts than these are not followed.
const MAX_TEXTS: usize = 64;

impl Exec<'_, '_> {
    pub(super) fn execute(
        &mut self,
        span: Span,
        text: Id<Expr>,
        into: Option<Id<Into>>,
        using: List<UsingArg>,
    ) {
        let value = self.expr(text);
        let texts = value.as_ref().ok().and_then(texts);
        let first = self.done.writes.len();
        match texts {
            Some(texts) => {
                for t in texts {
                    self.run_text(span, &t, using);
                }
            }
            None => self.opaque_text(span, value.ok().as_ref()),
        }
        for write in &mut self.done.writes[first..] {
            // Places inside the text mean nothing in the file: the statement that runs it stands for them.
            write.dynamic = true;
            write.span = span;
        }
        self.lose_targets(span, into);
    }

    fn lose_targets(&mut self, span: Span, into: Option<Id<Into>>) {
        let Some(into) = into else { return };
        let targets: Vec<_> = self.view.ast()[into].targets.ids().collect();
        for t in targets {
            if let Some(key) = self.lowerer().key_of(t) {
                self.lose(span, key, "a value that dynamic SQL gives back");
            }
        }
    }

    /// The text is not known; its first word may be.
    fn opaque_text(&mut self, span: Span, value: Option<&Scalar>) {
        let head = value
            .and_then(head)
            .unwrap_or_default()
            .trim_start()
            .to_ascii_uppercase();
        let word = head
            .split(|c: char| !c.is_ascii_alphabetic())
            .next()
            .unwrap_or_default();
        let verb = match word {
            "INSERT" => Verb::Insert,
            "UPDATE" => Verb::Update,
            "DELETE" => Verb::Delete,
            "MERGE" => Verb::Merge,
            "TRUNCATE" => Verb::Truncate,
            _ => {
                self.done
                    .unknown_calls
                    .push(("EXECUTE IMMEDIATE".into(), span));
                return;
            }
        };
        let why = obstacle(
            ObstacleKind::OpaqueDynamicSql,
            span,
            "the text of the statement is put together from values that are not known before the run",
            "name the tables that it can mean, or write one static statement a table",
        );
        self.add(span, verb, None, RawBody::Obstacle(why));
    }

    fn run_text(&mut self, span: Span, text: &str, using: List<UsingArg>) {
        let mut map = SourceMap::default();
        let id = map.add(SourceFile::from_text("dynamic", text));
        let units = crate::syntax::parse_statement(text, id);
        let mut args = Vec::new();
        for u in self.view.ast().list(using) {
            args.push(self.expr(u.value));
        }
        for unit in &units {
            let view = View::new(&map, unit);
            let mut env = self.env.clone();
            for (name, value) in binds(view).into_iter().zip(&args) {
                let value = match value {
                    Ok(v) => v.clone(),
                    Err(why) => self
                        .done
                        .shared
                        .opaques
                        .value(why.clone(), false, no_type("bind")),
                };
                env.set(VarKey::Bind(name), value);
            }
            if !unit.errors.is_empty()
                && matches!(
                    view.ast()[unit.item].kind,
                    ItemKind::Unparsed | ItemKind::Opaque
                )
            {
                self.unreadable(span, text);
                continue;
            }
            self.in_text(view, env);
        }
    }

    /// A text that is known and not understood.
    fn unreadable(&mut self, span: Span, text: &str) {
        let literal = Scalar::Literal(Literal::Text(text.into()));
        let before = self.done.writes.len();
        self.opaque_text(span, Some(&literal));
        if let Some(write) = self.done.writes.get_mut(before) {
            write.body = RawBody::Obstacle(unparsed(span));
        }
    }

    /// Runs a unit of the text in this routine's place.
    fn in_text(&mut self, view: View<'_>, env: crate::dataflow::env::Env) {
        let mut inner = Exec {
            cx: self.cx,
            view,
            scope: self.scope.clone(),
            env,
            rows: self.rows.clone(),
            guards: self.guards.clone(),
            blocked: self.blocked.clone(),
            loops: Vec::new(),
            cursors: Default::default(),
            running: Vec::new(),
            collections: Default::default(),
            counted: self.counted.clone(),
            in_handler: self.in_handler,
            evidence: self.evidence.clone(),
            last_rows: None,
            depth: self.depth + 1,
            done: std::mem::take(&mut self.done),
        };
        if inner.depth < 32 {
            inner.item(view.unit.item);
        }
        self.done = inner.done;
    }
}

/// Names of the binds in order of their places.
fn binds(view: View<'_>) -> Vec<String> {
    let ast = view.ast();
    let mut found: Vec<(u32, String)> = Vec::new();
    for e in Expr::store(ast) {
        if let ExprKind::Bind(parts) = e.kind {
            found.push((e.span.start, ast.parts(parts).join(".")));
        }
    }
    found.sort();
    found.into_iter().map(|(_, n)| n).collect()
}

/// All texts that a value can be; None where some part is not known.
fn texts(value: &Scalar) -> Option<Vec<String>> {
    match value {
        Scalar::Literal(Literal::Text(t)) => Some(vec![t.clone()]),
        Scalar::Literal(Literal::Number(n)) => Some(vec![n.clone()]),
        Scalar::Literal(Literal::Null) => Some(vec![String::new()]),
        Scalar::Concat { items } => {
            let mut out = vec![String::new()];
            for item in items {
                let parts = texts(item)?;
                out = out
                    .iter()
                    .flat_map(|a| parts.iter().map(move |b| format!("{a}{b}")))
                    .collect();
                if out.len() > MAX_TEXTS {
                    return None;
                }
            }
            Some(out)
        }
        Scalar::Case { whens, otherwise } => {
            let mut out = Vec::new();
            for s in whens.iter().map(|w| &w.then).chain(otherwise.as_deref()) {
                out.extend(texts(s)?);
            }
            Some(out)
        }
        Scalar::Call { function, args, .. } if function == "TO_CHAR" && args.len() == 1 => {
            texts(&args[0])
        }
        _ => None,
    }
}

/// The beginning of a text, as far as it is known.
fn head(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Literal(Literal::Text(t)) => Some(t.clone()),
        Scalar::Concat { items } => items.first().and_then(head),
        Scalar::Case { whens, .. } => whens.first().and_then(|w| head(&w.then)),
        _ => None,
    }
}
