//! IF, CASE, loops, FORALL, nested blocks, `$IF` around statements. A header that cannot be read
//! costs the header; the statements inside are read on.

use super::*;

impl Parser<'_> {
    /// A condition up to `stop`, which is eaten; an unparsed node where it cannot be read.
    fn header(&mut self, stop: Tok, what: &'static str) -> Id<Expr> {
        let mut start = self.p;
        let condition = |p: &mut Self| {
            let e = p.expr_id()?;
            if p.at() == stop
                || p.at() != Tok::DIf && (p.starts_line(p.p) || p.looks_like_statement(p.p))
            {
                Ok(e)
            } else {
                p.fail(what)
            }
        };
        let mut read = self.attempt(condition);
        let mut groups = 1;
        while read.is_err() && self.splice_failed(&mut start, groups) {
            read = self.attempt(condition);
            groups = groups.saturating_mul(2);
        }
        let e = match read {
            Ok(e) => e,
            Err(Fail) => {
                self.report();
                self.skip_to(stop);
                let span = self.span(start);
                self.not_understood(span);
                if self.eat(stop) || self.eat(Tok::Semi) {
                    // Reported already.
                }
                return self.ast.add(Expr {
                    span,
                    kind: ExprKind::Unparsed,
                });
            }
        };
        if !self.eat(stop) {
            self.report_at(self.p, Code::Syntax, what);
        }
        e
    }

    pub(super) fn if_stmt(&mut self) -> P<(StmtKind, bool)> {
        self.deeper(|p| {
            p.open(Frame::If, p.p, None);
            let mark = p.mark::<IfArm>();
            loop {
                p.bump();
                let cond = p.header(Tok::THEN, "THEN");
                let body = p.body();
                p.push(IfArm { cond, body });
                if p.at() != Tok::ELSIF || !p.innermost(Frame::If) {
                    break;
                }
            }
            let arms = p.list(mark);
            let else_ = if p.innermost(Frame::If) && p.eat(Tok::ELSE) {
                Some(p.body())
            } else {
                None
            };
            let closed = p.close(Some(Tok::IF));
            Ok((StmtKind::If { arms, else_ }, closed))
        })
    }

    pub(super) fn innermost(&self, frame: Frame) -> bool {
        self.frames.last().is_some_and(|f| f.frame == frame)
    }

    pub(super) fn case_stmt(&mut self) -> P<(StmtKind, bool)> {
        self.deeper(|p| {
            p.open(Frame::Case, p.p, None);
            p.bump();
            let operand = if p.at() == Tok::WHEN {
                None
            } else {
                Some(p.expr()?)
            };
            let mark = p.mark::<CaseArm>();
            while p.at() == Tok::WHEN && p.innermost(Frame::Case) {
                let arm = p.case_arm(operand);
                p.push(arm);
            }
            let arms: List<CaseArm> = p.list(mark);
            if arms.is_empty() {
                return p.fail("WHEN");
            }
            let else_ = if p.innermost(Frame::Case) && p.eat(Tok::ELSE) {
                Some(p.body())
            } else {
                None
            };
            let closed = p.close(Some(Tok::CASE));
            let operand = operand.map(|e| p.ast.add(e));
            Ok((
                StmtKind::Case {
                    operand,
                    arms,
                    else_,
                },
                closed,
            ))
        })
    }

    fn case_arm(&mut self, operand: Option<Expr>) -> CaseArm {
        let start = self.p;
        self.bump();
        let read = self.attempt(|p| {
            let whens = p.comma_list(|p| p.when_one(operand))?;
            p.expect(Tok::THEN, "THEN")?;
            Ok(whens)
        });
        let whens = match read {
            Ok(whens) => whens,
            Err(Fail) => {
                self.report();
                self.skip_to(Tok::THEN);
                self.eat(Tok::THEN);
                let span = self.span(start);
                self.not_understood(span);
                self.ast.add_list([Expr {
                    span,
                    kind: ExprKind::Unparsed,
                }])
            }
        };
        CaseArm {
            whens,
            body: self.body(),
        }
    }

    pub(super) fn loop_stmt(&mut self) -> P<(StmtKind, bool)> {
        self.deeper(|p| {
            p.open(Frame::Loop, p.p, None);
            p.bump();
            let body = p.body();
            let closed = p.close(Some(Tok::LOOP));
            Ok((StmtKind::Loop(body), closed))
        })
    }

    pub(super) fn while_stmt(&mut self) -> P<(StmtKind, bool)> {
        self.deeper(|p| {
            p.open(Frame::Loop, p.p, None);
            p.bump();
            let cond = p.header(Tok::LOOP, "LOOP");
            let body = p.body();
            let closed = p.close(Some(Tok::LOOP));
            Ok((StmtKind::While { cond, body }, closed))
        })
    }

    pub(super) fn for_stmt(&mut self) -> P<(StmtKind, bool)> {
        self.deeper(|p| {
            let mut start = p.p;
            p.open(Frame::Loop, start, None);
            let mut read = p.attempt(Self::for_header);
            let mut groups = 1;
            while read.is_err() && p.splice_failed(&mut start, groups) {
                read = p.attempt(Self::for_header);
                groups = groups.saturating_mul(2);
            }
            let head = match read {
                Ok(head) => head,
                Err(Fail) => p.broken_for(start)?,
            };
            if !p.eat(Tok::LOOP) {
                p.report_at(p.p, Code::Syntax, "LOOP");
            }
            let body = p.body();
            let closed = p.close(Some(Tok::LOOP));
            let kind = match head {
                ForHead::Range(var, reverse, iters, iterands) => StmtKind::ForRange {
                    var,
                    reverse,
                    iters,
                    rest: p.for_rest(List::empty(), iterands),
                    body,
                },
                ForHead::Cursor(var, source, using, iterands) => StmtKind::ForCursor {
                    var,
                    source,
                    rest: p.for_rest(using, iterands),
                    body,
                },
            };
            Ok((kind, closed))
        })
    }

    /// None for the common loops, whose heads have neither.
    fn for_rest(&mut self, using: List<UsingArg>, iterands: List<Clause>) -> Option<Id<ForRest>> {
        let none = using.is_empty() && iterands.is_empty();
        (!none).then(|| self.ast.add(ForRest { using, iterands }))
    }

    fn broken_for(&mut self, start: usize) -> P<ForHead> {
        self.report();
        let name_at = (start + 1).min(self.toks.len() - 1);
        self.skip_to(Tok::LOOP);
        if self.at() != Tok::LOOP && self.p <= start + 1 {
            self.failure.at = self.p;
            return Err(Fail);
        }
        let var = self.ident_at(if self.toks[name_at].is_name() {
            name_at
        } else {
            start
        });
        let span = self.span(start);
        self.not_understood(span);
        let e = self.ast.add(Expr {
            span,
            kind: ExprKind::Unparsed,
        });
        let source = CursorSource::Dynamic(e);
        Ok(ForHead::Cursor(var, source, List::empty(), List::empty()))
    }

    fn for_header(&mut self) -> P<ForHead> {
        self.bump();
        if self.at() == Tok::END {
            return self.fail("a name");
        }
        let var = self.ident()?;
        let iterands = self.iterands()?;
        self.expect(Tok::IN, "IN")?;
        let reverse = self.at() == Tok::REVERSE && self.nth(1) != Tok::Dot;
        self.advance(usize::from(reverse));
        if self.at() == Tok::LParen && matches!(self.nth(1), Tok::EXECUTE) {
            let single = self.attempt(|p| {
                let head = p.for_dynamic(var, iterands)?;
                if p.at() == Tok::Comma {
                    return p.fail("LOOP");
                }
                Ok(head)
            });
            if single.is_ok() {
                return single;
            }
        }
        let mark = self.mark::<Iter>();
        let first = self.p;
        let e = if self.at_query() {
            // Without parentheses; some tools write it so.
            let query = self.query_id()?;
            Expr {
                span: self.span(first),
                kind: ExprKind::Subquery(query),
            }
        } else {
            self.iteration_operand()?
        };
        if matches!(self.at(), Tok::LOOP) && !reverse && !self.iteration_words(first) {
            let source = match e.kind {
                ExprKind::Subquery(query) => CursorSource::Query(query),
                ExprKind::Paren(inner) => match self.ast[inner].kind {
                    ExprKind::Subquery(query) => CursorSource::Query(query),
                    _ => CursorSource::Cursor(self.ast.add(e)),
                },
                _ => CursorSource::Cursor(self.ast.add(e)),
            };
            return Ok(ForHead::Cursor(var, source, List::empty(), iterands));
        }
        let iter = self.iteration(e)?;
        self.push(iter);
        while self.eat(Tok::Comma) {
            let iter = self.further_iteration()?;
            self.push(iter);
        }
        if self.at() != Tok::LOOP && !self.starts_line(self.p) {
            return self.fail("`..` or LOOP");
        }
        Ok(ForHead::Range(var, reverse, self.list(mark), iterands))
    }

    /// `i MUTABLE`, `i PLS_INTEGER`, `k, v` (21c): what stands between the variable and IN.
    pub(super) fn iterands(&mut self) -> P<List<Clause>> {
        let mark = self.mark::<Clause>();
        while self.at() != Tok::IN {
            let start = self.p;
            let mut clause = self.bare(ClauseKind::Iterand, start);
            if self.eat(Tok::Comma) {
                clause.name = Some(self.ident()?);
            } else if self.at() == Tok::IMMUTABLE || self.at_word("MUTABLE") {
                self.bump();
            } else if self.at().is_name() && self.nth_is_in_soon() {
                clause.ty = Some(self.type_ref_id()?);
            } else {
                return self.fail("IN");
            }
            let clause = self.closed_at(start, clause);
            self.push(clause);
        }
        Ok(self.list(mark))
    }

    fn nth_is_in_soon(&self) -> bool {
        (1..8).any(|n| self.nth(n) == Tok::IN)
    }

    /// The words in front of the operand make it a 21c iteration control.
    fn iteration_words(&self, at: usize) -> bool {
        let next = self.toks.get(at + 1).copied().unwrap_or(Tok::Eof);
        matches!(self.toks[at], Tok::VALUES | Tok::INDICES | Tok::PAIRS) && next == Tok::OF
            || self.toks[at] == Tok::REPEAT && next != Tok::LOOP
    }

    /// An iteration behind a comma, which may run backwards on its own.
    pub(super) fn further_iteration(&mut self) -> P<Iter> {
        let start = self.p;
        let reverse = self.at() == Tok::REVERSE && self.nth(1) != Tok::Dot;
        if !reverse {
            let e = self.iteration_operand()?;
            return self.iteration(e);
        }
        let name = self.ident()?;
        let e = self.iteration_operand()?;
        let iter = self.iteration(e)?;
        let e = self.iter_expr(iter);
        let kind = self.special_of(name, self.ast[e]);
        let span = self.span(start);
        Ok(Iter::Expr(self.ast.add(Expr { span, kind })))
    }

    /// An iteration as one expression.
    pub(super) fn iter_expr(&mut self, iter: Iter) -> Id<Expr> {
        match iter {
            Iter::Expr(e) => e,
            Iter::Range(left, right, step) => {
                let span = self.ast[left].span.to(self.ast[right].span);
                let op = BinaryOp::Range;
                let kind = ExprKind::Binary { op, left, right };
                let range = Expr { span, kind };
                let Some(step) = step else {
                    return self.ast.add(range);
                };
                // `low .. high BY step` as one: the range with its step.
                let op = BinaryOp::Pair;
                let left = self.ast.add(range);
                let kind = ExprKind::Binary {
                    op,
                    left,
                    right: step,
                };
                let span = span.to(self.ast[step].span);
                self.ast.add(Expr { span, kind })
            }
        }
    }

    fn iteration_operand(&mut self) -> P<Expr> {
        if self.at() == Tok::LParen && self.nth(1) == Tok::EXECUTE {
            let name = self.ident_at(self.p + 1);
            return self.dynamic_iteration(name, self.p);
        }
        if self.iteration_words(self.p) {
            let start = self.p;
            let name = self.ident()?;
            self.eat(Tok::OF);
            let value = if self.at() == Tok::LParen && self.nth(1) == Tok::EXECUTE {
                return self.dynamic_iteration(name, start);
            } else {
                self.sum_id()?
            };
            let args = self.ast.add_list([Arg { name: None, value }]);
            return Ok(Expr {
                span: self.span(start),
                kind: self.worded(name, args, List::empty()),
            });
        }
        let start = self.p;
        let left = self.sum_id()?;
        Ok(Expr {
            span: self.span(start),
            kind: self.ast[left].kind,
        })
    }

    /// `VALUES OF (EXECUTE IMMEDIATE text USING ..)`.
    fn dynamic_iteration(&mut self, name: Ident, start: usize) -> P<Expr> {
        let (text, using) = self.execute_in_parens()?;
        let args = self.ast.add_list([Arg {
            name: None,
            value: text,
        }]);
        let values: Vec<Expr> = self
            .ast
            .list(using)
            .iter()
            .map(|u| self.ast[u.value])
            .collect();
        let at = self.p;
        let values = self.ast.add_list(values);
        let clause = Clause {
            values,
            ..self.bare(ClauseKind::Using, at)
        };
        let clauses = self.ast.add_list([clause]);
        Ok(Expr {
            span: self.span(start),
            kind: self.worded(name, args, clauses),
        })
    }

    /// The rest of one iteration control behind its first operand.
    fn iteration(&mut self, e: Expr) -> P<Iter> {
        let span = e.span;
        let low = self.ast.add(e);
        let mut iter = Iter::Expr(low);
        if self.eat(Tok::DotDot) {
            let high = self.sum_id()?;
            let step = if self.eat(Tok::BY) {
                Some(self.sum_id()?)
            } else {
                None
            };
            iter = Iter::Range(low, high, step);
        }
        if !matches!(self.at(), Tok::WHILE | Tok::WHEN) {
            return Ok(iter);
        }
        // Conditions change what is iterated: no plain range any more.
        let name = self.ident_at(self.p);
        let mark = self.mark::<Clause>();
        while matches!(self.at(), Tok::WHILE | Tok::WHEN) {
            let start = self.p;
            let kind = if self.at() == Tok::WHILE {
                ClauseKind::While
            } else {
                ClauseKind::When
            };
            self.bump();
            let condition = self.expr()?;
            let clause = self.valued(kind, start, [condition]);
            self.push(clause);
        }
        let clauses = self.list(mark);
        let value = self.iter_expr(iter);
        let args = self.ast.add_list([Arg { name: None, value }]);
        let end = self.span(self.p - 1);
        let kind = self.worded(name, args, clauses);
        Ok(Iter::Expr(self.ast.add(Expr {
            span: span.to(end),
            kind,
        })))
    }

    /// `FOR r IN (EXECUTE IMMEDIATE text USING ..) LOOP` (21c).
    fn for_dynamic(&mut self, var: Ident, iterands: List<Clause>) -> P<ForHead> {
        let (text, using) = self.execute_in_parens()?;
        let source = CursorSource::Dynamic(text);
        Ok(ForHead::Cursor(var, source, using, iterands))
    }

    /// `(EXECUTE IMMEDIATE text [USING ..])`.
    fn execute_in_parens(&mut self) -> P<(Id<Expr>, List<UsingArg>)> {
        self.bump();
        self.expect(Tok::EXECUTE, "EXECUTE")?;
        self.expect(Tok::IMMEDIATE, "IMMEDIATE")?;
        let text = self.expr_id()?;
        let using = self.using()?;
        self.expect(Tok::RParen, "`)`")?;
        Ok((text, using))
    }

    pub(super) fn forall(&mut self) -> P<StmtKind> {
        self.bump();
        let var = self.ident()?;
        self.expect(Tok::IN, "IN")?;
        let bounds = match (self.at(), self.nth(1)) {
            (Tok::INDICES, Tok::OF) => {
                self.advance(2);
                let start = self.p;
                let mut collection = self.binary(super::expr::ADD)?;
                if self.at() == Tok::BETWEEN {
                    collection = self.infix(collection, start, super::expr::COMPARE)?;
                }
                ForallBounds::Indices(self.ast.add(collection))
            }
            (Tok::VALUES, Tok::OF) => {
                self.advance(2);
                ForallBounds::Values(self.sum_id()?)
            }
            _ => {
                let low = self.sum_id()?;
                self.expect(Tok::DotDot, "`..`")?;
                ForallBounds::Range(low, self.sum_id()?)
            }
        };
        let mut save_exceptions = self.eat_seq(&[Tok::SAVE, Tok::EXCEPTIONS]);
        let body = self.forall_body()?;
        save_exceptions |= self.eat_seq(&[Tok::SAVE, Tok::EXCEPTIONS]);
        Ok(StmtKind::Forall {
            var,
            bounds,
            save_exceptions,
            body,
        })
    }

    fn forall_body(&mut self) -> P<Id<Stmt>> {
        let start = self.p;
        self.statements += 1;
        let kind = if self.at() == Tok::EXECUTE {
            self.execute_body()?
        } else {
            StmtKind::Dml(self.dml()?)
        };
        Ok(self.ast.add(Stmt {
            span: self.span(start),
            label: None,
            kind,
        }))
    }

    pub(super) fn nested_block(&mut self) -> P<(StmtKind, bool)> {
        self.deeper(|p| {
            let start = p.p;
            let label = p.label.take();
            let decls = if p.eat(Tok::DECLARE) {
                p.declarations()
            } else {
                List::empty()
            };
            let (block, closed) = p.block_rest(start, Frame::Block, label, decls);
            Ok((StmtKind::Block(p.ast.add(block)), closed))
        })
    }

    // --- $IF ------------------------------------------------------------------------------

    /// `$IF .. $END` around whole statements; where it cuts across the grammar, its first branch
    /// is read in place.
    pub(super) fn directive_stmt(&mut self) -> P<(StmtKind, bool)> {
        if !self.arms_are_whole() {
            self.splice_directive(self.p);
            return self.restart();
        }
        self.deeper(|p| {
            let mark = p.mark::<IfArm>();
            loop {
                p.bump();
                let cond = p.header(Tok::DThen, "$THEN");
                p.open(Frame::Directive, p.p, None);
                let body = p.body();
                p.frames.pop();
                p.push(IfArm { cond, body });
                if p.at() != Tok::DElsif {
                    break;
                }
            }
            let arms = p.list(mark);
            let mut else_ = None;
            if p.eat(Tok::DElse) {
                p.open(Frame::Directive, p.p, None);
                else_ = Some(p.body());
                p.frames.pop();
            }
            if !p.eat(Tok::DEnd) {
                p.report_at(p.p, Code::Syntax, "$END");
            }
            Ok((StmtKind::CondCompile { arms, else_ }, p.at() == Tok::Semi))
        })
    }

    /// Every arm of the `$IF` at the cursor ends with `;` (or is empty) and opens as many blocks
    /// as it closes.
    pub(super) fn arms_are_whole(&self) -> bool {
        let (mut nest, mut blocks) = (0i32, 0i32);
        let mut in_arm = false;
        let mut last = Tok::Eof;
        for i in self.p..self.toks.len() {
            if !self.pay(1) {
                return false;
            }
            let tok = self.toks[i];
            match tok {
                Tok::DIf | Tok::DError => nest += 1,
                Tok::DThen if nest == 1 => {
                    (in_arm, blocks, last) = (true, 0, Tok::Eof);
                    continue;
                }
                Tok::DElsif | Tok::DElse | Tok::DEnd if nest == 1 => {
                    if in_arm
                        && (blocks != 0
                            || !matches!(last, Tok::Semi | Tok::Eof | Tok::DEnd | Tok::LabelClose))
                    {
                        return false;
                    }
                    if tok == Tok::DEnd {
                        return true;
                    }
                    in_arm = tok == Tok::DElse;
                    (blocks, last) = (0, Tok::Eof);
                    continue;
                }
                Tok::DEnd => nest -= 1,
                // A branch of a CASE, a handler.
                Tok::WHEN
                    if in_arm
                        && blocks == 0
                        && matches!(last, Tok::Eof | Tok::Semi | Tok::DEnd) =>
                {
                    return false;
                }
                // It continues a statement that began in front of the directive.
                Tok::ELSE | Tok::ELSIF if in_arm && blocks == 0 => return false,
                Tok::EXCEPTION
                    if in_arm && blocks == 0 && self.toks.get(i + 1) == Some(&Tok::WHEN) =>
                {
                    return false;
                }
                Tok::BEGIN => blocks += 1,
                Tok::IF | Tok::LOOP | Tok::CASE if last != Tok::END => blocks += 1,
                Tok::END => blocks -= 1,
                _ => {}
            }
            last = tok;
        }
        // Its `$END` is missing: to read on to the end of the unit for each such would be quadratic.
        false
    }

    /// Takes the `$IF` group at the cursor away but for the tokens of its first branch, where what
    /// it stands in begins at `start`; returns where that begins now. The cursor goes there.
    pub(super) fn splice_directive(&mut self, start: usize) -> usize {
        let ranges = self.directive_ranges(self.p);
        let start = self.take_out(start, &ranges);
        self.p = start;
        start
    }

    /// What is taken away of the `$IF` group at `at`. The other branches stay on the tape: the group
    /// counts as opaque, or, where they hold whole statements, they count as errors.
    pub(super) fn directive_ranges(&mut self, at: usize) -> [Range<usize>; 2] {
        let last = self.toks.len() - 1;
        let (mut nest, mut then, mut stop, mut end) = (0i32, at, None, last);
        for i in at..last {
            match self.toks[i] {
                Tok::DIf | Tok::DError => nest += 1,
                Tok::DThen if nest == 1 && then == at => then = i,
                Tok::DElsif | Tok::DElse if nest == 1 && stop.is_none() => stop = Some(i),
                Tok::DEnd if nest == 1 => {
                    end = i;
                    break;
                }
                Tok::DEnd => nest -= 1,
                _ => {}
            }
            if !self.pay(1) {
                end = i;
                break;
            }
        }
        let whole = then > at && self.toks[end] == Tok::DEnd;
        if !whole {
            (stop, end) = (Some(then + 1), then);
        }
        let from = stop.unwrap_or(end).max(then + 1).min(last);
        let until = (end + 1).min(last).max(from);
        if !whole {
            // No whole directive.
            let place = self.sig[at] - self.base;
            self.dropped.push(TokSpan::new(place, place + 1));
        }
        let begins = matches!(
            self.toks[at.saturating_sub(1)],
            Tok::Semi
                | Tok::BEGIN
                | Tok::THEN
                | Tok::ELSE
                | Tok::LOOP
                | Tok::DThen
                | Tok::DElse
                | Tok::DEnd
        ) && at > self.begin;
        if self.holds_statements(from..until, begins) {
            // They would be lost without a word.
            self.dropped.push(TokSpan::new(
                self.sig[from] - self.base,
                self.sig[until - 1] + 1 - self.base,
            ));
        }
        self.opaque += 1;
        [at..then.min(last - 1) + 1, from..until]
    }

    /// Whole statements, not just the end of one that began in front of the directive.
    fn holds_statements(&self, range: Range<usize>, at_start: bool) -> bool {
        let toks = &self.toks[range.clone()];
        let verb =
            |t: &Tok| super::stmt::verb_of(*t).is_some() || matches!(t, Tok::EXECUTE | Tok::SELECT);
        let mut semis = toks.iter().filter(|t| **t == Tok::Semi);
        let begins = |(i, t): (usize, &Tok)| {
            let next = self.toks.get(range.start + i + 2);
            matches!(t, Tok::DThen | Tok::DElse)
                && next != Some(&Tok::Semi)
                && self.looks_like_statement(range.start + i + 1)
        };
        // Where a statement could begin, one whose `;` is missing or stands behind the directive; not the head
        // of a loop or branch, which belongs to what follows.
        let heads = |i: usize| {
            matches!(
                toks.get(i + 1),
                Some(Tok::FOR | Tok::WHILE | Tok::IF | Tok::LOOP | Tok::CASE | Tok::LabelOpen)
            )
        };
        if at_start
            && toks
                .iter()
                .enumerate()
                .any(|(i, t)| !heads(i) && begins((i, t)))
        {
            return true;
        }
        semis.next().is_some()
            && (semis.next().is_some()
                || toks.iter().any(verb)
                || toks.iter().enumerate().any(begins))
    }

    fn restart(&mut self) -> P<(StmtKind, bool)> {
        self.deeper(Self::stmt_again)
    }
}

/// What a FOR header says.
enum ForHead {
    Range(Ident, bool, List<Iter>, List<Clause>),
    Cursor(Ident, CursorSource, List<UsingArg>, List<Clause>),
}
