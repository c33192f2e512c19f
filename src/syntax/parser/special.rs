//! Functions with a syntax of their own: CAST, EXTRACT, TRIM, XML*, JSON_*.

use super::*;

impl Parser<'_> {
    /// Reads the function at the cursor if it is one of them; None: an ordinary call.
    pub(super) fn special(&mut self, tok: Tok) -> P<Option<ExprKind>> {
        match tok {
            Tok::CAST | Tok::TREAT => self.cast(tok == Tok::TREAT).map(Some),
            Tok::EXTRACT if self.nth(2).is_name() && self.nth(3) == Tok::FROM => {
                self.extract().map(Some)
            }
            // A routine of the author's may have the name, and other arguments.
            Tok::TRIM => Ok(self.attempt(Self::trim).ok()),
            Tok::JSON_OBJECT
            | Tok::JSON_OBJECTAGG
            | Tok::JSON_ARRAY
            | Tok::JSON_ARRAYAGG
            | Tok::JSON_EXISTS
            | Tok::JSON_QUERY
            | Tok::JSON_SCALAR
            | Tok::JSON_SERIALIZE
            | Tok::JSON_VALUE
            | Tok::JSON_MERGEPATCH
            | Tok::JSON_EQUAL
            | Tok::JSON_TABLE
            | Tok::JSON_TRANSFORM
            | Tok::XMLATTRIBUTES
            | Tok::XMLCAST
            | Tok::XMLCOLATTVAL
            | Tok::XMLELEMENT
            | Tok::XMLEXISTS
            | Tok::XMLFOREST
            | Tok::XMLNAMESPACES
            | Tok::XMLPARSE
            | Tok::XMLPI
            | Tok::XMLQUERY
            | Tok::XMLROOT
            | Tok::XMLSERIALIZE
            | Tok::XMLTABLE => self.worded_function(tok).map(Some),
            _ => Ok(None),
        }
    }

    /// `CAST(x AS type ..)`, `CAST(MULTISET(query) AS type)`, `TREAT(x AS type)`.
    fn cast(&mut self, treat: bool) -> P<ExprKind> {
        self.advance(2);
        let start = self.p;
        let operand = if self.at() == Tok::MULTISET && self.nth(1) == Tok::LParen {
            self.bump();
            let query = self.paren_query()?;
            Expr {
                span: self.span(start),
                kind: ExprKind::Subquery(query),
            }
        } else if self.at_query() {
            let query = self.query_id()?;
            Expr {
                span: self.span(start),
                kind: ExprKind::Subquery(query),
            }
        } else {
            self.expr()?
        };
        let operand = self.ast.add(operand);
        self.expect(Tok::AS, "AS")?;
        if self.at() == Tok::DOMAIN && self.nth(1).is_name() {
            self.bump();
        }
        let ty = self.type_ref_id()?;
        let clauses = self.cast_clauses()?;
        self.expect(Tok::RParen, "`)`")?;
        Ok(ExprKind::Cast {
            treat,
            operand,
            ty,
            clauses,
        })
    }

    /// `DEFAULT x ON CONVERSION ERROR`, `, format, nls`, VALIDATE of a domain.
    fn cast_clauses(&mut self) -> P<List<Clause>> {
        let mark = self.mark::<Clause>();
        while self.at() != Tok::RParen {
            let start = self.p;
            let clause = match self.at() {
                Tok::DEFAULT => self.default_on_error()?,
                Tok::VALIDATE | Tok::NOVALIDATE => self.words(1),
                Tok::Comma => {
                    self.bump();
                    let values = self.comma_list(Self::expr)?;
                    Clause {
                        values,
                        ..self.bare(ClauseKind::Format, start)
                    }
                }
                _ => return self.fail("`)`"),
            };
            self.push(clause);
        }
        Ok(self.list(mark))
    }

    /// `DEFAULT x ON CONVERSION ERROR`.
    pub(super) fn default_on_error(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let value = self.expr()?;
        self.expect(Tok::ON, "ON CONVERSION ERROR")?;
        self.expect(Tok::CONVERSION, "CONVERSION ERROR")?;
        self.expect(Tok::ERROR, "ERROR")?;
        Ok(self.valued(ClauseKind::DefaultOnError, start, [value]))
    }

    /// `EXTRACT(field FROM x)`.
    fn extract(&mut self) -> P<ExprKind> {
        self.advance(2);
        let field = self.ident()?;
        self.bump();
        let operand = self.expr_id()?;
        self.expect(Tok::RParen, "`)`")?;
        Ok(ExprKind::Extract { field, operand })
    }

    /// `TRIM([LEADING|TRAILING|BOTH] [c] FROM s)`; `TRIM(s)` is an ordinary call.
    fn trim(&mut self) -> P<ExprKind> {
        let name = self.ident()?;
        self.bump();
        let mark = self.mark::<Arg>();
        let side = matches!(self.at(), Tok::LEADING | Tok::TRAILING | Tok::BOTH)
            && !matches!(self.nth(1), Tok::RParen | Tok::Dot);
        if side {
            self.bump();
        }
        if self.at() != Tok::FROM {
            let value = self.expr_id()?;
            self.push(Arg { name: None, value });
        }
        let from = self.eat(Tok::FROM);
        if from {
            let value = self.expr_id()?;
            self.push(Arg { name: None, value });
        }
        self.expect(Tok::RParen, "FROM or `)`")?;
        let args: List<Arg> = self.list(mark);
        if from || side {
            return Ok(self.worded(name, args, List::empty()));
        }
        let span = TokSpan::new(name.tok(), name.tok() + 1);
        let object = self.name_of([name]);
        let callee = self.ast.add(Expr {
            span,
            kind: ExprKind::Name(object),
        });
        Ok(ExprKind::Call {
            callee,
            args,
            distinct: false,
            rest: None,
        })
    }

    /// A function whose operands are held together by words.
    fn worded_function(&mut self, function: Tok) -> P<ExprKind> {
        let name = self.ident()?;
        self.bump();
        let (args, clauses) = (self.mark::<Arg>(), self.mark::<Clause>());
        if matches!(self.at(), Tok::DISTINCT | Tok::ALL) {
            let words = self.words(1);
            self.push(words);
        }
        if matches!(function, Tok::XMLELEMENT | Tok::XMLPI) {
            self.element_name()?;
        }
        while self.at() != Tok::RParen {
            if self.eat(Tok::Comma) {
                continue;
            }
            let before = self.p;
            if let Some(clause) = self.function_clause(function)? {
                self.push(clause);
            } else if function == Tok::JSON_TRANSFORM && self.mark::<Arg>() > args {
                let operation = self.transform()?;
                self.push(operation);
            } else {
                self.function_value(function)?;
            }
            if self.p == before {
                return self.fail("`,` or `)`");
            }
        }
        self.bump();
        if self.at() == Tok::OVER && self.nth(1) == Tok::LParen {
            let start = self.p;
            self.bump();
            let window = self.window_spec()?;
            let inner = match window.bounds {
                Some(frame) => self.ast.add_list([self.ast[frame]]),
                None => List::empty(),
            };
            self.push(Clause {
                values: window.partition_by,
                order: window.order_by,
                inner,
                ..self.bare(ClauseKind::Over, start)
            });
        }
        let (args, clauses) = (self.list(args), self.list(clauses));
        Ok(self.worded(name, args, clauses))
    }

    /// `[ENTITYESCAPING] [NAME] name` or `EVALNAME expr` of an element.
    fn element_name(&mut self) -> P<()> {
        if self.at() == Tok::ENTITYESCAPING || self.at_word("NOENTITYESCAPING") {
            let words = self.words(1);
            self.push(words);
        }
        if self.at() == Tok::NAME && !matches!(self.nth(1), Tok::Comma | Tok::RParen) {
            self.bump();
        }
        let value = if self.eat(Tok::EVALNAME) || !self.at().is_name() {
            self.expr_id()?
        } else {
            let start = self.p;
            let ident = self.ident()?;
            let span = self.span(start);
            let name = self.name_of([ident]);
            self.ast.add(Expr {
                span,
                kind: ExprKind::Name(name),
            })
        };
        self.push(Arg { name: None, value });
        Ok(())
    }

    /// An operand, pushed as an argument or, with its key, as a clause.
    fn function_value(&mut self, function: Tok) -> P<()> {
        if self.at_query() || self.at() == Tok::Star {
            let value = self.arg_value()?;
            self.push(Arg { name: None, value });
            return Ok(());
        }
        if matches!(function, Tok::JSON_OBJECT | Tok::JSON_OBJECTAGG) {
            return self.entry();
        }
        let start = self.p;
        if function == Tok::XMLNAMESPACES && self.eat(Tok::DEFAULT) {
            let uri = self.expr()?;
            let item = self.valued(ClauseKind::Item, start, [uri]);
            self.push(item);
            return Ok(());
        }
        let e = self.expr()?;
        let aliased = matches!(
            function,
            Tok::XMLELEMENT
                | Tok::XMLFOREST
                | Tok::XMLATTRIBUTES
                | Tok::XMLCOLATTVAL
                | Tok::XMLNAMESPACES
        );
        if aliased && self.eat_seq(&[Tok::AS, Tok::EVALNAME]) {
            let name = self.expr()?;
            let item = self.valued(ClauseKind::Item, start, [e, name]);
            self.push(item);
            return Ok(());
        }
        let name = if aliased { self.column_alias()? } else { None };
        let value = self.ast.add(e);
        self.push(Arg { name, value });
        Ok(())
    }

    /// `[KEY] key VALUE|IS|: value`, or a column or `*` that stands for its own entry.
    fn entry(&mut self) -> P<()> {
        let start = self.p;
        let key_word = self.at() == Tok::KEY
            && !matches!(
                self.nth(1),
                Tok::VALUE
                    | Tok::IS
                    | Tok::Colon
                    | Tok::Bind
                    | Tok::Comma
                    | Tok::RParen
                    | Tok::Dot
                    | Tok::LParen
            );
        self.advance(usize::from(key_word));
        let key = self.binary(super::expr::ADD)?;
        let value = match self.at() {
            Tok::VALUE | Tok::IS | Tok::Colon => {
                self.bump();
                self.json_operand()?
            }
            Tok::Bind => self.touching_value()?,
            _ => {
                let value = self.ast.add(key);
                self.push(Arg { name: None, value });
                return Ok(());
            }
        };
        let entry = self.entry_with(start, key, value)?;
        self.push(entry);
        Ok(())
    }

    fn entry_with(&mut self, start: usize, key: Expr, value: Expr) -> P<Clause> {
        let at = self.p;
        let inner = if self.eat_seq(&[Tok::FORMAT, Tok::JSON]) {
            self.ast.add_list([self.bare(ClauseKind::FormatJson, at)])
        } else {
            List::empty()
        };
        Ok(Clause {
            inner,
            ..self.valued(ClauseKind::Entry, start, [key, value])
        })
    }

    /// `'key':name`: what looks like a bind variable is the colon and a name.
    fn touching_value(&mut self) -> P<Expr> {
        let start = self.p;
        let text = self.text(start).trim_start_matches(':');
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return self.postfixed();
        }
        let mark = self.mark::<Ident>();
        let mut ident = self.ident_at(start);
        ident.name = self.ast.intern_word(text);
        self.bump();
        self.push(ident);
        while self.at() == Tok::Dot && self.nth(1).is_name() {
            self.bump();
            let part = self.ident()?;
            self.push(part);
        }
        let (span, parts) = (self.span(start), self.list(mark));
        let link = Link::default();
        let name = self.ast.add(ObjectName { parts, link });
        let kind = ExprKind::Name(name);
        let e = self.postfix_of(Expr { span, kind }, start)?;
        self.infix(e, start, super::expr::OR)
    }

    // --- JSON {..} --------------------------------------------------------------------------

    /// `JSON {..}`, `JSON [..]` (23ai).
    pub(super) fn json_literal(&mut self) -> P<ExprKind> {
        self.bump();
        let e = self.json_operand()?;
        Ok(e.kind)
    }

    /// `{key : value, ..}`, `[value, ..]` or an expression.
    fn json_operand(&mut self) -> P<Expr> {
        match self.at() {
            Tok::LBrace => self.deeper(Self::json_object),
            Tok::LBracket => self.deeper(Self::json_array),
            _ => self.expr(),
        }
    }

    fn json_object(&mut self) -> P<Expr> {
        let start = self.p;
        let name = self.ident_at(start);
        self.bump();
        let (args, clauses) = (self.mark::<Arg>(), self.mark::<Clause>());
        while self.at() != Tok::RBrace {
            if self.eat(Tok::Comma) {
                continue;
            }
            match self.function_clause(Tok::JSON_OBJECT)? {
                Some(clause) => self.push(clause),
                None if self.at() == Tok::Star => {
                    let value = self.arg_value()?;
                    self.push(Arg { name: None, value });
                }
                None => self.entry()?,
            }
        }
        self.bump();
        let (args, clauses) = (self.list(args), self.list(clauses));
        Ok(Expr {
            span: self.span(start),
            kind: self.worded(name, args, clauses),
        })
    }

    fn json_array(&mut self) -> P<Expr> {
        let start = self.p;
        let name = self.ident_at(start);
        self.bump();
        let (args, clauses) = (self.mark::<Arg>(), self.mark::<Clause>());
        while self.at() != Tok::RBracket {
            if self.eat(Tok::Comma) {
                continue;
            }
            if let Some(clause) = self.function_clause(Tok::JSON_ARRAY)? {
                self.push(clause);
                continue;
            }
            let value = if self.at_query() {
                self.arg_value()?
            } else {
                let e = self.json_operand()?;
                self.ast.add(e)
            };
            self.push(Arg { name: None, value });
        }
        self.bump();
        let (args, clauses) = (self.list(args), self.list(clauses));
        Ok(Expr {
            span: self.span(start),
            kind: self.worded(name, args, clauses),
        })
    }
}
