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
            Tok::TRIM => self.trim().map(Some),
            Tok::JSON_OBJECT | Tok::JSON_OBJECTAGG => self.words_function(true).map(Some),
            Tok::JSON_ARRAY
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
            | Tok::XMLTABLE => self.words_function(false).map(Some),
            _ => Ok(None),
        }
    }

    /// `CAST(x AS type ..)`, `CAST(MULTISET(query) AS type)`, `TREAT(x AS type)`.
    fn cast(&mut self, treat: bool) -> P<ExprKind> {
        self.p += 2;
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
        let tail = self.p;
        if self.at() != Tok::RParen {
            if !matches!(
                self.at(),
                Tok::DEFAULT | Tok::Comma | Tok::VALIDATE | Tok::NOVALIDATE
            ) {
                return self.fail("`)`");
            }
            self.skip_to_close()?;
        }
        let tail = self.span(tail);
        self.expect(Tok::RParen, "`)`")?;
        Ok(ExprKind::Cast {
            treat,
            operand,
            ty,
            tail,
        })
    }

    /// `EXTRACT(field FROM x)`.
    fn extract(&mut self) -> P<ExprKind> {
        self.p += 2;
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
            return Ok(ExprKind::Special { name, args });
        }
        let span = TokSpan::new(name.tok, name.tok + 1);
        let parts = self.ast.add_list([name]);
        let object = self.ast.add(ObjectName {
            span,
            parts,
            link: List::empty(),
        });
        let callee = self.ast.add(Expr {
            span,
            kind: ExprKind::Name(object),
        });
        Ok(ExprKind::Call {
            callee,
            args,
            distinct: false,
            within: List::empty(),
            keep: None,
            over: None,
            tail: self.no_span(),
        })
    }

    /// A function whose arguments are held together by words. Its expressions are read, the
    /// words are stepped over.
    fn words_function(&mut self, keyed: bool) -> P<ExprKind> {
        let tok = self.at();
        let name = self.ident()?;
        self.bump();
        let mark = self.mark::<Arg>();
        if matches!(self.at(), Tok::DISTINCT | Tok::ALL) {
            self.bump();
        }
        while self.at() != Tok::RParen {
            if self.function_word(tok)? {
                continue;
            }
            let value = self.function_value(keyed)?;
            self.push(Arg { name: None, value });
        }
        self.bump();
        if self.at() == Tok::OVER && self.nth(1) == Tok::LParen {
            self.bump();
            self.skip_parens()?;
        }
        Ok(ExprKind::Special {
            name,
            args: self.list(mark),
        })
    }

    fn function_value(&mut self, keyed: bool) -> P<Id<Expr>> {
        if self.at_query() || self.at() == Tok::Star {
            return self.arg_value();
        }
        if !keyed {
            return self.expr_id();
        }
        let e = self.sum_id()?;
        if matches!(self.at(), Tok::VALUE | Tok::IS | Tok::Colon) {
            self.bump();
        }
        Ok(e)
    }

    /// Steps over one word that is no expression; false at an expression.
    fn function_word(&mut self, function: Tok) -> P<bool> {
        let next = self.nth(1);
        let step = match self.at() {
            Tok::Comma | Tok::Colon => 1,
            Tok::FORMAT if next == Tok::JSON => 2,
            Tok::RETURNING => {
                self.bump();
                if !self.eat(Tok::CONTENT) && !self.eat_seq(&[Tok::SEQUENCE, Tok::BY, Tok::REF]) {
                    self.type_ref()?;
                }
                0
            }
            Tok::AS => {
                self.function_as(function)?;
                0
            }
            Tok::COLUMNS => {
                self.skip_to_close()?;
                0
            }
            Tok::SET | Tok::INSERT | Tok::MERGE | Tok::KEEP | Tok::RENAME | Tok::REPLACE
                if function == Tok::JSON_TRANSFORM =>
            {
                self.skip_to_close()?;
                0
            }
            Tok::ORDER if next == Tok::BY => {
                self.order_by()?;
                0
            }
            Tok::PASSING if next == Tok::BY => 3,
            Tok::ON => {
                self.p += 2;
                if self.at() == Tok::LParen {
                    self.skip_parens()?;
                }
                0
            }
            Tok::WITH | Tok::WITHOUT => 1,
            Tok::UNCONDITIONAL
            | Tok::CONDITIONAL
            | Tok::WRAPPER
            | Tok::KEYS
            | Tok::STRICT
            | Tok::ORDERED => 1,
            Tok::UNIQUE | Tok::DEFAULT => 1,
            Tok::KEY | Tok::VALUE | Tok::NAME if starts_operand(next) => 1,
            Tok::EVALNAME
            | Tok::ENTITYESCAPING
            | Tok::WELLFORMED
            | Tok::DOCUMENT
            | Tok::CONTENT
            | Tok::PASSING
            | Tok::NESTED
                if next != Tok::RParen && next != Tok::Dot =>
            {
                1
            }
            t if t.is_name() && next == Tok::ON => 1,
            t if t.is_name() && is_plain_option(self.text(self.p)) => 1,
            t if t.is_name()
                && starts_operand(next)
                && !matches!(
                    t,
                    Tok::CASE
                        | Tok::NOT
                        | Tok::DATE
                        | Tok::TIMESTAMP
                        | Tok::INTERVAL
                        | Tok::NEW
                        | Tok::PRIOR
                        | Tok::NULL
                        | Tok::CONNECT_BY_ROOT
                )
                && !self.operator_word(next) =>
            {
                if function == Tok::JSON_TRANSFORM {
                    self.skip_to_close()?;
                    return Ok(true);
                }
                1
            }
            _ => return Ok(false),
        };
        for _ in 0..step {
            if self.at() == Tok::RParen {
                break;
            }
            self.bump();
        }
        Ok(true)
    }

    /// The next word may be an operator between two operands.
    fn operator_word(&self, next: Tok) -> bool {
        matches!(
            next,
            Tok::MOD | Tok::MULTISET | Tok::MEMBER | Tok::AT | Tok::COLLATE
        ) || matches!(
            next,
            Tok::VALUE
                | Tok::FORMAT
                | Tok::RETURNING
                | Tok::PASSING
                | Tok::ABSENT
                | Tok::ERROR
                | Tok::EMPTY
                | Tok::STRICT
                | Tok::NULL
                | Tok::TRUE
                | Tok::FALSE
                | Tok::COLUMNS
        )
    }

    /// `AS alias`, `AS type`, `AS EVALNAME x`.
    fn function_as(&mut self, function: Tok) -> P<()> {
        self.bump();
        if self.eat(Tok::EVALNAME) {
            self.expr()?;
            return Ok(());
        }
        if matches!(function, Tok::XMLCAST | Tok::XMLSERIALIZE) {
            self.type_ref()?;
            return if self.at() == Tok::RParen {
                Ok(())
            } else {
                self.skip_to_close()
            };
        }
        self.ident().map(|_| ())
    }
}

fn starts_operand(tok: Tok) -> bool {
    matches!(tok, Tok::Str | Tok::Num | Tok::Bind)
        || (tok.is_name() && !super::name::is_reserved(tok))
        || matches!(tok, Tok::CASE | Tok::SELECT)
}

fn is_plain_option(word: &str) -> bool {
    [
        "PRETTY",
        "ASCII",
        "LAX",
        "WRAPPER",
        "SCALARS",
        "TYPENAME",
        "NOENTITYESCAPING",
        "SCHEMACHECK",
        "NOSCHEMACHECK",
        "ALLOW",
        "DISALLOW",
        "YES",
    ]
    .iter()
    .any(|o| o.eq_ignore_ascii_case(word))
}
