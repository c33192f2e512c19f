//! INSERT, UPDATE, DELETE, MERGE.

use super::*;

/// RETURNING expressions, their INTO, and LOG ERRORS.
type Ending = (List<Expr>, Option<Id<Into>>, TokSpan, Option<Id<Clause>>);

impl Parser<'_> {
    /// The DML statement at the cursor.
    pub(super) fn dml(&mut self) -> P<Id<Dml>> {
        let start = self.p;
        let kind = match self.at() {
            Tok::INSERT => self.insert()?,
            Tok::UPDATE => self.update()?,
            Tok::DELETE => self.delete()?,
            Tok::MERGE => self.merge()?,
            _ => return self.fail("INSERT, UPDATE, DELETE or MERGE"),
        };
        let (returning, returning_into, log_errors, log) = self.dml_ending()?;
        let dml = Dml {
            span: self.span(start),
            kind,
            returning,
            returning_into,
            log_errors,
            log,
        };
        Ok(self.ast.add(dml))
    }

    fn dml_ending(&mut self) -> P<Ending> {
        let (mut returning, mut into) = (List::empty(), None);
        let (mut tokens, mut log) = (self.no_span(), None);
        loop {
            match self.at() {
                Tok::RETURNING | Tok::RETURN if returning.is_empty() => {
                    self.bump();
                    returning = self.comma_list(Self::returned)?;
                    into = self.into_clause()?;
                }
                Tok::LOG if self.nth(1) == Tok::ERRORS => {
                    let clause = self.log_errors()?;
                    tokens = clause.span;
                    log = Some(self.ast.add(clause));
                }
                _ => return Ok((returning, into, tokens, log)),
            }
        }
    }

    /// 23ai writes OLD and NEW in front of a returned column.
    fn returned(&mut self) -> P<Expr> {
        let start = self.p;
        if self.at() == Tok::OLD
            && self.nth(1).is_name()
            && !matches!(self.nth(1), Tok::INTO | Tok::BULK)
        {
            self.bump();
            let operand = self.postfixed()?;
            let operand = self.ast.add(operand);
            let op = UnaryOp::Old;
            let old = Expr {
                span: self.span(start),
                kind: ExprKind::Unary { op, operand },
            };
            return self.infix(old, start, super::expr::OR);
        }
        let e = self.expr()?;
        self.column_alias()?;
        Ok(e)
    }

    /// `LOG ERRORS [INTO t] [(tag)] [REJECT LIMIT n | UNLIMITED]`.
    fn log_errors(&mut self) -> P<Clause> {
        let start = self.p;
        self.advance(2);
        let mut clause = self.bare(ClauseKind::LogErrors, start);
        if self.eat(Tok::INTO) {
            clause.object = Some(self.object_name_id()?);
        }
        if self.eat(Tok::LParen) {
            let tag = self.expr()?;
            clause.values = self.ast.add_list([tag]);
            self.expect(Tok::RParen, "`)`")?;
        }
        let at = self.p;
        if self.eat_word("REJECT") {
            self.expect(Tok::LIMIT, "LIMIT")?;
            let limit = self.postfixed()?;
            let limit = self.valued(ClauseKind::RejectLimit, at, [limit]);
            clause.inner = self.ast.add_list([limit]);
        }
        Ok(self.closed_at(start, clause))
    }

    /// Table, view, subquery or collection that is written, with its alias.
    fn target(&mut self) -> P<FromItem> {
        let start = self.p;
        let mark = self.mark::<Clause>();
        let kind = match (self.at(), self.nth(1)) {
            (Tok::LParen, _) => return self.from_primary(),
            (Tok::TABLE | Tok::THE, Tok::LParen) | (Tok::ONLY, Tok::LParen) => {
                return self.from_primary();
            }
            (Tok::Ident, Tok::LParen) if self.all_containers() => return self.from_primary(),
            (t, _) if super::name::is_reserved(t) => return self.fail("a table"),
            _ => {
                let name = self.object_name_id()?;
                let tail = self.p;
                self.table_options()?;
                FromKind::Table {
                    name,
                    tail: self.span(tail),
                }
            }
        };
        let alias = self.table_alias()?;
        Ok(FromItem {
            span: self.span(start),
            kind,
            alias,
            clauses: self.list(mark),
        })
    }

    /// `CONTAINERS(t)`, not a table of this name with its columns.
    fn all_containers(&self) -> bool {
        if !self.at_word("CONTAINERS") && !self.at_word("SHARDS") {
            return false;
        }
        let end = (2..8).find(|n| self.nth(*n) == Tok::RParen).unwrap_or(0);
        let plain = (2..end).all(|n| self.nth(n).is_name() || self.nth(n) == Tok::Dot);
        let rows = matches!(self.nth(end + 1), Tok::VALUES | Tok::SELECT | Tok::WITH);
        end > 0 && plain && !rows
    }

    fn target_id(&mut self) -> P<Id<FromItem>> {
        let target = self.target()?;
        Ok(self.ast.add(target))
    }

    // --- INSERT -------------------------------------------------------------------------

    fn insert(&mut self) -> P<DmlKind> {
        self.bump();
        if matches!(self.at(), Tok::ALL | Tok::FIRST) {
            return self.insert_multi();
        }
        self.expect(Tok::INTO, "INTO, ALL or FIRST")?;
        let target = self.target_id()?;
        let columns = self.column_list()?;
        let source = self.insert_source()?;
        let into = InsertBranch {
            when: None,
            is_else: false,
            target,
            columns,
            values: List::empty(),
            log: None,
        };
        Ok(DmlKind::Insert { into, source })
    }

    /// `(a, t.b)` in front of the rows; a query in parentheses is no column list.
    fn column_list(&mut self) -> P<List<Ident>> {
        if self.at() != Tok::LParen
            || matches!(self.nth(1), Tok::SELECT | Tok::LParen | Tok::RParen)
            || self.nth(1) == Tok::WITH && self.nth(3) != Tok::Comma && self.nth(2) != Tok::RParen
        {
            return Ok(List::empty());
        }
        self.paren_list(|p| {
            let name = p.object_name()?;
            let last = p.ast.list(name.parts).last().copied();
            last.map_or_else(|| p.fail("a column"), Ok)
        })
    }

    fn insert_source(&mut self) -> P<InsertSource> {
        match self.at() {
            Tok::VALUES if self.nth(1) == Tok::LParen => {
                self.bump();
                let row_start = self.p;
                let values = self.values_row()?;
                if self.at() != Tok::Comma {
                    return Ok(InsertSource::Values(values));
                }
                self.insert_rows(values, row_start)
            }
            Tok::VALUES => {
                self.bump();
                let record = self.postfixed()?;
                Ok(InsertSource::Record(self.ast.add(record)))
            }
            Tok::SET => {
                self.bump();
                Ok(InsertSource::Set(self.comma_list(Self::insert_assign)?))
            }
            _ => {
                if self.eat(Tok::BY) && !self.eat(Tok::NAME) {
                    self.eat_word("POSITION");
                }
                Ok(InsertSource::Query(self.query_id()?))
            }
        }
    }

    /// Several rows (23ai).
    fn insert_rows(&mut self, first: List<Expr>, start: usize) -> P<InsertSource> {
        let mark = self.mark::<Expr>();
        self.push(Expr {
            span: self.span(start),
            kind: ExprKind::Row(first),
        });
        while self.eat(Tok::Comma) {
            let start = self.p;
            let values = self.values_row()?;
            self.push(Expr {
                span: self.span(start),
                kind: ExprKind::Row(values),
            });
        }
        Ok(InsertSource::Values(self.list(mark)))
    }

    fn values_row(&mut self) -> P<List<Expr>> {
        self.paren_list(Self::expr)
    }

    fn insert_multi(&mut self) -> P<DmlKind> {
        let first = self.at() == Tok::FIRST;
        self.bump();
        let mark = self.mark::<InsertBranch>();
        let (mut when, mut is_else) = (None, false);
        loop {
            match self.at() {
                Tok::WHEN => {
                    self.bump();
                    when = Some(self.expr_id()?);
                    self.expect(Tok::THEN, "THEN")?;
                }
                Tok::ELSE => {
                    self.bump();
                    (when, is_else) = (None, true);
                }
                Tok::INTO => {
                    self.bump();
                    let branch = self.insert_branch(when, is_else)?;
                    self.push(branch);
                }
                _ => break,
            }
        }
        let branches: List<InsertBranch> = self.list(mark);
        if branches.is_empty() {
            return self.fail("INTO or WHEN");
        }
        let query = self.query_id()?;
        Ok(DmlKind::InsertMulti {
            first,
            branches,
            query,
        })
    }

    fn insert_branch(&mut self, when: Option<Id<Expr>>, is_else: bool) -> P<InsertBranch> {
        let target = self.target_id()?;
        let columns = self.column_list()?;
        let values = if self.eat(Tok::VALUES) {
            self.values_row()?
        } else {
            List::empty()
        };
        let mut log = None;
        if self.at() == Tok::LOG && self.nth(1) == Tok::ERRORS {
            let clause = self.log_errors()?;
            log = Some(self.ast.add(clause));
        }
        Ok(InsertBranch {
            when,
            is_else,
            target,
            columns,
            values,
            log,
        })
    }

    // --- UPDATE, DELETE -----------------------------------------------------------------

    /// `a = x`, `(a, b) = (SELECT ..)`, `ROW = rec`.
    /// `a = 1`, or a whole row `(a = 1, b = 2)` (23ai).
    fn insert_assign(&mut self) -> P<Assign> {
        if self.at() != Tok::LParen {
            return self.assign();
        }
        let single = self.attempt(Self::assign);
        if single.is_ok() {
            return single;
        }
        let start = self.p;
        self.bump();
        let (mut targets, mut values) = (Vec::new(), Vec::new());
        loop {
            targets.push(self.postfixed()?);
            self.expect(Tok::Eq, "`=`")?;
            values.push(self.expr()?);
            if !self.eat(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RParen, "`,` or `)`")?;
        let span = self.span(start);
        let targets = self.ast.add_list(targets);
        let kind = ExprKind::Row(self.ast.add_list(values));
        let value = self.ast.add(Expr { span, kind });
        Ok(Assign {
            span,
            targets,
            value,
        })
    }

    pub(super) fn assign(&mut self) -> P<Assign> {
        let start = self.p;
        let mark = self.mark::<Expr>();
        if self.at() == Tok::LParen {
            self.bump();
            loop {
                let target = self.postfixed()?;
                self.push(target);
                if !self.eat(Tok::Comma) {
                    break;
                }
            }
            self.expect(Tok::RParen, "`)`")?;
        } else if self.at() == Tok::ROW && self.nth(1) == Tok::Eq {
            self.bump();
        } else {
            let target = self.postfixed()?;
            self.push(target);
        }
        let targets = self.list(mark);
        self.expect(Tok::Eq, "`=`")?;
        let value = self.expr_id()?;
        Ok(Assign {
            span: self.span(start),
            targets,
            value,
        })
    }

    fn update(&mut self) -> P<DmlKind> {
        self.bump();
        let target = self.target_id()?;
        self.expect(Tok::SET, "SET")?;
        let set = self.comma_list(Self::assign)?;
        let from = if self.eat(Tok::FROM) {
            self.comma_list(Self::from_item)?
        } else {
            List::empty()
        };
        let (where_, current_of) = self.dml_where()?;
        Ok(DmlKind::Update {
            target,
            set,
            from,
            where_,
            current_of,
        })
    }

    fn delete(&mut self) -> P<DmlKind> {
        self.bump();
        self.eat(Tok::FROM);
        let target = self.target_id()?;
        let from = if self.eat(Tok::FROM) {
            self.comma_list(Self::from_item)?
        } else {
            List::empty()
        };
        let (where_, current_of) = self.dml_where()?;
        Ok(DmlKind::Delete {
            target,
            from,
            where_,
            current_of,
        })
    }

    #[allow(clippy::type_complexity)]
    fn dml_where(&mut self) -> P<(Option<Id<Expr>>, Option<Id<Expr>>)> {
        if !self.eat(Tok::WHERE) {
            return Ok((None, None));
        }
        if self.eat_seq(&[Tok::CURRENT, Tok::OF]) {
            let cursor = self.postfixed()?;
            return Ok((None, Some(self.ast.add(cursor))));
        }
        Ok((Some(self.expr_id()?), None))
    }

    // --- MERGE --------------------------------------------------------------------------

    fn merge(&mut self) -> P<DmlKind> {
        self.bump();
        self.expect(Tok::INTO, "INTO")?;
        let target = self.target_id()?;
        let source = if self.at() == Tok::ON {
            self.one_row()
        } else {
            self.expect(Tok::USING, "USING or ON")?;
            self.from_item_id()?
        };
        self.expect(Tok::ON, "ON")?;
        let on = self.expr_id()?;
        let mark = self.mark::<MergeClause>();
        while self.at() == Tok::WHEN {
            let clause = self.merge_clause()?;
            self.push(clause);
        }
        let clauses: List<MergeClause> = self.list(mark);
        if clauses.is_empty() {
            return self.fail("WHEN");
        }
        Ok(DmlKind::Merge {
            target,
            source,
            on,
            clauses,
        })
    }

    /// The source of a MERGE that names none (23ai): one row without columns.
    fn one_row(&mut self) -> Id<FromItem> {
        let span = self.no_span();
        let row = Expr {
            span,
            kind: ExprKind::Row(List::empty()),
        };
        let rows = self.ast.add_list([row]);
        let body = self.ast.add(SetExpr::Values(rows));
        let query = Query {
            span,
            with: List::empty(),
            with_decls: List::empty(),
            body,
            order_by: List::empty(),
            siblings: false,
            offset: None,
            fetch: None,
            for_update: None,
        };
        let query = self.ast.add(query);
        self.ast.add(FromItem {
            span,
            kind: FromKind::Query {
                query,
                lateral: false,
            },
            alias: None,
            clauses: List::empty(),
        })
    }

    fn merge_clause(&mut self) -> P<MergeClause> {
        self.bump();
        let not = self.eat(Tok::NOT);
        self.expect(Tok::MATCHED, "MATCHED")?;
        self.expect(Tok::THEN, "THEN")?;
        if not {
            self.expect(Tok::INSERT, "INSERT")?;
            let columns = self.column_list()?;
            self.expect(Tok::VALUES, "VALUES")?;
            let values = if self.at() == Tok::LParen {
                self.values_row()?
            } else {
                let record = self.postfixed()?;
                self.ast.add_list([record])
            };
            let where_ = if self.eat(Tok::WHERE) {
                Some(self.expr_id()?)
            } else {
                None
            };
            return Ok(MergeClause::Insert {
                columns,
                values,
                where_,
            });
        }
        self.expect(Tok::UPDATE, "UPDATE")?;
        self.expect(Tok::SET, "SET")?;
        let set = self.comma_list(Self::assign)?;
        let where_ = if self.eat(Tok::WHERE) {
            Some(self.expr_id()?)
        } else {
            None
        };
        let mut delete = None;
        if self.eat(Tok::DELETE) {
            self.expect(Tok::WHERE, "WHERE")?;
            delete = Some(self.expr_id()?);
        }
        Ok(MergeClause::Update {
            set,
            where_,
            delete,
        })
    }
}
