//! FROM elements with a grammar of their own: GRAPH_TABLE, ANALYTIC VIEW, inline EXTERNAL.

use super::*;

impl Parser<'_> {
    /// `GRAPH_TABLE ( graph MATCH patterns [WHERE c] [ONE ROW PER ..] COLUMNS (..) )`.
    pub(super) fn graph_table(&mut self) -> P<ExprKind> {
        let name = self.ident()?;
        self.expect(Tok::LParen, "`(`")?;
        let graph = self.name_expr()?;
        let args = self.ast.add_list([Arg {
            name: None,
            value: graph,
        }]);
        let mark = self.mark::<Clause>();
        while self.at() != Tok::RParen {
            let clause = self.graph_clause()?;
            self.push(clause);
        }
        self.bump();
        let clauses = self.list(mark);
        Ok(self.worded(name, args, clauses))
    }

    /// A name as an expression.
    pub(super) fn name_expr(&mut self) -> P<Id<Expr>> {
        let start = self.p;
        let name = self.object_name_id()?;
        Ok(self.ast.add(Expr {
            span: self.span(start),
            kind: ExprKind::Name(name),
        }))
    }

    fn graph_clause(&mut self) -> P<Clause> {
        let start = self.p;
        match (self.at(), self.nth(1)) {
            (Tok::AS, Tok::OF) => self.flashback_clause(),
            (Tok::WHERE, _) => self.where_clause(),
            (Tok::Ident, Tok::ROW) => {
                while !matches!(self.at(), Tok::COLUMNS | Tok::RParen | Tok::Eof | Tok::Semi) {
                    if self.at() == Tok::LParen {
                        self.skip_parens()?;
                    } else {
                        self.bump();
                    }
                }
                Ok(self.bare(ClauseKind::RowsPerMatch, start))
            }
            (Tok::COLUMNS, Tok::LParen) => {
                self.bump();
                let inner = self.paren_list(Self::item_clause)?;
                Ok(Clause {
                    inner,
                    ..self.bare(ClauseKind::Columns, start)
                })
            }
            _ if self.eat_word("MATCH") => {
                let mark = self.mark::<Clause>();
                loop {
                    self.graph_path()?;
                    if !self.eat(Tok::Comma) {
                        break;
                    }
                }
                let inner = self.list(mark);
                Ok(Clause {
                    inner,
                    ..self.bare(ClauseKind::Match, start)
                })
            }
            _ => self.fail("MATCH, WHERE or COLUMNS"),
        }
    }

    /// `[p =] (a) -[e]-> (b) ..`, its elements pushed.
    fn graph_path(&mut self) -> P<()> {
        if self.at().is_name() && self.nth(1) == Tok::Eq {
            self.advance(2);
        }
        while self.at().is_name() {
            // ANY, ALL, SHORTEST, ACYCLIC ..
            self.bump();
        }
        loop {
            match self.at() {
                Tok::LParen => self.graph_element(ClauseKind::Vertex)?,
                Tok::Minus | Tok::Lt | Tok::Tilde => self.graph_edge()?,
                Tok::Star | Tok::Plus | Tok::Question => self.bump(),
                Tok::LBrace => {
                    self.pattern_quantifier()?;
                }
                _ => return Ok(()),
            }
        }
    }

    /// `-[e]->`, `<-[e]-`, `-[e]-`, `->`, `<-`, `-`.
    fn graph_edge(&mut self) -> P<()> {
        self.eat(Tok::Lt);
        self.bump();
        if self.at() == Tok::LBracket {
            self.graph_element(ClauseKind::Edge)?;
            self.expect(Tok::Minus, "`]-`")?;
        } else {
            let edge = self.bare(ClauseKind::Edge, self.p - 1);
            self.push(edge);
        }
        self.eat(Tok::Gt);
        Ok(())
    }

    /// `(v IS a|b WHERE c)`, `[e]`; a path in parentheses.
    fn graph_element(&mut self, kind: ClauseKind) -> P<()> {
        let start = self.p;
        self.bump();
        if kind == ClauseKind::Vertex && matches!(self.at(), Tok::LParen | Tok::Lt | Tok::Minus) {
            self.deeper(Self::graph_path)?;
            if self.at() == Tok::WHERE {
                let condition = self.where_clause()?;
                self.push(condition);
            }
            return self.expect(Tok::RParen, "`)`");
        }
        let mut clause = self.bare(kind, start);
        if self.at().is_name() && !matches!(self.at(), Tok::IS | Tok::WHERE) {
            clause.name = Some(self.ident()?);
        }
        let mark = self.mark::<Clause>();
        if self.at() == Tok::IS || self.at() == Tok::Colon {
            let labels = self.graph_labels()?;
            self.push(labels);
        }
        if self.at() == Tok::WHERE {
            let condition = self.where_clause()?;
            self.push(condition);
        }
        clause.inner = self.list(mark);
        if !self.eat(Tok::RBracket) {
            self.expect(Tok::RParen, "`)` or `]`")?;
        }
        let clause = self.closed_at(start, clause);
        self.push(clause);
        Ok(())
    }

    /// `IS a | b & !c`: the labels in order.
    fn graph_labels(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let mark = self.mark::<Expr>();
        loop {
            match self.at() {
                Tok::WHERE | Tok::RBracket | Tok::Eof | Tok::Semi => break,
                Tok::RParen => break,
                t if t.is_name() => {
                    let label = self.name_expr()?;
                    let label = self.ast[label];
                    self.push(label);
                }
                Tok::LParen => self.skip_parens()?,
                _ => self.bump(),
            }
        }
        let values = self.list(mark);
        Ok(Clause {
            values,
            ..self.bare(ClauseKind::Is, start)
        })
    }

    /// `RELATIONAL ( t [NOT] XMLTYPE )`, which the export utilities write.
    pub(super) fn relational_source(&mut self) -> P<ExprKind> {
        let name = self.ident()?;
        self.expect(Tok::LParen, "`(`")?;
        let value = self.name_expr()?;
        let args = self.ast.add_list([Arg { name: None, value }]);
        let start = self.p;
        while self.at().is_name() || self.at() == Tok::NOT {
            self.bump();
        }
        let words = self.bare(ClauseKind::Words, start);
        self.expect(Tok::RParen, "`)`")?;
        let clauses = self.ast.add_list([words]);
        Ok(self.worded(name, args, clauses))
    }

    // --- ANALYTIC VIEW ----------------------------------------------------------------------

    /// `ANALYTIC VIEW ( USING av HIERARCHIES (..) FILTER FACT (..) ADD MEASURES (..) )`.
    pub(super) fn analytic_source(&mut self) -> P<ExprKind> {
        let name = self.ident()?;
        self.bump();
        let mark = self.mark::<Clause>();
        self.expect(Tok::LParen, "`(`")?;
        self.analytic_clauses()?;
        self.expect(Tok::RParen, "`)`")?;
        let clauses = self.list(mark);
        Ok(self.worded(name, List::empty(), clauses))
    }

    /// The clauses of a transitory analytic view, pushed.
    pub(super) fn analytic_clauses(&mut self) -> P<()> {
        while self.at() != Tok::RParen {
            let start = self.p;
            let clause = match self.at() {
                Tok::USING => {
                    self.bump();
                    let object = Some(self.object_name_id()?);
                    Clause {
                        object,
                        ..self.bare(ClauseKind::Using, start)
                    }
                }
                Tok::ADD => {
                    self.bump();
                    self.expect(Tok::MEASURES, "MEASURES")?;
                    let inner = self.paren_list(Self::calculated_measure)?;
                    Clause {
                        inner,
                        ..self.bare(ClauseKind::Measures, start)
                    }
                }
                _ if self.eat_word("HIERARCHIES") => {
                    let inner = self.paren_list(Self::name_item)?;
                    Clause {
                        inner,
                        ..self.bare(ClauseKind::Hierarchies, start)
                    }
                }
                Tok::FILTER => {
                    self.bump();
                    self.eat_word("FACT");
                    let inner = self.paren_list(|p| {
                        let start = p.p;
                        let name = Some(p.ident()?);
                        if p.eat(Tok::Dot) {
                            p.ident()?;
                        }
                        p.expect(Tok::TO, "TO")?;
                        let e = p.expr()?;
                        Ok(Clause {
                            name,
                            ..p.valued(ClauseKind::Item, start, [e])
                        })
                    })?;
                    Clause {
                        inner,
                        ..self.bare(ClauseKind::Filter, start)
                    }
                }
                _ => return self.fail("a clause of an analytic view"),
            };
            self.push(clause);
        }
        Ok(())
    }

    /// `m AS (expr)`: the expression, or its tokens where it is one of the hierarchy functions.
    fn calculated_measure(&mut self) -> P<Clause> {
        let start = self.p;
        let name = Some(self.ident()?);
        self.expect(Tok::AS, "AS")?;
        self.expect(Tok::LParen, "`(`")?;
        let read = self.attempt(|p| {
            let e = p.expr()?;
            p.expect(Tok::RParen, "`)`")?;
            Ok(e)
        });
        if let Ok(e) = read {
            return Ok(Clause {
                name,
                ..self.valued(ClauseKind::Item, start, [e])
            });
        }
        self.skip_to_close()?;
        self.expect(Tok::RParen, "`)`")?;
        self.opaque += 1;
        Ok(Clause {
            name,
            ..self.bare(ClauseKind::Opaque, start)
        })
    }

    // --- EXTERNAL ---------------------------------------------------------------------------

    /// `EXTERNAL ( (columns) TYPE t DEFAULT DIRECTORY d ACCESS PARAMETERS (..) LOCATION (..) )`.
    pub(super) fn external_source(&mut self) -> P<ExprKind> {
        let name = self.ident()?;
        self.expect(Tok::LParen, "`(`")?;
        let mark = self.mark::<Clause>();
        if self.at() == Tok::LParen {
            let start = self.p;
            let inner = self.paren_list(|p| {
                let start = p.p;
                let column = p.column_def()?;
                Ok(Clause {
                    name: Some(column.name),
                    ty: column.ty,
                    ..p.bare(ClauseKind::Column, start)
                })
            })?;
            let columns = Clause {
                inner,
                ..self.bare(ClauseKind::Columns, start)
            };
            self.push(columns);
        }
        let start = self.p;
        self.skip_to_close()?;
        if self.p > start {
            self.opaque += 1;
            let rest = self.bare(ClauseKind::Opaque, start);
            self.push(rest);
        }
        self.expect(Tok::RParen, "`)`")?;
        let clauses = self.list(mark);
        Ok(self.worded(name, List::empty(), clauses))
    }
}
