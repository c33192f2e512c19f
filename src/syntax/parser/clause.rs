//! What clauses are built from: items with aliases, window frames, words.

use super::*;

impl Parser<'_> {
    /// A clause of this kind from `start` up to here, without further content.
    pub(super) fn bare(&self, kind: ClauseKind, start: usize) -> Clause {
        Clause::new(kind, self.span(start))
    }

    /// The clause with its place: from `start` up to here.
    pub(super) fn closed_at(&self, start: usize, mut clause: Clause) -> Clause {
        clause.span = self.span(start);
        clause
    }

    /// A clause with these expressions.
    pub(super) fn valued<const N: usize>(
        &mut self,
        kind: ClauseKind,
        start: usize,
        values: [Expr; N],
    ) -> Clause {
        let values = self.ast.add_list(values);
        Clause {
            values,
            ..self.bare(kind, start)
        }
    }

    /// `count` words that say all.
    pub(super) fn words(&mut self, count: usize) -> Clause {
        let start = self.p;
        (0..count).for_each(|_| self.bump());
        self.bare(ClauseKind::Words, start)
    }

    /// `expr [AS] alias`.
    pub(super) fn item_clause(&mut self) -> P<Clause> {
        let start = self.p;
        let e = self.expr()?;
        let name = self.column_alias()?;
        Ok(Clause {
            name,
            ..self.valued(ClauseKind::Item, start, [e])
        })
    }

    /// A name in a list of names; of a dotted one its last part.
    pub(super) fn name_item(&mut self) -> P<Clause> {
        let start = self.p;
        let object = self.object_name()?;
        Ok(Clause {
            name: self.ast.list(object.parts).last().copied(),
            ..self.bare(ClauseKind::Item, start)
        })
    }

    /// `word BY (item, ..)`, the words already read.
    pub(super) fn items_in_parens(&mut self, kind: ClauseKind, start: usize) -> P<Clause> {
        let inner = if self.eat_seq(&[Tok::LParen, Tok::RParen]) {
            List::empty()
        } else {
            self.paren_list(Self::item_clause)?
        };
        Ok(Clause {
            inner,
            ..self.bare(kind, start)
        })
    }

    /// `PARTITION BY a, b` with or without parentheses.
    pub(super) fn partition_by_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.advance(2);
        let values = self.comma_list(Self::expr)?;
        Ok(Clause {
            values,
            ..self.bare(ClauseKind::PartitionBy, start)
        })
    }

    pub(super) fn order_by_clause(&mut self) -> P<Clause> {
        let start = self.p;
        let order = self.order_by()?;
        Ok(Clause {
            order,
            ..self.bare(ClauseKind::OrderBy, start)
        })
    }

    /// `WHERE condition` inside a clause.
    pub(super) fn where_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.expect(Tok::WHERE, "WHERE")?;
        let e = self.expr()?;
        Ok(self.valued(ClauseKind::Where, start, [e]))
    }

    /// A column or several in parentheses.
    pub(super) fn columns_operand(&mut self) -> P<Expr> {
        if self.at() == Tok::LParen {
            self.deeper(Self::postfixed)
        } else {
            self.postfixed()
        }
    }

    /// `ROWS|RANGE|GROUPS bound` or `BETWEEN bound AND bound`, `[EXCLUDE ..]`.
    pub(super) fn frame_clause(&mut self) -> P<Clause> {
        let start = self.p;
        let kind = match self.at() {
            Tok::ROWS => ClauseKind::Rows,
            Tok::RANGE => ClauseKind::Range,
            _ => ClauseKind::Groups,
        };
        self.bump();
        let mark = self.mark::<Clause>();
        if self.eat(Tok::BETWEEN) {
            let low = self.frame_bound()?;
            self.push(low);
            self.expect(Tok::AND, "AND")?;
        }
        let bound = self.frame_bound()?;
        self.push(bound);
        if self.at() == Tok::EXCLUDE {
            let exclude = self.frame_exclude()?;
            self.push(exclude);
        }
        let inner = self.list(mark);
        Ok(Clause {
            inner,
            ..self.bare(kind, start)
        })
    }

    fn frame_bound(&mut self) -> P<Clause> {
        let start = self.p;
        if self.at_word("UNBOUNDED") && matches!(self.nth(1), Tok::PRECEDING | Tok::FOLLOWING) {
            let kind = match self.nth(1) {
                Tok::PRECEDING => ClauseKind::UnboundedPreceding,
                _ => ClauseKind::UnboundedFollowing,
            };
            self.advance(2);
            return Ok(self.bare(kind, start));
        }
        if self.eat_seq(&[Tok::CURRENT, Tok::ROW]) {
            return Ok(self.bare(ClauseKind::CurrentRow, start));
        }
        let e = self.binary(super::expr::ADD)?;
        let kind = match self.at() {
            Tok::PRECEDING => ClauseKind::Preceding,
            Tok::FOLLOWING => ClauseKind::Following,
            _ => return self.fail("PRECEDING or FOLLOWING"),
        };
        self.bump();
        Ok(self.valued(kind, start, [e]))
    }

    fn frame_exclude(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        match (self.at(), self.nth(1)) {
            (Tok::CURRENT, Tok::ROW) => self.advance(2),
            (Tok::GROUP | Tok::TIES, _) => self.bump(),
            (Tok::NO, _) if self.nth_word(1, "OTHERS") => self.advance(2),
            _ => return self.fail("CURRENT ROW, GROUP, TIES or NO OTHERS"),
        }
        Ok(self.bare(ClauseKind::Exclude, start))
    }
}
