//! MODEL: its parts, rules, and the cells that rules address.

use super::*;

impl Parser<'_> {
    /// At MODEL.
    pub(super) fn model(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let mark = self.mark::<Clause>();
        while let Some(clause) = self.model_part()? {
            let last = clause.kind == ClauseKind::Rules;
            self.push(clause);
            if last {
                let inner = self.list(mark);
                return Ok(Clause {
                    inner,
                    ..self.bare(ClauseKind::Model, start)
                });
            }
        }
        self.fail("a clause of MODEL")
    }

    fn model_part(&mut self) -> P<Option<Clause>> {
        let start = self.p;
        let clause = match (self.at(), self.nth(1)) {
            (Tok::RETURN, _) => self.words(3),
            (Tok::REFERENCE, _) => self.reference_model()?,
            (Tok::Ident, _) if self.eat_word("MAIN") => {
                let name = Some(self.ident()?);
                Clause {
                    name,
                    ..self.bare(ClauseKind::Main, start)
                }
            }
            (Tok::RULES | Tok::LParen, _) => self.model_rules()?,
            _ => return self.model_columns(),
        };
        Ok(Some(clause))
    }

    /// PARTITION BY, DIMENSION BY, MEASURES and how cells are addressed.
    fn model_columns(&mut self) -> P<Option<Clause>> {
        let start = self.p;
        let kind = match (self.at(), self.nth(1)) {
            (Tok::IGNORE | Tok::KEEP, _) => return Ok(Some(self.words(2))),
            (Tok::UNIQUE, Tok::DIMENSION) => return Ok(Some(self.words(2))),
            (Tok::UNIQUE, _) => return Ok(Some(self.words(3))),
            (Tok::PARTITION, Tok::BY) => ClauseKind::PartitionBy,
            (Tok::DIMENSION, Tok::BY) => ClauseKind::DimensionBy,
            (Tok::MEASURES, _) => ClauseKind::Measures,
            _ => return Ok(None),
        };
        self.advance(if kind == ClauseKind::Measures { 1 } else { 2 });
        self.items_in_parens(kind, start).map(Some)
    }

    /// `REFERENCE name ON (query) DIMENSION BY (..) MEASURES (..) [options]`.
    fn reference_model(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let name = Some(self.ident()?);
        self.expect(Tok::ON, "ON")?;
        let query = Some(self.paren_query()?);
        let mark = self.mark::<Clause>();
        let mut measured = false;
        while !(measured && !matches!(self.at(), Tok::IGNORE | Tok::KEEP | Tok::UNIQUE)) {
            let Some(clause) = self.model_columns()? else {
                return self.fail("DIMENSION BY or MEASURES");
            };
            measured |= clause.kind == ClauseKind::Measures;
            self.push(clause);
        }
        let inner = self.list(mark);
        Ok(Clause {
            name,
            query,
            inner,
            ..self.bare(ClauseKind::Reference, start)
        })
    }

    /// `[RULES [UPDATE|UPSERT [ALL]] [AUTOMATIC|SEQUENTIAL ORDER] [ITERATE (n) [UNTIL (c)]]] (rule, ..)`.
    fn model_rules(&mut self) -> P<Clause> {
        let start = self.p;
        self.eat(Tok::RULES);
        let mark = self.mark::<Clause>();
        while self.at() != Tok::LParen {
            let clause = match self.rule_mode() {
                Some(words) => words,
                None if self.at_word("AUTOMATIC") || self.at_word("SEQUENTIAL") => self.words(2),
                None if self.at_word("ITERATE") => self.iterate()?,
                None => return self.fail("the rules in parentheses"),
            };
            self.push(clause);
        }
        self.bump();
        while self.at() != Tok::RParen {
            let rule = self.model_rule()?;
            self.push(rule);
            if !self.eat(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RParen, "`,` or `)`")?;
        let inner = self.list(mark);
        Ok(Clause {
            inner,
            ..self.bare(ClauseKind::Rules, start)
        })
    }

    fn iterate(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        self.expect(Tok::LParen, "`(`")?;
        let count = self.expr()?;
        self.expect(Tok::RParen, "`)`")?;
        if self.eat_word("UNTIL") {
            let until = self.postfixed()?;
            return Ok(self.valued(ClauseKind::Iterate, start, [count, until]));
        }
        Ok(self.valued(ClauseKind::Iterate, start, [count]))
    }

    /// UPDATE, UPSERT, UPSERT ALL in front of rules.
    fn rule_mode(&mut self) -> Option<Clause> {
        if self.at() == Tok::UPDATE {
            return Some(self.words(1));
        }
        let next_all = self.nth(1) == Tok::ALL;
        self.at_word("UPSERT")
            .then(|| self.words(1 + usize::from(next_all)))
    }

    /// `[UPDATE|UPSERT [ALL]] cell [ORDER BY ..] = expr`.
    fn model_rule(&mut self) -> P<Clause> {
        let start = self.p;
        let mode = self.rule_mode();
        let cell = self.postfixed()?;
        let mut order = List::empty();
        if self.eat_seq(&[Tok::ORDER, Tok::BY]) {
            order = self.comma_list(|p| {
                let expr = p.sum_id()?;
                p.order_direction(expr)
            })?;
        }
        self.expect(Tok::Eq, "`=`")?;
        let value = self.expr()?;
        let inner = match mode {
            Some(words) => self.ast.add_list([words]),
            None => List::empty(),
        };
        Ok(Clause {
            order,
            inner,
            ..self.valued(ClauseKind::Rule, start, [cell, value])
        })
    }

    // --- cells ------------------------------------------------------------------------------

    /// `e[..]`: a cell of MODEL, a step of a JSON path, an element of a qualified expression.
    pub(super) fn cell(&mut self, e: Expr) -> P<ExprKind> {
        let name = self.ident_at(self.p);
        self.bump();
        let mark = self.mark::<Arg>();
        let value = self.ast.add(e);
        self.push(Arg { name: None, value });
        while self.at() != Tok::RBracket {
            let index = self.deeper(Self::cell_index)?;
            let value = self.ast.add(index);
            self.push(Arg { name: None, value });
            if !self.eat(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RBracket, "`,` or `]`")?;
        let args = self.list(mark);
        Ok(self.worded(name, args, List::empty()))
    }

    /// An index, a condition, `*`, `ANY`, `a TO b`, a FOR loop.
    fn cell_index(&mut self) -> P<Expr> {
        let start = self.p;
        if self.at() == Tok::Star {
            self.bump();
            return Ok(Expr {
                span: self.span(start),
                kind: ExprKind::Star(None),
            });
        }
        if self.at() == Tok::ANY && matches!(self.nth(1), Tok::Comma | Tok::RBracket) {
            let any = self.name_expr()?;
            return Ok(self.ast[any]);
        }
        if self.at() == Tok::FOR {
            return self.cell_loop();
        }
        let low = self.expr()?;
        if !self.eat(Tok::TO) {
            return Ok(low);
        }
        let left = self.ast.add(low);
        let right = self.sum_id()?;
        Ok(Expr {
            span: self.span(start),
            kind: ExprKind::Binary {
                op: BinaryOp::Range,
                left,
                right,
            },
        })
    }

    /// `FOR d IN (..)`, `FOR (d, e) IN (..)`, `FOR d [LIKE p] FROM a TO b INCREMENT|DECREMENT n`.
    fn cell_loop(&mut self) -> P<Expr> {
        let start = self.p;
        let name = self.ident()?;
        let dimensions = self.columns_operand()?;
        let value = self.ast.add(dimensions);
        let args = self.ast.add_list([Arg { name: None, value }]);
        let clause = if self.at() == Tok::IN {
            let at = self.p;
            self.bump();
            let mut clause = self.bare(ClauseKind::In, at);
            self.expect(Tok::LParen, "`(`")?;
            if self.at_query() {
                clause.query = Some(self.query_id()?);
            } else {
                clause.values = self.comma_list(Self::expr)?;
            }
            self.expect(Tok::RParen, "`)`")?;
            self.closed_at(at, clause)
        } else {
            self.cell_steps()?
        };
        let clauses = self.ast.add_list([clause]);
        Ok(Expr {
            span: self.span(start),
            kind: self.worded(name, args, clauses),
        })
    }

    fn cell_steps(&mut self) -> P<Clause> {
        let start = self.p;
        let mark = self.mark::<Expr>();
        if self.eat(Tok::LIKE) {
            let pattern = self.binary(super::expr::ADD)?;
            self.push(pattern);
        }
        self.expect(Tok::FROM, "FROM or IN")?;
        let from = self.binary(super::expr::ADD)?;
        self.push(from);
        self.expect(Tok::TO, "TO")?;
        let to = self.binary(super::expr::ADD)?;
        self.push(to);
        if !self.eat_word("INCREMENT") && !self.eat_word("DECREMENT") {
            return self.fail("INCREMENT or DECREMENT");
        }
        let step = self.binary(super::expr::ADD)?;
        self.push(step);
        let values = self.list(mark);
        Ok(Clause {
            values,
            ..self.bare(ClauseKind::Step, start)
        })
    }
}
