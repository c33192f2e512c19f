//! Calls: arguments, WITHIN GROUP, KEEP, OVER, ORDER BY items.

use super::*;

impl Parser<'_> {
    /// `(args)` behind something callable, and the clauses of aggregate and analytic functions.
    pub(super) fn call(&mut self, callee: Expr) -> P<ExprKind> {
        let callee = self.ast.add(callee);
        self.bump();
        let distinct = matches!(self.at(), Tok::DISTINCT | Tok::UNIQUE);
        if distinct || (self.at() == Tok::ALL && self.nth(1) != Tok::RParen) {
            self.bump();
        }
        let mark = self.mark::<Arg>();
        // CLUSTER_ID(INTO 4 ..), PREDICTION(OF ANOMALY ..), APPROX_RANK(PARTITION BY ..).
        let worded = matches!(self.at(), Tok::INTO | Tok::OF)
            || self.at() == Tok::FOR && !self.iterator_follows()
            || self.at() == Tok::PARTITION && self.nth(1) == Tok::BY;
        if self.at() != Tok::RParen && !worded {
            loop {
                let arg = self.arg()?;
                self.push(arg);
                if !self.eat(Tok::Comma) {
                    break;
                }
            }
        }
        let args = self.list(mark);
        let mut within = List::empty();
        let mut tail = self.no_span();
        let mark = self.mark::<Clause>();
        if self.at() != Tok::RParen {
            if self.at() == Tok::ORDER && self.nth(1) == Tok::BY {
                within = self.order_by()?;
            }
            if self.at() != Tok::RParen {
                tail = self.argument_words(worded)?;
            }
        }
        self.expect(Tok::RParen, "`,` or `)`")?;
        self.aggregate_clauses(callee, args, distinct, within, tail, mark)
    }

    /// `name => value`, value, `*`, a query.
    pub(super) fn arg(&mut self) -> P<Arg> {
        if self.nth(1) == Tok::Arrow && self.at().is_name() {
            let name = self.ident()?;
            self.bump();
            let value = self.arg_value()?;
            return Ok(Arg {
                name: Some(name),
                value,
            });
        }
        Ok(Arg {
            name: None,
            value: self.arg_value()?,
        })
    }

    pub(super) fn arg_value(&mut self) -> P<Id<Expr>> {
        let start = self.p;
        let e = match self.at() {
            Tok::Star => {
                self.bump();
                Expr {
                    span: self.span(start),
                    kind: ExprKind::Star(None),
                }
            }
            Tok::FOR => return self.iterator_arg(),
            Tok::SELECT | Tok::WITH if self.at_query() => {
                let query = self.query_id()?;
                Expr {
                    span: self.span(start),
                    kind: ExprKind::Subquery(query),
                }
            }
            _ => self.expr()?,
        };
        let id = self.ast.add(e);
        self.choices(id, start)
    }

    /// `1 => x`, `1 | 2 => x`, `1 .. 5 => x` of a qualified expression; `expr AS alias` of some functions.
    fn choices(&mut self, first: Id<Expr>, start: usize) -> P<Id<Expr>> {
        let mut left = first;
        while matches!(self.at(), Tok::DotDot | Tok::Bar | Tok::Arrow) {
            let op = if self.at() == Tok::DotDot {
                BinaryOp::Range
            } else {
                BinaryOp::Pair
            };
            self.bump();
            let right = self.expr_id()?;
            let kind = ExprKind::Binary { op, left, right };
            left = self.ast.add(Expr {
                span: self.span(start),
                kind,
            });
        }
        Ok(left)
    }

    /// FOR begins an iteration, not the `FOR expr` of a prediction.
    fn iterator_follows(&self) -> bool {
        self.nth(1).is_name()
            && (matches!(self.nth(2), Tok::IN | Tok::Comma)
                || self.nth(2).is_name()
                    && self.nth(2) != Tok::USING
                    && (3..8).any(|n| self.nth(n) == Tok::IN))
    }

    /// `FOR i IN .. [SEQUENCE | INDEX x] => y` of a qualified expression: the arguments are the
    /// iterations and the value, the first clause the variable, an Item the index.
    fn iterator_arg(&mut self) -> P<Id<Expr>> {
        let start = self.p;
        let name = self.ident()?;
        let mark = self.mark::<Clause>();
        let at = self.p;
        let variable = Some(self.ident()?);
        let iterand = Clause {
            name: variable,
            ..self.bare(ClauseKind::Iterand, at)
        };
        self.push(iterand);
        let further = self.iterands()?;
        let further: Vec<Clause> = self.ast.list(further).to_vec();
        further.into_iter().for_each(|c| self.push(c));
        self.expect(Tok::IN, "IN")?;
        let args = self.mark::<Arg>();
        loop {
            let iter = self.further_iteration()?;
            let value = self.iter_expr(iter);
            self.push(Arg { name: None, value });
            if !self.eat(Tok::Comma) {
                break;
            }
        }
        let at = self.p;
        if self.eat(Tok::INDEX) {
            let index = self.expr()?;
            let index = self.valued(ClauseKind::Item, at, [index]);
            self.push(index);
        } else if self.at() == Tok::SEQUENCE {
            let words = self.words(1);
            self.push(words);
        }
        self.expect(Tok::Arrow, "`=>`")?;
        let value = self.expr_id()?;
        self.push(Arg { name: None, value });
        let (args, clauses) = (self.list(args), self.list(mark));
        let kind = self.worded(name, args, clauses);
        Ok(self.ast.add(Expr {
            span: self.span(start),
            kind,
        }))
    }

    /// Clauses between the last argument and `)`: IGNORE NULLS, ON OVERFLOW, DEFAULT .. ON
    /// CONVERSION ERROR, USING and others; pushed, their tokens returned.
    fn argument_words(&mut self, worded: bool) -> P<TokSpan> {
        let start = self.p;
        let known = worded
            || self.at_word("COST")
            || self.at() == Tok::FROM && matches!(self.nth(1), Tok::FIRST | Tok::LAST)
            || matches!(
                self.at(),
                Tok::BY
                    | Tok::DETERMINISTIC
                    | Tok::IGNORE
                    | Tok::RESPECT
                    | Tok::ON
                    | Tok::DEFAULT
                    | Tok::USING
                    | Tok::FORMAT
                    | Tok::RETURNING
                    | Tok::WITH
                    | Tok::AS
                    | Tok::PARTITION
                    | Tok::ABSENT
                    | Tok::NULL
                    | Tok::STRICT
                    | Tok::FOR
            )
            || self.at_word("EXTENDED")
            || self.at_word("HIERARCHY")
            || self.nth(1) == Tok::USING
                && (matches!(self.at(), Tok::ASC | Tok::DESC) || self.at_word("ABS"));
        if !known {
            return self.fail("`,` or `)`");
        }
        while self.at() != Tok::RParen {
            let clause = self.argument_clause()?;
            self.push(clause);
        }
        Ok(self.span(start))
    }

    fn nulls_clause(&mut self) -> Clause {
        let start = self.p;
        let kind = if self.at() == Tok::IGNORE {
            ClauseKind::IgnoreNulls
        } else {
            ClauseKind::RespectNulls
        };
        self.advance(2);
        self.bare(kind, start)
    }

    fn argument_clause(&mut self) -> P<Clause> {
        let start = self.p;
        match (self.at(), self.nth(1)) {
            (Tok::IGNORE | Tok::RESPECT, Tok::NULLS) => Ok(self.nulls_clause()),
            (Tok::ON, Tok::OVERFLOW) => self.on_overflow(),
            (Tok::DEFAULT, _) => self.default_on_error(),
            (Tok::Comma, _) => {
                self.bump();
                let values = self.comma_list(Self::expr)?;
                Ok(Clause {
                    values,
                    ..self.bare(ClauseKind::Format, start)
                })
            }
            (Tok::USING, _) => self.using_clause(),
            (Tok::PARTITION, Tok::BY) => self.partition_by_clause(),
            (Tok::ORDER, Tok::BY) => self.order_by_clause(),
            (Tok::AS, next) if next.is_name() => {
                self.bump();
                let ty = Some(self.type_ref_id()?);
                Ok(Clause {
                    ty,
                    ..self.bare(ClauseKind::As, start)
                })
            }
            (Tok::FROM, Tok::FIRST) => Ok(self.words(2)),
            (Tok::FROM, Tok::LAST) => Ok(self.words(2)),
            (Tok::INTO | Tok::OF | Tok::FOR | Tok::BY, _) => self.mining_clause(),
            _ if self.at_word("COST") => self.mining_clause(),
            _ => match self.function_clause(Tok::JSON)? {
                Some(clause) => Ok(clause),
                None if self.at().is_name() => Ok(self.words(1)),
                None => self.fail("`,` or `)`"),
            },
        }
    }

    /// `ON OVERFLOW ERROR`, `ON OVERFLOW TRUNCATE ['..'] [WITH|WITHOUT COUNT]`.
    fn on_overflow(&mut self) -> P<Clause> {
        let start = self.p;
        self.advance(2);
        let mut values = List::empty();
        if !self.eat(Tok::ERROR) {
            self.expect(Tok::TRUNCATE, "ERROR or TRUNCATE")?;
            if !matches!(self.at(), Tok::WITH | Tok::WITHOUT | Tok::RParen) {
                let text = self.expr()?;
                values = self.ast.add_list([text]);
            }
            if self.eat(Tok::WITH) || self.eat(Tok::WITHOUT) {
                self.ident()?;
            }
        }
        Ok(Clause {
            values,
            ..self.bare(ClauseKind::OnOverflow, start)
        })
    }

    /// `USING *`, `USING a, b AS c [AND USING ..]`, `USING CHAR_CS`.
    fn using_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let inner = self.comma_list(|p| {
            let at = p.p;
            let e = if p.at() == Tok::Star {
                let value = p.arg_value()?;
                p.ast[value]
            } else {
                p.binary(super::expr::ADD)?
            };
            let name = p.column_alias()?;
            Ok(Clause {
                name,
                ..p.valued(ClauseKind::Item, at, [e])
            })
        })?;
        if self.at() == Tok::AND && self.nth(1) == Tok::USING {
            self.bump();
        }
        Ok(Clause {
            inner,
            ..self.bare(ClauseKind::Using, start)
        })
    }

    /// `COST MODEL [AUTO]`, `COST (..) VALUES (..)`, `FOR x`, `OF ANOMALY`, `INTO n`, `BY WORDS MAX 10 ..`.
    fn mining_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let mark = self.mark::<Expr>();
        while !matches!(
            self.at(),
            Tok::RParen | Tok::USING | Tok::Comma | Tok::Eof | Tok::Semi
        ) {
            let dotted = matches!(self.nth(1), Tok::Dot | Tok::LParen);
            if self.at().is_name() && !dotted {
                let word = self.name_expr()?;
                let word = self.ast[word];
                self.push(word);
                continue;
            }
            let e = self.postfixed()?;
            self.push(e);
        }
        let values = self.list(mark);
        Ok(Clause {
            values,
            ..self.bare(ClauseKind::Mining, start)
        })
    }

    fn aggregate_clauses(
        &mut self,
        callee: Id<Expr>,
        args: List<Arg>,
        distinct: bool,
        mut within: List<OrderItem>,
        mut tail: TokSpan,
        mark: usize,
    ) -> P<ExprKind> {
        let (mut keep, mut over) = (None, None);
        loop {
            let start = self.p;
            match (self.at(), self.nth(1)) {
                (Tok::WITHIN, Tok::GROUP) => {
                    self.advance(2);
                    self.expect(Tok::LParen, "`(`")?;
                    within = self.order_by()?;
                    self.expect(Tok::RParen, "`)`")?;
                }
                (Tok::KEEP, Tok::LParen) => keep = Some(self.keep()?),
                (Tok::OVER, Tok::LParen) => over = Some(self.over()?),
                (Tok::OVER, next) if next.is_name() && next != Tok::FROM => {
                    over = Some(self.over()?)
                }
                (Tok::FROM, Tok::FIRST | Tok::LAST)
                    if matches!(self.nth(2), Tok::OVER | Tok::IGNORE | Tok::RESPECT) =>
                {
                    let kind = if self.nth(1) == Tok::FIRST {
                        ClauseKind::FromFirst
                    } else {
                        ClauseKind::FromLast
                    };
                    self.advance(2);
                    tail = self.span(start);
                    self.push(self.bare(kind, start));
                }
                (Tok::IGNORE | Tok::RESPECT, Tok::NULLS) => {
                    let nulls = self.nulls_clause();
                    self.push(nulls);
                    tail = if tail.is_empty() {
                        self.span(start)
                    } else {
                        tail.to(self.span(start))
                    };
                }
                (Tok::FILTER, Tok::LParen) => {
                    self.advance(2);
                    let filter = self.where_clause()?;
                    self.expect(Tok::RParen, "`)`")?;
                    tail = self.span(start);
                    self.push(Clause {
                        values: filter.values,
                        ..self.bare(ClauseKind::Filter, start)
                    });
                }
                _ => {
                    let clauses = self.list(mark);
                    let plain = within.is_empty() && keep.is_none() && over.is_none();
                    let rest = CallRest {
                        within,
                        keep,
                        over,
                        tail,
                        clauses,
                    };
                    let none = plain && tail.is_empty() && clauses.is_empty();
                    let rest = (!none).then(|| self.ast.add(rest));
                    return Ok(ExprKind::Call {
                        callee,
                        args,
                        distinct,
                        rest,
                    });
                }
            }
        }
    }

    /// `KEEP (DENSE_RANK FIRST|LAST ORDER BY ..)`.
    fn keep(&mut self) -> P<Id<Keep>> {
        self.advance(2);
        self.expect(Tok::DENSE_RANK, "DENSE_RANK")?;
        let last = self.at() == Tok::LAST;
        if !last && self.at() != Tok::FIRST {
            return self.fail("FIRST or LAST");
        }
        self.bump();
        let order_by = if self.eat_seq(&[Tok::PARTITION, Tok::BY]) {
            self.comma_list(Self::order_item)?
        } else {
            self.order_by()?
        };
        self.expect(Tok::RParen, "`)`")?;
        Ok(self.ast.add(Keep { last, order_by }))
    }

    /// `OVER (..)` or `OVER name`.
    fn over(&mut self) -> P<Id<WindowSpec>> {
        self.bump();
        if self.at() != Tok::LParen {
            let start = self.p;
            let name = Some(self.ident()?);
            let spec = WindowSpec {
                span: self.span(start),
                name,
                partition_by: List::empty(),
                order_by: List::empty(),
                frame: self.no_span(),
                bounds: None,
            };
            return Ok(self.ast.add(spec));
        }
        let spec = self.window_spec()?;
        Ok(self.ast.add(spec))
    }

    /// `( [name] [PARTITION BY ..] [ORDER BY ..] [frame] )`.
    pub(super) fn window_spec(&mut self) -> P<WindowSpec> {
        let start = self.p;
        self.expect(Tok::LParen, "`(`")?;
        let named = self.at().is_name()
            && !matches!(
                self.at(),
                Tok::PARTITION | Tok::ORDER | Tok::ROWS | Tok::RANGE | Tok::GROUPS
            );
        let name = if named { Some(self.ident()?) } else { None };
        let partition_by = if self.eat_seq(&[Tok::PARTITION, Tok::BY]) {
            self.comma_list(Self::expr)?
        } else {
            List::empty()
        };
        let order_by = if self.at() == Tok::ORDER {
            self.order_by()?
        } else {
            List::empty()
        };
        let frame_start = self.p;
        let mut bounds = None;
        if matches!(self.at(), Tok::ROWS | Tok::RANGE | Tok::GROUPS) {
            let clause = self.frame_clause()?;
            bounds = Some(self.ast.add(clause));
        }
        let frame = self.span(frame_start);
        self.expect(Tok::RParen, "`)`")?;
        Ok(WindowSpec {
            span: self.span(start),
            name,
            partition_by,
            order_by,
            frame,
            bounds,
        })
    }

    /// `ORDER [SIBLINGS] BY item, ..`.
    pub(super) fn order_by(&mut self) -> P<List<OrderItem>> {
        self.expect(Tok::ORDER, "ORDER BY")?;
        self.eat(Tok::SIBLINGS);
        self.expect(Tok::BY, "BY")?;
        self.comma_list(Self::order_item)
    }

    pub(super) fn order_item(&mut self) -> P<OrderItem> {
        let expr = self.expr_id()?;
        self.order_direction(expr)
    }

    /// `[ASC|DESC] [NULLS FIRST|LAST]` behind a sort key.
    pub(super) fn order_direction(&mut self, expr: Id<Expr>) -> P<OrderItem> {
        let desc = self.at() == Tok::DESC;
        if desc || self.at() == Tok::ASC {
            self.bump();
        }
        let nulls_first = match (self.at(), self.nth(1)) {
            (Tok::NULLS, Tok::FIRST) => Some(true),
            (Tok::NULLS, Tok::LAST) => Some(false),
            _ => None,
        };
        self.advance(if nulls_first.is_some() { 2 } else { 0 });
        Ok(OrderItem {
            expr,
            desc,
            nulls_first,
        })
    }
}
