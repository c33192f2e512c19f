//! Queries: WITH, set operators from left to right, SELECT and its clauses.

use super::*;

impl Parser<'_> {
    /// SELECT or WITH starts a query here.
    pub(super) fn at_query(&self) -> bool {
        match self.at() {
            Tok::SELECT => true,
            Tok::WITH => match self.nth(1) {
                Tok::FUNCTION | Tok::PROCEDURE => true,
                t => {
                    t.is_name()
                        && (matches!(self.nth(2), Tok::AS | Tok::LParen)
                            || self.nth_word(2, "ANALYTIC"))
                }
            },
            _ => false,
        }
    }

    pub(super) fn query_id(&mut self) -> P<Id<Query>> {
        let query = self.deeper(Self::query)?;
        Ok(self.ast.add(query))
    }

    /// `( query )`, with further parentheses around it if so written.
    pub(super) fn paren_query(&mut self) -> P<Id<Query>> {
        self.expect(Tok::LParen, "`(`")?;
        let query = self.query_id()?;
        self.expect(Tok::RParen, "`)`")?;
        Ok(query)
    }

    fn query(&mut self) -> P<Query> {
        let start = self.p;
        let (mut with, mut with_decls) = (List::empty(), List::empty());
        if self.at() == Tok::WITH {
            self.bump();
            with_decls = self.with_decls()?;
            if self.at() != Tok::SELECT && self.at() != Tok::LParen {
                with = self.comma_list(Self::cte)?;
            }
        }
        let body = self.set_expr()?;
        self.query_tail(start, with, with_decls, body)
    }

    /// WITH FUNCTION .. / PROCEDURE ..
    fn with_decls(&mut self) -> P<List<Decl>> {
        let mark = self.mark::<Decl>();
        while matches!(self.at(), Tok::FUNCTION | Tok::PROCEDURE) && self.nth(2) != Tok::AS {
            let decl = self.declaration();
            self.push(decl);
        }
        Ok(self.list(mark))
    }

    fn cte(&mut self) -> P<Cte> {
        let name = self.ident()?;
        if self.at_word("ANALYTIC") {
            return self.analytic_view(name);
        }
        let columns = if self.at() == Tok::LParen {
            self.ident_list()?
        } else {
            List::empty()
        };
        self.expect(Tok::AS, "AS")?;
        let query = if self.at() == Tok::LParen && self.nth(1) == Tok::VALUES {
            self.bump();
            let query = self.query_id()?;
            self.expect(Tok::RParen, "`)`")?;
            query
        } else {
            self.paren_query()?
        };
        let tail = self.p;
        let mark = self.mark::<Clause>();
        while matches!(self.at(), Tok::SEARCH | Tok::CYCLE) {
            let clause = if self.at() == Tok::SEARCH {
                self.search_clause()?
            } else {
                self.cycle_clause()?
            };
            self.push(clause);
        }
        Ok(Cte {
            name,
            columns,
            query,
            tail: self.span(tail),
            clauses: self.list(mark),
        })
    }

    /// `SEARCH DEPTH|BREADTH FIRST BY .. SET c`.
    fn search_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        if !matches!(self.at(), Tok::DEPTH | Tok::BREADTH) {
            return self.fail("DEPTH or BREADTH");
        }
        self.bump();
        self.expect(Tok::FIRST, "FIRST")?;
        self.expect(Tok::BY, "BY")?;
        let order = self.comma_list(Self::order_item)?;
        self.expect(Tok::SET, "SET")?;
        let name = Some(self.ident()?);
        Ok(Clause {
            name,
            order,
            ..self.bare(ClauseKind::Search, start)
        })
    }

    /// `CYCLE a, b SET c TO y DEFAULT n`.
    fn cycle_clause(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let mark = self.mark::<Expr>();
        loop {
            let column = self.postfixed()?;
            self.push(column);
            if !self.eat(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::SET, "SET")?;
        let name = Some(self.ident()?);
        if self.eat(Tok::TO) {
            let yes = self.binary(super::expr::ADD)?;
            self.push(yes);
            self.expect(Tok::DEFAULT, "DEFAULT")?;
            let no = self.binary(super::expr::ADD)?;
            self.push(no);
        }
        let values = self.list(mark);
        Ok(Clause {
            name,
            values,
            ..self.bare(ClauseKind::Cycle, start)
        })
    }

    /// `name ANALYTIC VIEW AS (USING .. HIERARCHIES (..) ADD MEASURES (..))`: no query of its own.
    fn analytic_view(&mut self, name: Ident) -> P<Cte> {
        let start = self.p;
        self.advance(2);
        self.expect(Tok::AS, "AS")?;
        let mark = self.mark::<Clause>();
        self.expect(Tok::LParen, "`(`")?;
        self.analytic_clauses()?;
        self.expect(Tok::RParen, "`)`")?;
        let clauses = self.list(mark);
        let body = self.ast.add(SetExpr::Values(List::empty()));
        let query = self.query_tail(start, List::empty(), List::empty(), body)?;
        let query = self.ast.add(query);
        Ok(Cte {
            name,
            columns: List::empty(),
            query,
            tail: self.no_span(),
            clauses,
        })
    }

    /// What follows the set expression.
    fn query_tail(
        &mut self,
        start: usize,
        with: List<Cte>,
        with_decls: List<Decl>,
        body: Id<SetExpr>,
    ) -> P<Query> {
        let mut q = Query {
            span: self.no_span(),
            with,
            with_decls,
            body,
            order_by: List::empty(),
            siblings: false,
            offset: None,
            fetch: None,
            for_update: None,
        };
        loop {
            match (self.at(), self.nth(1)) {
                (Tok::ORDER, Tok::BY | Tok::SIBLINGS) if q.order_by.is_empty() => {
                    q.siblings = self.nth(1) == Tok::SIBLINGS;
                    q.order_by = self.order_by()?;
                }
                (Tok::OFFSET, _) if q.offset.is_none() => {
                    self.bump();
                    q.offset = Some(self.sum_id()?);
                    self.rows_word()?;
                }
                (Tok::FETCH, _) if self.fetch_follows() => {
                    let fetch = self.fetch_first()?;
                    q.fetch = Some(self.ast.add(fetch));
                }
                (Tok::FOR, Tok::UPDATE) => {
                    let lock = self.for_update()?;
                    q.for_update = Some(self.ast.add(lock));
                }
                (Tok::WITH, Tok::READ) if self.nth(2) == Tok::ONLY => break,
                _ => break,
            }
        }
        q.span = self.span(start);
        Ok(q)
    }

    fn rows_word(&mut self) -> P<()> {
        if self.eat(Tok::ROW) || self.eat(Tok::ROWS) {
            Ok(())
        } else {
            self.fail("ROW or ROWS")
        }
    }

    /// `FETCH FIRST n [PERCENT] ROWS ONLY | WITH TIES`.
    fn fetch_first(&mut self) -> P<Fetch> {
        let approximate = if matches!(self.nth(1), Tok::FIRST | Tok::NEXT) {
            self.advance(2);
            None
        } else {
            let exact = self.nth_word(1, "EXACT");
            self.advance(3);
            Some(!exact)
        };
        let mut count = if matches!(self.at(), Tok::ROW | Tok::ROWS) {
            None
        } else {
            Some(self.sum_id()?)
        };
        let mark = self.mark::<Clause>();
        while self.at() == Tok::PARTITION || self.at_word("PARTITIONS") {
            // `2 PARTITIONS BY a, 3 ROWS` of vector search.
            let start = self.p;
            self.bump();
            self.expect(Tok::BY, "BY")?;
            let (number, by) = (count, self.binary(super::expr::ADD)?);
            let values: Vec<Expr> = number
                .map(|n| self.ast[n])
                .into_iter()
                .chain([by])
                .collect();
            let values = self.ast.add_list(values);
            let clause = Clause {
                values,
                ..self.bare(ClauseKind::FetchPartitions, start)
            };
            self.push(clause);
            self.expect(Tok::Comma, "`,`")?;
            count = Some(self.sum_id()?);
        }
        let partitions = self.list(mark);
        let percent = self.eat(Tok::PERCENT);
        self.rows_word()?;
        let with_ties = self.eat_seq(&[Tok::WITH, Tok::TIES]);
        if !with_ties {
            self.expect(Tok::ONLY, "ONLY or WITH TIES")?;
        }
        if self.eat_seq(&[Tok::WITH, Tok::Ident]) {
            // `WITH TARGET ACCURACY 90 PERCENT` of vector search.
            while self.at().is_name() || matches!(self.at(), Tok::Num | Tok::Comma) {
                self.bump();
            }
        }
        Ok(Fetch {
            count,
            percent,
            with_ties,
            approximate,
            partitions,
        })
    }

    /// `FOR UPDATE [OF ..] [NOWAIT | WAIT n | SKIP LOCKED]`.
    fn for_update(&mut self) -> P<ForUpdate> {
        self.advance(2);
        let of = if self.eat(Tok::OF) {
            self.comma_list(Self::postfixed)?
        } else {
            List::empty()
        };
        let mut f = ForUpdate {
            of,
            skip_locked: false,
            nowait: false,
            wait: None,
        };
        match self.at() {
            Tok::NOWAIT => {
                self.bump();
                f.nowait = true;
            }
            Tok::WAIT => {
                self.bump();
                f.nowait = self.at() == Tok::Num && self.text(self.p) == "0";
                let seconds = self.postfixed()?;
                f.wait = Some(self.ast.add(seconds));
            }
            Tok::SKIP => {
                self.bump();
                self.expect(Tok::LOCKED, "LOCKED")?;
                f.skip_locked = true;
            }
            _ => {}
        }
        Ok(f)
    }

    // --- set expressions ----------------------------------------------------------------

    fn set_op(&self) -> Option<SetOp> {
        match self.at() {
            Tok::UNION => Some(SetOp::Union),
            Tok::INTERSECT => Some(SetOp::Intersect),
            Tok::MINUS => Some(SetOp::Minus),
            Tok::EXCEPT
                if matches!(
                    self.nth(1),
                    Tok::SELECT | Tok::ALL | Tok::LParen | Tok::DISTINCT
                ) =>
            {
                Some(SetOp::Minus)
            }
            _ => None,
        }
    }

    fn set_expr(&mut self) -> P<Id<SetExpr>> {
        let first = self.set_operand()?;
        self.set_rest(first)
    }

    /// All operators have the same strength: left to right.
    fn set_rest(&mut self, first: SetExpr) -> P<Id<SetExpr>> {
        let first = self.ast.add(first);
        if self.set_op().is_none() {
            return Ok(first);
        }
        let mark = self.mark::<SetTerm>();
        while let Some(op) = self.set_op() {
            self.bump();
            let all = self.eat(Tok::ALL);
            if !all {
                self.eat(Tok::DISTINCT);
            }
            let operand = self.set_operand()?;
            let operand = self.ast.add(operand);
            self.push(SetTerm { op, all, operand });
        }
        let rest = self.list(mark);
        Ok(self.ast.add(SetExpr::Chain { first, rest }))
    }

    fn set_operand(&mut self) -> P<SetExpr> {
        match self.at() {
            Tok::SELECT => {
                let select = self.select()?;
                Ok(SetExpr::Select(self.ast.add(select)))
            }
            Tok::LParen => Ok(SetExpr::Query(self.paren_query()?)),
            Tok::VALUES => {
                self.bump();
                Ok(SetExpr::Values(self.comma_list(Self::postfixed)?))
            }
            _ => self.fail("SELECT"),
        }
    }

    /// An expression in parentheses that was a query may be the first operand of a set chain:
    /// `((SELECT ..) UNION (SELECT ..))`.
    pub(super) fn set_continues(&mut self, first: Expr, start: usize) -> P<Option<Id<Query>>> {
        let ExprKind::Subquery(query) = first.kind else {
            return Ok(None);
        };
        if self.set_op().is_none()
            && !matches!(
                (self.at(), self.nth(1)),
                (Tok::ORDER, Tok::BY) | (Tok::FETCH, Tok::FIRST | Tok::NEXT)
            )
        {
            return Ok(None);
        }
        let body = self.set_rest(SetExpr::Query(query))?;
        let query = self.query_tail(start, List::empty(), List::empty(), body)?;
        Ok(Some(self.ast.add(query)))
    }

    // --- SELECT -------------------------------------------------------------------------

    fn select(&mut self) -> P<Select> {
        let start = self.p;
        self.bump();
        let distinct = matches!(self.at(), Tok::DISTINCT | Tok::UNIQUE);
        if distinct || self.at() == Tok::ALL {
            self.bump();
        }
        let items = self.comma_list(Self::select_item)?;
        let into = self.into_clause()?;
        let from = if self.eat(Tok::FROM) {
            self.comma_list(Self::from_item)?
        } else {
            List::empty()
        };
        let mut s = Select {
            span: self.no_span(),
            distinct,
            items,
            into,
            from,
            where_: None,
            group_by: List::empty(),
            having: None,
            rest: None,
        };
        self.select_clauses(&mut s)?;
        s.span = self.span(start);
        Ok(s)
    }

    fn select_clauses(&mut self, s: &mut Select) -> P<()> {
        if self.eat(Tok::WHERE) {
            s.where_ = Some(self.expr_id()?);
        }
        let mark = self.mark::<Clause>();
        let mut rest = SelectRest::default();
        loop {
            match (self.at(), self.nth(1)) {
                (Tok::START, Tok::WITH) if rest.start_with.is_none() => {
                    self.advance(2);
                    rest.start_with = Some(self.expr_id()?);
                }
                (Tok::CONNECT, Tok::BY) if rest.connect_by.is_none() => {
                    self.advance(2);
                    rest.nocycle = self.eat(Tok::NOCYCLE);
                    rest.connect_by = Some(self.expr_id()?);
                    rest.nocycle |= self.eat(Tok::NOCYCLE);
                }
                (Tok::GROUP, Tok::BY) if s.group_by.is_empty() => {
                    self.advance(2);
                    s.group_by = if self.eat(Tok::ALL) {
                        self.ast.add_list([GroupItem::All])
                    } else {
                        self.comma_list(Self::group_item)?
                    };
                }
                (Tok::HAVING, _) if s.having.is_none() => {
                    self.bump();
                    s.having = Some(self.expr_id()?);
                }
                (Tok::MODEL | Tok::WINDOW | Tok::QUALIFY, _) if self.clause_follows() => {
                    let span = self.select_tail(&mut rest)?;
                    rest.tail = if rest.tail.is_empty() {
                        span
                    } else {
                        rest.tail.to(span)
                    };
                }
                _ => {
                    rest.clauses = self.list(mark);
                    let none = rest.tail.is_empty()
                        && rest.start_with.is_none()
                        && rest.connect_by.is_none();
                    s.rest = (!none).then(|| self.ast.add(rest));
                    return Ok(());
                }
            }
        }
    }

    /// MODEL, WINDOW or QUALIFY; the tokens read.
    fn select_tail(&mut self, rest: &mut SelectRest) -> P<TokSpan> {
        let start = self.p;
        match self.at() {
            Tok::QUALIFY => {
                self.bump();
                let e = self.expr()?;
                let clause = self.valued(ClauseKind::Qualify, start, [e]);
                self.push(clause);
            }
            Tok::WINDOW => {
                self.bump();
                rest.windows = self.comma_list(|p| {
                    let name = p.ident()?;
                    p.expect(Tok::AS, "AS")?;
                    let spec = p.window_spec()?;
                    let spec = p.ast.add(spec);
                    Ok(NamedWindow { name, spec })
                })?;
            }
            _ => {
                let model = self.deeper(Self::model)?;
                self.push(model);
            }
        }
        Ok(self.span(start))
    }

    fn select_item(&mut self) -> P<SelectItem> {
        if self.at() == Tok::Star {
            let start = self.p;
            self.bump();
            let expr = self.ast.add(Expr {
                span: self.span(start),
                kind: ExprKind::Star(None),
            });
            return Ok(SelectItem { expr, alias: None });
        }
        let expr = self.expr_id()?;
        let alias = self.column_alias()?;
        Ok(SelectItem { expr, alias })
    }

    /// `[BULK COLLECT] INTO targets`, or nothing.
    pub(super) fn into_clause(&mut self) -> P<Option<Id<Into>>> {
        let start = self.p;
        let bulk = self.eat_seq(&[Tok::BULK, Tok::COLLECT]);
        if !self.eat(Tok::INTO) {
            return if bulk { self.fail("INTO") } else { Ok(None) };
        }
        let targets = self.comma_list(Self::postfixed)?;
        let into = Into {
            span: self.span(start),
            bulk,
            targets,
        };
        Ok(Some(self.ast.add(into)))
    }

    fn group_item(&mut self) -> P<GroupItem> {
        match (self.at(), self.nth(1)) {
            (Tok::ROLLUP, Tok::LParen) => {
                self.bump();
                Ok(GroupItem::Rollup(self.paren_list(Self::expr)?))
            }
            (Tok::CUBE, Tok::LParen) => {
                self.bump();
                Ok(GroupItem::Cube(self.paren_list(Self::expr)?))
            }
            (Tok::GROUPING, Tok::SETS) => {
                self.advance(2);
                Ok(GroupItem::Sets(
                    self.paren_list(|p| p.deeper(Self::group_item))?,
                ))
            }
            _ => Ok(GroupItem::Expr(self.expr_id()?)),
        }
    }
}
