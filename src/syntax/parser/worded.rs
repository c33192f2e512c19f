//! The clauses of XML and JSON functions: RETURNING, PASSING, COLUMNS, .. ON ERROR, and the
//! operations of JSON_TRANSFORM.

use super::*;

impl Parser<'_> {
    /// The clause at the cursor; None at an operand.
    pub(super) fn function_clause(&mut self, function: Tok) -> P<Option<Clause>> {
        let start = self.p;
        let next = self.nth(1);
        if let Some(words) = self.handler_words() {
            return self.on_clause(words).map(Some);
        }
        let kind = match (self.at(), next) {
            (Tok::FORMAT, Tok::JSON) => {
                self.advance(2);
                if self.eat_word("ENCODING") {
                    self.ident()?;
                }
                ClauseKind::FormatJson
            }
            (Tok::RETURNING, _) => return self.returning_clause().map(Some),
            (Tok::PASSING, next) if !matches!(next, Tok::RParen | Tok::Dot | Tok::Comma) => {
                return self.passing().map(Some);
            }
            (Tok::COLUMNS, next) if next == Tok::LParen || next.is_name() => {
                return self.table_columns(function).map(Some);
            }
            (Tok::ORDER, Tok::BY) => return self.order_by_clause().map(Some),
            (Tok::WITH | Tok::WITHOUT, _) => self.wrapper_words()?,
            (Tok::UNIQUE, Tok::KEYS) => {
                self.advance(2);
                ClauseKind::UniqueKeys
            }
            (Tok::AS, _) if matches!(function, Tok::XMLCAST | Tok::XMLSERIALIZE) => {
                self.bump();
                let ty = Some(self.type_ref_id()?);
                return Ok(Some(Clause {
                    ty,
                    ..self.bare(ClauseKind::As, start)
                }));
            }
            _ => match self.plain_words(function) {
                0 => return self.worded_setting(),
                n => return Ok(Some(self.words(n))),
            },
        };
        Ok(Some(self.bare(kind, start)))
    }

    /// How many words an option has that says all by itself.
    fn plain_words(&self, function: Tok) -> usize {
        let next = self.nth(1);
        let ends = matches!(next, Tok::RParen | Tok::Comma);
        match (self.at(), next) {
            (Tok::STRICT | Tok::ORDERED, next) if ends || next.is_name() => 1,
            (Tok::WELLFORMED, _) => 1,
            // USING CASE-SENSITIVE MAPPING.
            (Tok::USING, Tok::CASE) if self.nth(2) == Tok::Minus => 5,
            (Tok::USING, Tok::Ident) if self.nth_word(1, "CASE_SENSITIVE") => 3,
            (Tok::DOCUMENT | Tok::CONTENT, next) if !ends && next != Tok::Dot => 1,
            (Tok::ENTITYESCAPING, next) if next != Tok::RParen => 1,
            (Tok::NO, next) if !ends && next.is_name() => 2,
            (Tok::KEEP, Tok::Ident) if self.nth_word(1, "QUOTES") => self.quotes(),
            (Tok::TRUNCATE, _) => 1,
            (Tok::TYPE, Tok::LParen) if function != Tok::XMLELEMENT => 4,
            (Tok::Ident, _) => self.plain_word(ends),
            _ => 0,
        }
    }

    fn plain_word(&self, ends: bool) -> usize {
        const ONE: &[&str] = &[
            "PRETTY",
            "ASCII",
            "LAX",
            "EXTENDED",
            "NOENTITYESCAPING",
            "INDENT",
            "TYPENAME",
        ];
        const TWO: &[&str] = &["ALLOW", "DISALLOW", "HIDE", "SHOW"];
        let text = self.text(self.p);
        let is = |list: &[&str]| list.iter().any(|w| w.eq_ignore_ascii_case(text));
        let next = self.nth(1);
        if is(&["ALLOW"]) && self.nth_word(1, "BOOLEAN") {
            5
        } else if is(ONE) && (ends || next.is_name() || next == Tok::WITH) {
            1
        } else if is(TWO) && next.is_name() {
            2
        } else if is(&["OMIT"]) && self.nth_word(1, "QUOTES") {
            self.quotes()
        } else {
            0
        }
    }

    /// `KEEP|OMIT QUOTES [ON SCALAR STRING]`.
    fn quotes(&self) -> usize {
        if self.nth(2) == Tok::ON { 5 } else { 2 }
    }

    /// `ENCODING x`, `VERSION x`, `STANDALONE YES`, `SIZE = n`: a word and its value.
    fn worded_setting(&mut self) -> P<Option<Clause>> {
        let next = self.nth(1);
        let known = self.at() == Tok::Ident
            && ["ENCODING", "VERSION", "STANDALONE", "SIZE"]
                .iter()
                .any(|w| self.at_word(w))
            && !matches!(next, Tok::RParen | Tok::Comma | Tok::Dot | Tok::LParen);
        if !known {
            return Ok(None);
        }
        let start = self.p;
        let name = Some(self.ident()?);
        self.eat(Tok::Eq);
        if self.at() == Tok::NO {
            self.advance(if self.nth(1) == Tok::VALUE { 2 } else { 1 });
            return Ok(Some(Clause {
                name,
                ..self.bare(ClauseKind::Setting, start)
            }));
        }
        let value = self.binary(super::expr::ADD)?;
        Ok(Some(Clause {
            name,
            ..self.valued(ClauseKind::Setting, start, [value])
        }))
    }

    /// `WITH [CONDITIONAL|UNCONDITIONAL] [ARRAY] WRAPPER`, `WITH UNIQUE KEYS`, `WITH TYPENAME`.
    fn wrapper_words(&mut self) -> P<ClauseKind> {
        self.bump();
        let mut kind = ClauseKind::Words;
        while matches!(
            self.at(),
            Tok::CONDITIONAL | Tok::UNCONDITIONAL | Tok::WRAPPER | Tok::UNIQUE | Tok::KEYS
        ) || self.at_word("ARRAY")
            || self.at_word("TYPENAME")
        {
            match self.at() {
                Tok::WRAPPER => kind = ClauseKind::Wrapper,
                Tok::UNIQUE => kind = ClauseKind::UniqueKeys,
                _ => {}
            }
            self.bump();
        }
        Ok(kind)
    }

    /// `RETURNING type ..`, `RETURNING CONTENT`, `RETURNING SEQUENCE BY REF`.
    fn returning_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let mut ty = None;
        if !self.eat(Tok::CONTENT) && !self.eat_seq(&[Tok::SEQUENCE, Tok::BY, Tok::REF]) {
            ty = Some(self.type_ref_id()?);
        }
        Ok(Clause {
            ty,
            ..self.bare(ClauseKind::Returning, start)
        })
    }

    /// `PASSING [BY VALUE|REF] expr [AS name], ..`.
    fn passing(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        if self.at() == Tok::BY {
            self.advance(2);
        }
        let inner = self.comma_list(|p| {
            let start = p.p;
            let e = p.expr()?;
            let name = if p.at() == Tok::AS || p.at() == Tok::Quoted {
                p.column_alias()?
            } else {
                None
            };
            if p.at() == Tok::BY {
                p.advance(2);
            }
            Ok(Clause {
                name,
                ..p.valued(ClauseKind::Item, start, [e])
            })
        })?;
        Ok(Clause {
            inner,
            ..self.bare(ClauseKind::Passing, start)
        })
    }

    // --- .. ON ERROR ------------------------------------------------------------------------

    /// Words in front of ON when a handler starts here: `NULL ON`, `EMPTY ARRAY ON`, `DEFAULT x ON`.
    fn handler_words(&self) -> Option<usize> {
        let next = self.nth(1);
        match self.at() {
            Tok::DEFAULT if next != Tok::Dot => Some(0),
            Tok::EMPTY if self.nth(2) == Tok::ON => Some(2),
            t if t.is_name() && next == Tok::ON => Some(1),
            _ => None,
        }
    }

    /// `action ON event [(..)]`; a DEFAULT may also stand alone.
    fn on_clause(&mut self, words: usize) -> P<Clause> {
        let start = self.p;
        self.advance(words);
        let mut clause = self.bare(ClauseKind::On, start);
        if words == 0 {
            self.bump();
            let value = self.binary(super::expr::ADD)?;
            clause.values = self.ast.add_list([value]);
            if self.at() != Tok::ON {
                return Ok(self.closed_at(start, clause));
            }
        }
        self.expect(Tok::ON, "ON")?;
        clause.name = Some(self.ident()?);
        if self.at() == Tok::LParen {
            self.skip_parens()?;
        }
        Ok(self.closed_at(start, clause))
    }

    // --- COLUMNS ----------------------------------------------------------------------------

    pub(super) fn table_columns(&mut self, function: Tok) -> P<Clause> {
        let start = self.p;
        self.bump();
        let inner = if self.at() == Tok::LParen {
            self.paren_list(|p| p.deeper(|p| p.table_column(function)))?
        } else {
            self.comma_list(|p| p.table_column(function))?
        };
        Ok(Clause {
            inner,
            ..self.bare(ClauseKind::Columns, start)
        })
    }

    fn table_column(&mut self, function: Tok) -> P<Clause> {
        let start = self.p;
        if self.at() == Tok::NESTED && !matches!(self.nth(1), Tok::Comma | Tok::RParen) {
            return self.nested_columns(function);
        }
        let name = Some(self.ident()?);
        if self.at() == Tok::FOR {
            self.bump();
            self.expect(Tok::ORDINALITY, "ORDINALITY")?;
            return Ok(Clause {
                name,
                ..self.bare(ClauseKind::Ordinality, start)
            });
        }
        let untyped = matches!(
            self.at(),
            Tok::EXISTS | Tok::FORMAT | Tok::WITH | Tok::WITHOUT | Tok::DEFAULT
        ) || self.at_word("PATH")
            || self.handler_words().is_some();
        let ty = if self.at().is_name() && !untyped {
            Some(self.type_ref_id()?)
        } else {
            None
        };
        let (values, inner) = self.column_options(function)?;
        Ok(Clause {
            name,
            ty,
            values,
            inner,
            ..self.bare(ClauseKind::Column, start)
        })
    }

    /// What stands behind a column's type: its path, and clauses.
    fn column_options(&mut self, function: Tok) -> P<(List<Expr>, List<Clause>)> {
        let (mark, mut values) = (self.mark::<Clause>(), List::empty());
        while !matches!(self.at(), Tok::Comma | Tok::RParen | Tok::Eof | Tok::Semi) {
            if self.eat_word("PATH") {
                let path = self.postfixed()?;
                values = self.ast.add_list([path]);
            } else if self.at() == Tok::LParen {
                // `(SEQUENCE) BY REF`
                let start = self.p;
                self.skip_parens()?;
                self.eat_seq(&[Tok::BY, Tok::REF]);
                let words = self.bare(ClauseKind::Words, start);
                self.push(words);
            } else if let Some(clause) = self.function_clause(function)? {
                self.push(clause);
            } else if self.at().is_name() {
                let words = self.words(1);
                self.push(words);
            } else {
                return self.fail("a column option, `,` or `)`");
            }
        }
        Ok((values, self.list(mark)))
    }

    /// `NESTED [PATH] path COLUMNS (..)`.
    pub(super) fn nested_columns(&mut self, function: Tok) -> P<Clause> {
        let start = self.p;
        self.bump();
        self.eat_word("PATH");
        let path = self.postfixed()?;
        let mark = self.mark::<Clause>();
        while let Some(clause) = self.function_clause(function)? {
            let last = clause.kind == ClauseKind::Columns;
            self.push(clause);
            if last {
                break;
            }
        }
        let inner = self.list(mark);
        Ok(Clause {
            inner,
            ..self.valued(ClauseKind::Nested, start, [path])
        })
    }

    // --- JSON_TRANSFORM ---------------------------------------------------------------------

    /// `SET '$.a' = 1 IGNORE ON MISSING`, `NESTED PATH '$.b' (..)`, `CASE WHEN .. THEN (..) END`.
    pub(super) fn transform(&mut self) -> P<Clause> {
        self.deeper(|p| {
            let start = p.p;
            if p.at() == Tok::CASE {
                return p.transform_case();
            }
            let mut clause = p.bare(ClauseKind::Operation, start);
            if p.at().is_name() {
                // Further paths of KEEP and REMOVE have no verb of their own.
                clause.name = Some(p.ident()?);
            }
            let (values, inner) = (p.mark::<Expr>(), p.mark::<Clause>());
            while !matches!(p.at(), Tok::Comma | Tok::RParen | Tok::Eof | Tok::Semi) {
                p.transform_piece(&mut clause)?;
            }
            clause.values = p.list(values);
            clause.inner = p.list(inner);
            Ok(p.closed_at(start, clause))
        })
    }

    fn transform_piece(&mut self, clause: &mut Clause) -> P<()> {
        match (self.at(), self.nth(1)) {
            (Tok::Eq, _) | (Tok::WITH, _) => self.bump(),
            (Tok::Ident, next) if self.at_word("PATH") && next != Tok::Dot => self.bump(),
            (Tok::ORDER, Tok::BY) => clause.order = self.order_by()?,
            (Tok::LParen, next)
                if next.is_name() && clause.name.is_some_and(|n| self.ast.ident(n) == "NESTED") =>
            {
                self.bump();
                loop {
                    let nested = self.transform()?;
                    self.push(nested);
                    if !self.eat(Tok::Comma) {
                        break;
                    }
                }
                self.expect(Tok::RParen, "`)`")?;
            }
            (Tok::REVERSE | Tok::ASC | Tok::DESC | Tok::UNIQUE, _) => {
                let words = self.words(1);
                self.push(words);
            }
            _ => {
                if let Some(handler) = self.function_clause(Tok::JSON_TRANSFORM)? {
                    self.push(handler);
                } else {
                    let value = self.binary(super::expr::ADD)?;
                    self.push(value);
                }
            }
        }
        Ok(())
    }

    fn transform_case(&mut self) -> P<Clause> {
        let start = self.p;
        let name = Some(self.ident()?);
        let mark = self.mark::<Clause>();
        while matches!(self.at(), Tok::WHEN | Tok::ELSE) {
            let at = self.p;
            let mut branch = self.bare(ClauseKind::When, at);
            if self.eat(Tok::WHEN) {
                let path = self.expr()?;
                branch.values = self.ast.add_list([path]);
                self.expect(Tok::THEN, "THEN")?;
            } else {
                self.bump();
            }
            branch.inner = self.paren_list(Self::transform)?;
            let branch = self.closed_at(at, branch);
            self.push(branch);
        }
        self.expect(Tok::END, "WHEN, ELSE or END")?;
        let inner = self.list(mark);
        Ok(Clause {
            name,
            inner,
            ..self.bare(ClauseKind::Operation, start)
        })
    }
}
