//! PIVOT, UNPIVOT and MATCH_RECOGNIZE behind a FROM element.

use super::*;

impl Parser<'_> {
    /// After PIVOT: `[XML] ( aggregates FOR columns IN (..) )`.
    pub(super) fn pivot(&mut self) -> P<List<Clause>> {
        let mark = self.mark::<Clause>();
        if self.at() == Tok::XML {
            let start = self.p;
            self.bump();
            let mode = self.bare(ClauseKind::Mode, start);
            self.push(mode);
        }
        self.expect(Tok::LParen, "`(`")?;
        loop {
            let aggregate = self.item_clause()?;
            self.push(Clause {
                kind: ClauseKind::Aggregate,
                ..aggregate
            });
            if !self.eat(Tok::Comma) {
                break;
            }
        }
        self.pivot_for()?;
        self.pivot_in(false)?;
        self.expect(Tok::RParen, "`)`")?;
        Ok(self.list(mark))
    }

    /// After UNPIVOT: `[INCLUDE|EXCLUDE NULLS] ( columns FOR columns IN (..) )`.
    pub(super) fn unpivot(&mut self) -> P<List<Clause>> {
        let mark = self.mark::<Clause>();
        if matches!(self.at(), Tok::INCLUDE | Tok::EXCLUDE) && self.nth(1) == Tok::NULLS {
            let start = self.p;
            self.advance(2);
            let mode = self.bare(ClauseKind::Mode, start);
            self.push(mode);
        }
        self.expect(Tok::LParen, "`(`")?;
        let start = self.p;
        let measure = self.columns_operand()?;
        let measure = self.valued(ClauseKind::Aggregate, start, [measure]);
        self.push(measure);
        self.pivot_for()?;
        self.pivot_in(true)?;
        self.expect(Tok::RParen, "`)`")?;
        Ok(self.list(mark))
    }

    fn pivot_for(&mut self) -> P<()> {
        let start = self.p;
        self.expect(Tok::FOR, "FOR")?;
        let columns = self.columns_operand()?;
        let columns = self.valued(ClauseKind::For, start, [columns]);
        self.push(columns);
        Ok(())
    }

    fn pivot_in(&mut self, un: bool) -> P<()> {
        let start = self.p;
        self.expect(Tok::IN, "IN")?;
        self.expect(Tok::LParen, "`(`")?;
        let mut clause = self.bare(ClauseKind::In, start);
        if self.at_query() {
            clause.query = Some(self.query_id()?);
        } else {
            clause.inner = self.comma_list(|p| p.pivot_item(un))?;
        }
        self.expect(Tok::RParen, "`)`")?;
        let clause = self.closed_at(start, clause);
        self.push(clause);
        Ok(())
    }

    fn pivot_item(&mut self, un: bool) -> P<Clause> {
        let start = self.p;
        if self.at() == Tok::ANY && matches!(self.nth(1), Tok::Comma | Tok::RParen) {
            self.bump();
            return Ok(self.bare(ClauseKind::Any, start));
        }
        if !un {
            return self.item_clause();
        }
        let columns = self.columns_operand()?;
        if !self.eat(Tok::AS) && matches!(self.at(), Tok::Comma | Tok::RParen) {
            return Ok(self.valued(ClauseKind::Item, start, [columns]));
        }
        let value = self.columns_operand()?;
        Ok(self.valued(ClauseKind::Item, start, [columns, value]))
    }

    // --- MATCH_RECOGNIZE ------------------------------------------------------------------

    /// After MATCH_RECOGNIZE.
    pub(super) fn match_recognize(&mut self) -> P<List<Clause>> {
        self.expect(Tok::LParen, "`(`")?;
        let mark = self.mark::<Clause>();
        while self.at() != Tok::RParen {
            let clause = self.match_clause()?;
            self.push(clause);
        }
        self.bump();
        Ok(self.list(mark))
    }

    fn match_clause(&mut self) -> P<Clause> {
        let start = self.p;
        match (self.at(), self.nth(1)) {
            (Tok::PARTITION, Tok::BY) => self.partition_by_clause(),
            (Tok::ORDER, Tok::BY) => self.order_by_clause(),
            (Tok::MEASURES, _) => {
                self.bump();
                let inner = self.comma_list(Self::item_clause)?;
                Ok(Clause {
                    inner,
                    ..self.bare(ClauseKind::Measures, start)
                })
            }
            (Tok::ALL, Tok::ROWS) | (Tok::Ident, Tok::ROW) => self.rows_per_match(),
            (Tok::AFTER, _) => self.after_match(),
            (Tok::Ident, Tok::LParen) if self.at_word("PATTERN") => {
                self.advance(2);
                let inner = self.row_pattern()?;
                self.expect(Tok::RParen, "`)`")?;
                let inner = self.ast.add_list([inner]);
                Ok(Clause {
                    inner,
                    ..self.bare(ClauseKind::Pattern, start)
                })
            }
            (Tok::Ident, _) if self.eat_word("SUBSET") => self.pattern_subsets(start),
            (Tok::Ident, _) if self.eat_word("DEFINE") => {
                let inner = self.comma_list(Self::pattern_define)?;
                Ok(Clause {
                    inner,
                    ..self.bare(ClauseKind::Define, start)
                })
            }
            _ => self.fail("a clause of MATCH_RECOGNIZE"),
        }
    }

    /// `ONE ROW PER MATCH`, `ALL ROWS PER MATCH [..]`.
    fn rows_per_match(&mut self) -> P<Clause> {
        let start = self.p;
        self.advance(2);
        if !self.eat_word("PER") || !self.eat_word("MATCH") {
            return self.fail("PER MATCH");
        }
        let option = self.at_word("SHOW") || self.at_word("OMIT") || self.at() == Tok::WITH;
        if option {
            self.advance(3); // SHOW EMPTY MATCHES, OMIT EMPTY MATCHES, WITH UNMATCHED ROWS
        }
        Ok(self.bare(ClauseKind::RowsPerMatch, start))
    }

    /// `AFTER MATCH SKIP TO NEXT ROW | PAST LAST ROW | TO [FIRST|LAST] v`.
    fn after_match(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        if !self.eat_word("MATCH") {
            return self.fail("MATCH SKIP");
        }
        self.expect(Tok::SKIP, "SKIP")?;
        let mut name = None;
        if self.eat_word("PAST") {
            self.expect(Tok::LAST, "LAST ROW")?;
            self.expect(Tok::ROW, "ROW")?;
        } else {
            self.expect(Tok::TO, "TO or PAST LAST ROW")?;
            if !self.eat_seq(&[Tok::NEXT, Tok::ROW]) {
                if matches!(self.at(), Tok::FIRST | Tok::LAST) && self.nth(1).is_name() {
                    self.bump();
                }
                name = Some(self.ident()?);
            }
        }
        Ok(Clause {
            name,
            ..self.bare(ClauseKind::AfterMatch, start)
        })
    }

    /// `SUBSET a = (b, c), d = (e)`: the first is returned, the others are pushed in front of it.
    fn pattern_subsets(&mut self, mut start: usize) -> P<Clause> {
        loop {
            let name = Some(self.ident()?);
            self.expect(Tok::Eq, "`=`")?;
            let inner = self.paren_list(Self::name_item)?;
            let clause = Clause {
                name,
                inner,
                ..self.bare(ClauseKind::Subset, start)
            };
            start = self.p;
            if !self.eat(Tok::Comma) {
                return Ok(clause);
            }
            self.push(clause);
        }
    }

    fn pattern_define(&mut self) -> P<Clause> {
        let start = self.p;
        let name = Some(self.ident()?);
        self.expect(Tok::AS, "AS")?;
        let e = self.expr()?;
        Ok(Clause {
            name,
            ..self.valued(ClauseKind::Item, start, [e])
        })
    }

    /// Alternatives: `a b | c`.
    fn row_pattern(&mut self) -> P<Clause> {
        self.deeper(|p| {
            let start = p.p;
            let first = p.pattern_sequence()?;
            if p.at() != Tok::Bar {
                return Ok(first);
            }
            let mark = p.mark::<Clause>();
            p.push(first);
            while p.eat(Tok::Bar) {
                let next = p.pattern_sequence()?;
                p.push(next);
            }
            let inner = p.list(mark);
            Ok(Clause {
                inner,
                ..p.bare(ClauseKind::PatternChoice, start)
            })
        })
    }

    fn pattern_sequence(&mut self) -> P<Clause> {
        let start = self.p;
        let mark = self.mark::<Clause>();
        while !matches!(
            self.at(),
            Tok::RParen | Tok::Bar | Tok::Minus | Tok::Comma | Tok::Eof | Tok::Semi
        ) {
            let term = self.pattern_term()?;
            self.push(term);
        }
        let inner: List<Clause> = self.list(mark);
        if let [one] = *self.ast.list(inner) {
            return Ok(one);
        }
        Ok(Clause {
            inner,
            ..self.bare(ClauseKind::PatternSequence, start)
        })
    }

    fn pattern_term(&mut self) -> P<Clause> {
        let start = self.p;
        let mut term = self.pattern_primary()?;
        while matches!(
            self.at(),
            Tok::Star | Tok::Plus | Tok::Question | Tok::LBrace
        ) && !(self.at() == Tok::LBrace && self.nth(1) == Tok::Minus)
        {
            let values = self.pattern_quantifier()?;
            self.eat(Tok::Question);
            let inner = self.ast.add_list([term]);
            term = Clause {
                inner,
                values,
                ..self.bare(ClauseKind::PatternRepeat, start)
            };
        }
        Ok(term)
    }

    /// `*`, `+`, `?`, `{n}`, `{n,}`, `{,m}`, `{n,m}`: the numbers.
    pub(super) fn pattern_quantifier(&mut self) -> P<List<Expr>> {
        let braces = self.at() == Tok::LBrace;
        self.bump();
        let mark = self.mark::<Expr>();
        while braces && !self.eat(Tok::RBrace) {
            if self.at() == Tok::Comma {
                self.bump();
            } else if matches!(self.at(), Tok::Num | Tok::Bind) {
                let number = self.postfixed()?;
                self.push(number);
            } else {
                return self.fail("a number or `}`");
            }
        }
        Ok(self.list(mark))
    }

    fn pattern_primary(&mut self) -> P<Clause> {
        let start = self.p;
        let (kind, close) = match self.at() {
            Tok::LParen => (ClauseKind::PatternSequence, Tok::RParen),
            Tok::LBrace => {
                self.bump();
                (ClauseKind::PatternExcluded, Tok::Minus)
            }
            Tok::Caret => {
                self.bump();
                return Ok(self.bare(ClauseKind::PatternAnchor, start));
            }
            Tok::Other if self.text(self.p) == "$" => {
                self.bump();
                return Ok(self.bare(ClauseKind::PatternAnchor, start));
            }
            Tok::Ident if self.at_word("PERMUTE") && self.nth(1) == Tok::LParen => {
                self.bump();
                let inner = self.paren_list(Self::row_pattern)?;
                return Ok(Clause {
                    inner,
                    ..self.bare(ClauseKind::PatternPermute, start)
                });
            }
            _ => {
                let name = Some(self.ident()?);
                return Ok(Clause {
                    name,
                    ..self.bare(ClauseKind::PatternVariable, start)
                });
            }
        };
        self.bump();
        let inner = self.row_pattern()?;
        self.expect(close, "the end of the pattern")?;
        if close == Tok::Minus {
            self.expect(Tok::RBrace, "`-}`")?;
        }
        let inner = self.ast.add_list([inner]);
        Ok(Clause {
            inner,
            ..self.bare(kind, start)
        })
    }
}
