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
            clauses: List::empty(),
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
        let mark = self.mark::<Clause>();
        let kind = self.from_kind()?;
        let alias = self.table_alias()?;
        if alias.is_some() && self.at() == Tok::LParen && matches!(kind, FromKind::Query { .. }) {
            let at = self.p;
            let inner = self.paren_list(Self::name_item)?;
            let aliases = Clause {
                inner,
                ..self.bare(ClauseKind::ColumnAliases, at)
            };
            self.push(aliases);
        }
        let mut item = FromItem {
            span: self.span(start),
            kind,
            alias,
            clauses: self.list(mark),
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
        let clauses = self.deeper(|p| p.derived_clauses(words))?;
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
            clauses,
        })
    }

    /// What belongs to the keyword at `words`, which was read.
    fn derived_clauses(&mut self, words: usize) -> P<List<Clause>> {
        let clause = match self.toks[words] {
            Tok::PIVOT => return self.pivot(),
            Tok::UNPIVOT => return self.unpivot(),
            Tok::MATCH_RECOGNIZE => return self.match_recognize(),
            Tok::NESTED => {
                self.p = words;
                self.nested_columns(Tok::JSON_TABLE)?
            }
            _ => {
                self.p = words;
                self.partition_by_clause()?
            }
        };
        Ok(self.ast.add_list([clause]))
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
                self.advance(2);
                let name = self.object_name_id()?;
                self.expect(Tok::RParen, "`)`")?;
                let only = self.bare(ClauseKind::Only, self.p - 1);
                self.push(only);
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
                self.worded_source(Self::analytic_source)
            }
            (Tok::EXTERNAL, Tok::LParen) => self.worded_source(Self::external_source),
            (Tok::Ident, Tok::LParen) if self.nth_word(0, "GRAPH_TABLE") => {
                self.worded_source(Self::graph_table)
            }
            (Tok::Ident, Tok::LParen) if self.nth_word(0, "RELATIONAL") => {
                self.worded_source(Self::relational_source)
            }
            (t, _) if !t.is_name() || super::name::is_reserved(t) && !matches!(t, Tok::CHECK) => {
                self.fail("a table")
            }
            _ => self.from_name(),
        }
    }

    fn worded_source(&mut self, read: fn(&mut Self) -> P<ExprKind>) -> P<FromKind> {
        let start = self.p;
        let kind = self.deeper(read)?;
        let expr = self.ast.add(Expr {
            span: self.span(start),
            kind,
        });
        let tail = self.p;
        self.flashbacks()?;
        Ok(FromKind::Function {
            expr,
            tail: self.span(tail),
        })
    }

    /// `( query )` or `( joins )`.
    fn from_paren(&mut self) -> P<FromKind> {
        self.bump();
        if self.at_query() || self.at() == Tok::VALUES {
            let query = self.query_id()?;
            self.with_check()?;
            self.expect(Tok::RParen, "`)`")?;
            self.flashbacks()?;
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
        let kind = self.worded(word, args, List::empty());
        let expr = self.ast.add(Expr {
            span: self.span(start),
            kind,
        });
        let tail = self.p;
        self.outer_mark();
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
            self.outer_mark();
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

    /// `(+)` behind a collection.
    fn outer_mark(&mut self) {
        let start = self.p;
        if self.eat_seq(&[Tok::LParen, Tok::Plus, Tok::RParen]) {
            let mark = self.bare(ClauseKind::OuterMark, start);
            self.push(mark);
        }
    }

    /// PARTITION (p), SUBPARTITION FOR (..), SAMPLE, VERSIONS, AS OF: pushed.
    pub(super) fn table_options(&mut self) -> P<()> {
        loop {
            let clause = match (self.at(), self.nth(1)) {
                (Tok::PARTITION | Tok::SUBPARTITION, Tok::LParen | Tok::FOR) => {
                    self.partition_clause()?
                }
                (Tok::SAMPLE, _) if self.clause_follows() => self.sample_clause()?,
                (Tok::VERSIONS, _) if self.clause_follows() => self.versions_clause()?,
                (Tok::Ident, Tok::LParen) if self.at_word("HIERARCHIES") => {
                    let start = self.p;
                    self.bump();
                    let inner = self.paren_list(Self::name_item)?;
                    Clause {
                        inner,
                        ..self.bare(ClauseKind::Hierarchies, start)
                    }
                }
                (Tok::EXTERNAL, Tok::MODIFY) => {
                    let start = self.p;
                    self.advance(2);
                    self.skip_parens()?;
                    self.opaque += 1;
                    self.bare(ClauseKind::Opaque, start)
                }
                (Tok::AS, Tok::OF) => self.flashback_clause()?,
                _ => return Ok(()),
            };
            self.push(clause);
        }
    }

    /// `PARTITION (p)`, `PARTITION FOR (v, ..)`, and SUBPARTITION.
    pub(super) fn partition_clause(&mut self) -> P<Clause> {
        let start = self.p;
        let kind = if self.at() == Tok::PARTITION {
            ClauseKind::Partition
        } else {
            ClauseKind::Subpartition
        };
        self.bump();
        let mut clause = self.bare(kind, start);
        if self.eat(Tok::FOR) || !self.nth(1).is_name() {
            clause.values = self.paren_list(Self::expr)?;
        } else {
            self.bump();
            clause.name = Some(self.ident()?);
            self.expect(Tok::RParen, "`)`")?;
        }
        Ok(self.closed_at(start, clause))
    }

    /// `SAMPLE [BLOCK] (n [, m]) [SEED (s)]`.
    fn sample_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        if self.at() != Tok::LParen {
            self.bump();
        }
        let values = self.paren_list(Self::expr)?;
        let mut inner = List::empty();
        if self.at_word("SEED") {
            let at = self.p;
            self.bump();
            let seed = self.postfixed()?;
            let seed = self.valued(ClauseKind::Seed, at, [seed]);
            inner = self.ast.add_list([seed]);
        }
        Ok(Clause {
            values,
            inner,
            ..self.bare(ClauseKind::Sample, start)
        })
    }

    /// `VERSIONS BETWEEN SCN|TIMESTAMP a AND b`, `VERSIONS PERIOD FOR p BETWEEN a AND b`.
    fn versions_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let (mut kind, mut name) = (ClauseKind::Versions, None);
        if self.eat(Tok::PERIOD) {
            self.expect(Tok::FOR, "FOR")?;
            name = Some(self.ident()?);
            kind = ClauseKind::VersionsPeriod;
        }
        self.expect(Tok::BETWEEN, "BETWEEN")?;
        if self.at() == Tok::SCN || self.at() == Tok::TIMESTAMP && self.nth(1) != Tok::Str {
            self.bump();
        }
        let low = self.binary(super::expr::ADD)?;
        self.expect(Tok::AND, "AND")?;
        let high = self.binary(super::expr::ADD)?;
        Ok(Clause {
            name,
            ..self.valued(kind, start, [low, high])
        })
    }

    fn flashbacks(&mut self) -> P<()> {
        while self.at() == Tok::AS && self.nth(1) == Tok::OF {
            let clause = self.flashback_clause()?;
            self.push(clause);
        }
        Ok(())
    }

    /// `AS OF SCN|TIMESTAMP x`, `AS OF PERIOD FOR p x`.
    pub(super) fn flashback_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.advance(2);
        let (mut kind, mut name) = (ClauseKind::AsOf, None);
        match self.at() {
            Tok::PERIOD => {
                self.bump();
                self.expect(Tok::FOR, "FOR")?;
                name = Some(self.ident()?);
                kind = ClauseKind::AsOfPeriod;
            }
            Tok::SCN | Tok::TIMESTAMP => self.bump(),
            _ if self.at_word("SNAPSHOT") => self.bump(),
            _ => return self.fail("SCN or TIMESTAMP"),
        }
        let value = self.binary(super::expr::ADD)?;
        Ok(Clause {
            name,
            ..self.valued(kind, start, [value])
        })
    }
}
