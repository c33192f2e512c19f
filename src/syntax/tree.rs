//! The typed tree as text, indented, with byte spans: for people, and for tests that show what was understood.
//! Written over the nodes' own `Debug` form, so that no field of any node can be forgotten here.

mod form;

use super::ast::Ast;
use super::unit::{Unit, View};
use crate::source::{SourceMap, Span};
use form::Form;

/// Characters of source text shown with a leaf.
const LEAF: usize = 60;

/// One unit, a line a node.
pub fn show(map: &SourceMap, unit: &Unit) -> String {
    let mut printer = Printer {
        view: View::new(map, unit),
        out: String::new(),
    };
    let root = Form::Id("Item".into(), unit.item.index());
    printer.show(&root, "", 0);
    printer.out
}

struct Printer<'a> {
    view: View<'a>,
    out: String,
}

impl Printer<'_> {
    fn ast(&self) -> &Ast {
        self.view.ast()
    }

    fn line(&mut self, indent: usize, label: &str, text: &str) {
        self.out.extend(std::iter::repeat_n("  ", indent));
        if !label.is_empty() {
            self.out.push_str(label);
            self.out.push_str(": ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn show(&mut self, form: &Form, label: &str, indent: usize) {
        stacker::maybe_grow(64 * 1024, 4 << 20, || self.show_form(form, label, indent));
    }

    fn show_form(&mut self, form: &Form, label: &str, indent: usize) {
        match form {
            Form::Id(ty, index) => {
                if let Some(node) = self.ast().debug_node(ty, *index) {
                    self.show(&Form::parse(&node), label, indent);
                }
            }
            Form::List(ty, range) if ty == "Ident" => {
                let names: Vec<String> = range.clone().map(|i| self.ident_at(i)).collect();
                let between = if label == "parts" { "." } else { ", " };
                if !names.is_empty() {
                    self.line(indent, label, &names.join(between));
                }
            }
            Form::List(ty, range) => {
                for index in range.clone() {
                    self.show(&Form::Id(ty.clone(), index), label, indent);
                }
            }
            Form::Word(word) if word == "None" || word == "false" => {}
            Form::Word(word) if word == "true" => self.line(indent, "", label),
            Form::Word(word) => self.line(indent, label, word),
            Form::Tuple(name, items) if name == "Some" => {
                items.iter().for_each(|item| self.show(item, label, indent));
            }
            Form::Tuple(name, items) => {
                self.line(indent, label, name);
                items
                    .iter()
                    .for_each(|item| self.show(item, "", indent + 1));
            }
            Form::Struct(name, fields) => self.structure(name, fields, label, indent),
        }
    }

    fn structure(&mut self, name: &str, fields: &[(String, Form)], label: &str, indent: usize) {
        match name {
            "Ident" => {
                let text = self.ident(fields);
                self.line(indent, label, &text);
            }
            "TokSpan" => {
                let text = self.excerpt(span(self.view, fields));
                if !text.is_empty() {
                    self.line(indent, label, &text);
                }
            }
            _ => self.node(name, fields, label, indent),
        }
    }

    fn node(&mut self, name: &str, fields: &[(String, Form)], label: &str, indent: usize) {
        let place = own_span(self.view, fields);
        let kind = fields.iter().find(|(k, _)| k == "kind").map(|(_, v)| v);
        let mut head = name.to_string();
        if let Some(kind) = kind.and_then(Form::name) {
            head = format!("{head} {kind}");
        }
        if let Some(place) = place {
            head = format!("{head} @{}..{}", place.start, place.end);
        }
        let at = self.out.len();
        self.line(indent, label, &head);
        let after_head = self.out.len();
        for (key, value) in fields {
            match (key.as_str(), value) {
                ("span", _) => {}
                ("kind", Form::Tuple(_, items)) => {
                    items
                        .iter()
                        .for_each(|item| self.show(item, "", indent + 1));
                }
                ("kind", Form::Struct(_, inner)) => {
                    inner.iter().for_each(|(k, v)| self.show(v, k, indent + 1));
                }
                ("kind", Form::Word(_)) => {}
                (key, value) => self.show(value, key, indent + 1),
            }
        }
        if let (true, Some(place)) = (self.out.len() == after_head, place) {
            let text = self.excerpt(place);
            self.out.truncate(at);
            self.line(indent, label, &format!("{head} {text}"));
        }
    }

    fn ident_at(&self, index: usize) -> String {
        let node = self
            .ast()
            .debug_node("Ident", index)
            .map(|n| Form::parse(&n));
        match node {
            Some(Form::Struct(_, fields)) => self.ident(&fields),
            Some(Form::Word(_) | Form::Tuple(..) | Form::Id(..) | Form::List(..)) | None => {
                "?".into()
            }
        }
    }

    fn ident(&self, fields: &[(String, Form)]) -> String {
        let name = fields.iter().find(|(k, _)| k == "name").map(|(_, v)| v);
        let index = match name {
            Some(Form::Tuple(_, items)) => items.first().and_then(Form::number),
            Some(Form::Id(..) | Form::List(..) | Form::Word(_) | Form::Struct(..)) | None => None,
        };
        let text = index.map_or("?", |i| self.ast().name(super::ast::Name(i)));
        let quoted = fields
            .iter()
            .any(|(k, v)| k == "quoted" && *v == Form::Word("true".into()));
        if quoted {
            format!("{text:?}")
        } else {
            text.to_string()
        }
    }

    /// Source text, quoted and cut.
    fn excerpt(&self, span: Span) -> String {
        let text = self
            .view
            .src
            .get(span.start as usize..span.end as usize)
            .unwrap_or("");
        let mut shown: String = text.chars().take(LEAF).collect();
        if shown.len() < text.len() {
            shown.push_str("..");
        }
        if shown.is_empty() {
            shown
        } else {
            format!("{shown:?}")
        }
    }
}

fn own_span(view: View<'_>, fields: &[(String, Form)]) -> Option<Span> {
    fields
        .iter()
        .find_map(|(key, value)| match (key.as_str(), value) {
            ("span", Form::Struct(_, inner)) => Some(span(view, inner)),
            _ => None,
        })
}

fn span(view: View<'_>, fields: &[(String, Form)]) -> Span {
    let number = |key: &str| {
        let found = fields.iter().find(|(k, _)| k == key);
        found.and_then(|(_, v)| v.number()).unwrap_or(0)
    };
    view.span(super::ast::TokSpan::new(number("start"), number("end")))
}
