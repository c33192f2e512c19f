//! The `Debug` form of one node, read back as a small tree. Ids and lists print as `Type#3` and `Type[3..5]`.

use std::ops::Range;

/// A value as `#[derive(Debug)]` writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `None`, `true`, `12`, a variant without fields.
    Word(String),
    /// `Name(a, b)`.
    Tuple(String, Vec<Form>),
    /// `Name { a: 1 }`.
    Struct(String, Vec<(String, Form)>),
    /// `Type#3`.
    Id(String, usize),
    /// `Type[3..5]`.
    List(String, Range<usize>),
}

impl Form {
    /// Reads a form; text that is none becomes a word.
    pub(super) fn parse(text: &str) -> Form {
        Reader { text, at: 0 }.value()
    }

    /// Name of a word, tuple or structure.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Form::Word(name) | Form::Tuple(name, _) | Form::Struct(name, _) => Some(name),
            Form::Id(..) | Form::List(..) => None,
        }
    }

    /// The number of a word that is one.
    pub(super) fn number(&self) -> Option<u32> {
        match self {
            Form::Word(word) => word.parse().ok(),
            Form::Tuple(..) | Form::Struct(..) | Form::Id(..) | Form::List(..) => None,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn eat(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    fn word(&mut self) -> String {
        let end = self.rest().find(|c: char| !c.is_alphanumeric() && c != '_');
        let word = self.rest()[..end.unwrap_or(self.rest().len())].to_string();
        self.at += word.len();
        word
    }

    fn number(&mut self) -> usize {
        self.word().parse().unwrap_or(0)
    }

    fn value(&mut self) -> Form {
        let name = self.word();
        if self.eat("#") {
            return Form::Id(name, self.number());
        }
        if self.eat("[") {
            let start = self.number();
            self.eat("..");
            let end = self.number();
            self.eat("]");
            return Form::List(name, start..end);
        }
        if self.eat("(") {
            let mut items = Vec::new();
            while !self.eat(")") && self.at < self.text.len() {
                items.push(self.value());
                self.eat(", ");
            }
            return Form::Tuple(name, items);
        }
        if self.eat(" { ") {
            return Form::Struct(name, self.fields());
        }
        if name.is_empty() {
            // Not a form of ours: step over it, so that reading always ends.
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
        }
        Form::Word(name)
    }

    fn fields(&mut self) -> Vec<(String, Form)> {
        let mut fields = Vec::new();
        while !self.eat(" }") && !self.eat("}") && self.at < self.text.len() {
            let key = self.word();
            self.eat(": ");
            fields.push((key, self.value()));
            self.eat(", ");
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_back() {
        let text = "Stmt { span: TokSpan { start: 1, end: 2 }, kind: If { arms: IfArm[0..2], else_: Some(Stmt[2..2]) } }";
        let Form::Struct(name, fields) = Form::parse(text) else {
            panic!("not a structure");
        };
        assert_eq!(name, "Stmt");
        assert_eq!(fields[1].1.name(), Some("If"));
        assert_eq!(
            Form::parse("Call(Expr#7)"),
            Form::Tuple("Call".into(), vec![Form::Id("Expr".into(), 7)])
        );
        assert_eq!(Form::parse("None"), Form::Word("None".into()));
        Form::parse("?? { ( [");
    }
}
