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
        if self.at() != Tok::RParen {
            if self.at() == Tok::ORDER && self.nth(1) == Tok::BY {
                within = self.order_by()?;
            }
            if self.at() != Tok::RParen {
                tail = self.argument_words(worded)?;
            }
        }
        self.expect(Tok::RParen, "`,` or `)`")?;
        self.aggregate_clauses(callee, args, distinct, within, tail)
    }

    /// `name => value`, value, `*`, a query.
    fn arg(&mut self) -> P<Arg> {
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

    /// `FOR i IN .. => x` of a qualified expression, kept as tokens.
    fn iterator_arg(&mut self) -> P<Id<Expr>> {
        let start = self.p;
        let name = self.ident_at(self.p);
        self.skip_to_close()?;
        self.opaque += 1;
        let kind = ExprKind::Special {
            name,
            args: List::empty(),
        };
        Ok(self.ast.add(Expr {
            span: self.span(start),
            kind,
        }))
    }

    /// Words between the last argument and `)`: IGNORE NULLS, ON OVERFLOW, DEFAULT .. ON CONVERSION ERROR, USING.
    fn argument_words(&mut self, worded: bool) -> P<TokSpan> {
        let start = self.p;
        let known = self.at_word("COST")
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
            );
        if !known && !worded {
            return self.fail("`,` or `)`");
        }
        self.skip_to_close()?;
        Ok(self.span(start))
    }

    fn aggregate_clauses(
        &mut self,
        callee: Id<Expr>,
        args: List<Arg>,
        distinct: bool,
        mut within: List<OrderItem>,
        mut tail: TokSpan,
    ) -> P<ExprKind> {
        let (mut keep, mut over) = (None, None);
        loop {
            let start = self.p;
            match (self.at(), self.nth(1)) {
                (Tok::WITHIN, Tok::GROUP) => {
                    self.p += 2;
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
                    self.p += 2;
                    tail = self.span(start);
                }
                (Tok::IGNORE | Tok::RESPECT, Tok::NULLS) => {
                    self.p += 2;
                    tail = if tail.is_empty() {
                        self.span(start)
                    } else {
                        tail.to(self.span(start))
                    };
                }
                (Tok::FILTER, Tok::LParen) => {
                    self.bump();
                    self.skip_parens()?;
                    tail = self.span(start);
                }
                _ => {
                    return Ok(ExprKind::Call {
                        callee,
                        args,
                        distinct,
                        within,
                        keep,
                        over,
                        tail,
                    });
                }
            }
        }
    }

    /// `KEEP (DENSE_RANK FIRST|LAST ORDER BY ..)`.
    fn keep(&mut self) -> P<Id<Keep>> {
        self.p += 2;
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
        if matches!(self.at(), Tok::ROWS | Tok::RANGE | Tok::GROUPS) {
            self.skip_to_close()?;
        }
        let frame = self.span(frame_start);
        self.expect(Tok::RParen, "`)`")?;
        Ok(WindowSpec {
            span: self.span(start),
            name,
            partition_by,
            order_by,
            frame,
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
        let desc = self.at() == Tok::DESC;
        if desc || self.at() == Tok::ASC {
            self.bump();
        }
        let nulls_first = match (self.at(), self.nth(1)) {
            (Tok::NULLS, Tok::FIRST) => Some(true),
            (Tok::NULLS, Tok::LAST) => Some(false),
            _ => None,
        };
        self.p += if nulls_first.is_some() { 2 } else { 0 };
        Ok(OrderItem {
            expr,
            desc,
            nulls_first,
        })
    }
}
