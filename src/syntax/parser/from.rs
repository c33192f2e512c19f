//! FROM elements: tables, subqueries, functions, joins, PIVOT and the like.

use super::*;

impl Parser<'_> {
    pub(super) fn from_item_id(&mut self) -> P<Id<FromItem>> {
        let item = self.from_item()?;
        Ok(self.ast.add(item))
    }

    /// One element of a FROM list with its joins.
    pub(super) fn from_item(&mut self) -> P<FromItem> {
        let start = self.p;
        let left = self.from_primary()?;
        self.joins(left, start)
    }

    fn joins(&mut self, mut left: FromItem, start: usize) -> P<FromItem> {
        while let Some((natural, kind)) = self.join_words()? {
            let right_start = self.p;
            let mut right = self.from_primary()?;
            let plain = !natural
                && !matches!(
                    kind,
                    JoinKind::Cross | JoinKind::CrossApply | JoinKind::OuterApply
                );
            if plain && !matches!(self.at(), Tok::ON | Tok::USING) && self.clause_follows() {
                // `a JOIN b JOIN c ON .. ON ..`: the inner join is the right side.
                right = self.deeper(|p| p.one_join(right, right_start))?;
            }
            left = self.join(left, right, kind, natural, start)?;
        }
        // PIVOT behind a join works on the joined rows.
        while matches!(self.at(), Tok::PIVOT | Tok::UNPIVOT | Tok::MATCH_RECOGNIZE)
            && self.clause_follows()
        {
            left = self.derived(left, start)?;
        }
        Ok(left)
    }

    fn one_join(&mut self, left: FromItem, start: usize) -> P<FromItem> {
        let Some((natural, kind)) = self.join_words()? else {
            return self.fail("ON or USING");
        };
        let right_start = self.p;
        let mut right = self.from_primary()?;
        if !matches!(self.at(), Tok::ON | Tok::USING) && self.clause_follows() {
            right = self.deeper(|p| p.one_join(right, right_start))?;
        }
        self.join(left, right, kind, natural, start)
    }

    fn join(
        &mut self,
        left: FromItem,
        right: FromItem,
        kind: JoinKind,
        natural: bool,
        start: usize,
    ) -> P<FromItem> {
        let left = self.ast.add(left);
        let right = self.ast.add(right);
        let (mut on, mut using) = (None, List::empty());
        if self.eat(Tok::ON) {
            on = Some(self.expr_id()?);
        } else if self.at() == Tok::USING && self.nth(1) == Tok::LParen {
            self.bump();
            using = self.paren_list(|p| {
                let name = p.object_name()?;
                let last = p.ast.list(name.parts).last().copied();
                last.map_or_else(|| p.fail("a column"), Ok)
            })?;
        }
        let kind = FromKind::Join {
            left,
            right,
            kind,
            natural,
            on,
            using,
        };
        Ok(FromItem {
            span: self.span(start),
            kind,
            alias: None,
        })
    }

    /// The words of a join, eaten; None when there is none.
    fn join_words(&mut self) -> P<Option<(bool, JoinKind)>> {
        if !matches!(
            self.at(),
            Tok::JOIN
                | Tok::INNER
                | Tok::LEFT
                | Tok::RIGHT
                | Tok::FULL
                | Tok::CROSS
                | Tok::OUTER
                | Tok::NATURAL
        ) || !self.clause_follows()
        {
            return Ok(None);
        }
        if self.eat_seq(&[Tok::CROSS, Tok::APPLY]) {
            return Ok(Some((false, JoinKind::CrossApply)));
        }
        if self.eat_seq(&[Tok::OUTER, Tok::APPLY]) {
            return Ok(Some((false, JoinKind::OuterApply)));
        }
        let natural = self.eat(Tok::NATURAL);
        let kind = match self.at() {
            Tok::LEFT => JoinKind::Left,
            Tok::RIGHT => JoinKind::Right,
            Tok::FULL => JoinKind::Full,
            Tok::CROSS => JoinKind::Cross,
            _ => JoinKind::Inner,
        };
        if self.at() != Tok::JOIN {
            self.bump();
        }
        self.eat(Tok::OUTER);
        self.expect(Tok::JOIN, "JOIN")?;
        Ok(Some((natural, kind)))
    }

    /// One element without joins: source, alias, then PIVOT, UNPIVOT, MATCH_RECOGNIZE.
    pub(super) fn from_primary(&mut self) -> P<FromItem> {
        let start = self.p;
        let kind = self.from_kind()?;
        let alias = self.table_alias()?;
        if alias.is_some() && self.at() == Tok::LParen && matches!(kind, FromKind::Query { .. }) {
            self.ident_list()?;
        }
        let mut item = FromItem {
            span: self.span(start),
            kind,
            alias,
        };
        loop {
            let derived = match (self.at(), self.nth(1)) {
                (Tok::PIVOT | Tok::UNPIVOT | Tok::MATCH_RECOGNIZE, _) => self.clause_follows(),
                (Tok::PARTITION, Tok::BY) => true,
                (Tok::NESTED, _) => self.clause_follows(),
                _ => false,
            };
            if !derived {
                return Ok(item);
            }
            item = self.derived(item, start)?;
        }
    }

    fn derived(&mut self, input: FromItem, start: usize) -> P<FromItem> {
        let input = self.ast.add(input);
        let words = self.p;
        let keyword = self.ident()?;
        while !matches!(self.at(), Tok::LParen | Tok::Eof | Tok::Semi) {
            self.bump();
        }
        self.skip_parens()?;
        let kind = FromKind::Derived {
            input,
            keyword,
            tail: self.span(words),
        };
        let alias = self.table_alias()?;
        Ok(FromItem {
            span: self.span(start),
            kind,
            alias,
        })
    }

    fn from_kind(&mut self) -> P<FromKind> {
        match (self.at(), self.nth(1)) {
            (Tok::LParen, _) => self.deeper(Self::from_paren),
            (Tok::LATERAL, Tok::LParen) => {
                self.bump();
                Ok(FromKind::Query {
                    query: self.paren_query()?,
                    lateral: true,
                })
            }
            (Tok::TABLE | Tok::THE, Tok::LParen) => self.from_collection(),
            (Tok::ONLY, Tok::LParen) => {
                self.p += 2;
                let name = self.object_name_id()?;
                self.expect(Tok::RParen, "`)`")?;
                Ok(FromKind::Table {
                    name,
                    tail: self.no_span(),
                })
            }
            (Tok::VALUES, Tok::LParen) => {
                let query = self.query_id()?;
                Ok(FromKind::Query {
                    query,
                    lateral: false,
                })
            }
            (Tok::Ident, Tok::VIEW) if self.nth_word(0, "ANALYTIC") => {
                self.bump();
                self.opaque_function()
            }
            (Tok::EXTERNAL, Tok::LParen) => self.opaque_function(),
            (Tok::Ident, Tok::LParen)
                if self.nth_word(0, "GRAPH_TABLE") || self.nth_word(0, "RELATIONAL") =>
            {
                self.opaque_function()
            }
            (t, _) if !t.is_name() || super::name::is_reserved(t) && !matches!(t, Tok::CHECK) => {
                self.fail("a table")
            }
            _ => self.from_name(),
        }
    }

    fn opaque_function(&mut self) -> P<FromKind> {
        let start = self.p;
        let name = self.ident()?;
        self.skip_parens()?;
        self.flashback()?;
        self.opaque += 1;
        let kind = ExprKind::Special {
            name,
            args: List::empty(),
        };
        let expr = self.ast.add(Expr {
            span: self.span(start),
            kind,
        });
        Ok(FromKind::Function {
            expr,
            tail: self.no_span(),
        })
    }

    /// `( query )` or `( joins )`.
    fn from_paren(&mut self) -> P<FromKind> {
        self.bump();
        if self.at_query() || self.at() == Tok::VALUES {
            let query = self.query_id()?;
            self.with_check()?;
            self.expect(Tok::RParen, "`)`")?;
            self.flashback()?;
            return Ok(FromKind::Query {
                query,
                lateral: false,
            });
        }
        let start = self.p;
        let inner = self.from_item()?;
        if let FromItem {
            kind:
                FromKind::Query {
                    query,
                    lateral: false,
                },
            alias: None,
            ..
        } = inner
        {
            let first = Expr {
                span: inner.span,
                kind: ExprKind::Subquery(query),
            };
            let query = self.set_continues(first, start)?.unwrap_or(query);
            self.expect(Tok::RParen, "`)`")?;
            return Ok(FromKind::Query {
                query,
                lateral: false,
            });
        }
        self.expect(Tok::RParen, "`)`")?;
        Ok(FromKind::Paren(self.ast.add(inner)))
    }

    /// `WITH READ ONLY`, `WITH CHECK OPTION [CONSTRAINT c]` behind a view's query.
    pub(super) fn with_check(&mut self) -> P<()> {
        if (self.eat_seq(&[Tok::WITH, Tok::READ, Tok::ONLY])
            || self.eat_seq(&[Tok::WITH, Tok::CHECK, Tok::OPTION]))
            && self.eat(Tok::CONSTRAINT)
        {
            self.ident()?;
        }
        Ok(())
    }

    /// `TABLE(expr | query) [(+)]`, `THE(query)`.
    fn from_collection(&mut self) -> P<FromKind> {
        let start = self.p;
        let word = self.ident()?;
        let arg = self.p;
        self.bump();
        let inner = if self.at_query() {
            let query = self.query_id()?;
            Expr {
                span: self.span(arg),
                kind: ExprKind::Subquery(query),
            }
        } else {
            self.expr()?
        };
        self.expect(Tok::RParen, "`)`")?;
        let value = self.ast.add(inner);
        let args = self.ast.add_list([Arg { name: None, value }]);
        let kind = ExprKind::Special { name: word, args };
        let expr = self.ast.add(Expr {
            span: self.span(start),
            kind,
        });
        let tail = self.p;
        self.eat_seq(&[Tok::LParen, Tok::Plus, Tok::RParen]);
        Ok(FromKind::Function {
            expr,
            tail: self.span(tail),
        })
    }

    /// A table, or a function called.
    fn from_name(&mut self) -> P<FromKind> {
        let start = self.p;
        if let (true, Some(kind)) = (self.nth(1) == Tok::LParen, self.special_source()?) {
            let expr = self.ast.add(Expr {
                span: self.span(start),
                kind,
            });
            let tail = self.p;
            self.eat_seq(&[Tok::LParen, Tok::Plus, Tok::RParen]);
            return Ok(FromKind::Function {
                expr,
                tail: self.span(tail),
            });
        }
        let name = self.object_name_id()?;
        if self.at() == Tok::LParen && !self.at_seq(&[Tok::LParen, Tok::Plus, Tok::RParen]) {
            let mut e = Expr {
                span: self.span(start),
                kind: ExprKind::Name(name),
            };
            while self.at() == Tok::LParen {
                let kind = self.call(e)?;
                e = Expr {
                    span: self.span(start),
                    kind,
                };
                if self.at() == Tok::Dot && self.nth(1).is_name() {
                    self.bump();
                    let base = self.ast.add(e);
                    let kind = ExprKind::Field {
                        base,
                        name: self.ident()?,
                    };
                    e = Expr {
                        span: self.span(start),
                        kind,
                    };
                }
            }
            let expr = self.ast.add(e);
            return Ok(FromKind::Function {
                expr,
                tail: self.no_span(),
            });
        }
        let tail = self.p;
        self.table_options()?;
        Ok(FromKind::Table {
            name,
            tail: self.span(tail),
        })
    }

    fn special_source(&mut self) -> P<Option<ExprKind>> {
        match self.at() {
            tok @ (Tok::XMLTABLE | Tok::JSON_TABLE) => self.special(tok),
            _ => Ok(None),
        }
    }

    /// PARTITION (p), SUBPARTITION FOR (..), SAMPLE, VERSIONS, AS OF.
    pub(super) fn table_options(&mut self) -> P<()> {
        loop {
            match (self.at(), self.nth(1)) {
                (Tok::PARTITION | Tok::SUBPARTITION, Tok::LParen) => {
                    self.bump();
                    self.skip_parens()?;
                }
                (Tok::PARTITION | Tok::SUBPARTITION, Tok::FOR) => {
                    self.p += 2;
                    self.skip_parens()?;
                }
                (Tok::SAMPLE, _) if self.clause_follows() => {
                    self.bump();
                    if self.at() != Tok::LParen {
                        self.bump();
                    }
                    self.skip_parens()?;
                    if self.at_word("SEED") {
                        self.bump();
                        self.skip_parens()?;
                    }
                }
                (Tok::VERSIONS, _) if self.clause_follows() => self.versions()?,
                (Tok::Ident, Tok::LParen) if self.at_word("HIERARCHIES") => {
                    self.bump();
                    self.skip_parens()?;
                }
                (Tok::AS, Tok::OF) => self.flashback()?,
                _ => return Ok(()),
            }
        }
    }

    /// `VERSIONS BETWEEN SCN|TIMESTAMP a AND b`, `VERSIONS PERIOD FOR p BETWEEN a AND b`.
    fn versions(&mut self) -> P<()> {
        self.bump();
        if self.eat(Tok::PERIOD) {
            self.bump();
            self.ident()?;
        }
        self.expect(Tok::BETWEEN, "BETWEEN")?;
        if self.at() == Tok::SCN || self.at() == Tok::TIMESTAMP && self.nth(1) != Tok::Str {
            self.bump();
        }
        self.sum_id()?;
        self.expect(Tok::AND, "AND")?;
        self.sum_id()?;
        Ok(())
    }

    /// `AS OF SCN|TIMESTAMP x`, `AS OF PERIOD FOR p x`.
    fn flashback(&mut self) -> P<()> {
        while self.at() == Tok::AS && self.nth(1) == Tok::OF {
            self.p += 2;
            match self.at() {
                Tok::PERIOD => {
                    self.p += 2;
                    self.ident()?;
                }
                Tok::SCN | Tok::TIMESTAMP => self.bump(),
                _ if self.at_word("SNAPSHOT") => self.bump(),
                _ => return self.fail("SCN or TIMESTAMP"),
            }
            self.sum_id()?;
        }
        Ok(())
    }
}
