//! Units: what stands at the top level of a script.

use super::*;

/// Variables that are taken away in one unit: each costs one more reading (its binary logarithm
/// counts).
const MAX_DROPPED: usize = 1 << 12;

impl<'a> Parser<'a> {
    /// Reads one unit from the cursor on. A unit with errors is read a second time with its
    /// layout as evidence; the better reading counts.
    pub(in crate::syntax) fn unit(&mut self) -> Parsed {
        let item = self.item();
        let first = self.take(item);
        if first.errors.is_empty() {
            return first;
        }
        self.restart_unit();
        self.layout = true;
        let item = self.item();
        self.layout = false;
        let second = self.take(item);
        let better = |p: &Parsed| (p.errors.len(), p.error_bytes);
        if better(&second) <= better(&first) {
            second
        } else {
            first
        }
    }

    /// EXEC's statements.
    pub(in crate::syntax) fn exec(&mut self) -> Parsed {
        let start = self.p;
        self.bump();
        let mark = self.mark::<Stmt>();
        while self.at() != Tok::Eof {
            let before = self.p;
            let stmt = self.exec_statement();
            self.push(stmt);
            if self.p == before {
                self.bump();
            }
            if self.at() == Tok::EXCEPTION && self.nth(1) == Tok::WHEN {
                self.exec_handlers(start, mark);
            }
        }
        let kind = ItemKind::Exec(self.list(mark));
        let item = Item {
            span: self.span(start),
            kind,
        };
        self.take(item)
    }

    /// What EXEC runs is the body of a block, which may have handlers: its statements become one.
    fn exec_handlers(&mut self, start: usize, mark: usize) {
        let body = self.list(mark);
        self.open(Frame::Block, start, None);
        let handlers = self.handlers();
        self.frames.pop();
        let span = self.span(start + 1);
        let block = Block {
            span,
            decls: List::empty(),
            body,
            handlers,
        };
        let kind = StmtKind::Block(self.ast.add(block));
        self.push(Stmt {
            span,
            label: None,
            kind,
        });
    }

    /// The last `;` of EXEC is left out as a rule.
    fn exec_statement(&mut self) -> Stmt {
        self.toks.pop();
        let (end, eof) = (self.sig.pop().unwrap_or_default(), Tok::Eof);
        if self.toks.last() != Some(&Tok::Semi) {
            self.toks.push(Tok::Semi);
            self.sig.push(end);
        }
        self.toks.push(eof);
        self.sig.push(end);
        self.statement()
    }

    /// A SQL*Plus command line.
    pub(in crate::syntax) fn command(&mut self, name: &str) -> Parsed {
        let tok = self.sig[self.p] - self.base;
        let name = self.ast.intern(name);
        self.bump();
        let kind = ItemKind::SqlPlus(Ident::new(name, tok, false));
        let item = Item {
            span: self.span(0),
            kind,
        };
        self.take(item)
    }

    /// A unit whose text is not SQL: wrapped, or in another language.
    pub(in crate::syntax) fn closed(&mut self, wrapped: bool) -> Parsed {
        self.statements = 1;
        let end = self.toks.len() - 1;
        let slash = end > 0 && self.toks[end - 1] == Tok::Slash;
        self.p = end;
        if wrapped {
            let at = self
                .token_span(0)
                .to(self.token_span(end.min(6).saturating_sub(1)));
            let message = "the source is wrapped: it is recognised, and cannot be analysed";
            self.errors
                .push(Diagnostic::new(Code::Wrapped, message).at(at, ""));
        } else {
            self.opaque += 1;
        }
        let last = TokSpan::new(self.sig[0], self.sig[end]);
        debug_assert!(slash || !last.is_empty());
        let kind = if wrapped {
            ItemKind::Wrapped
        } else {
            ItemKind::Opaque
        };
        self.take(Item { span: last, kind })
    }

    fn item(&mut self) -> Item {
        let mut start = self.p;
        self.statements += 1;
        let mut result = self.attempt(Self::item_kind);
        let mut groups = 1;
        while result.is_err()
            && (self.splice_failed(&mut start, groups)
                || groups < MAX_DROPPED && self.drop_variable(&mut start)
                || self.drop_line_marks(&mut start))
        {
            result = self.attempt(Self::item_kind);
            groups = groups.saturating_mul(2);
        }
        if result.is_err() {
            start = self.p;
        }
        let kind = match result {
            Ok(kind) => kind,
            Err(Fail) => match self.statement_outside() {
                Some(kind) => kind,
                None => self.unparsed_item(start),
            },
        };
        let span = self.span(start);
        self.eat(Tok::Semi);
        if matches!(self.at(), Tok::Slash | Tok::Dot) && self.nth(1) == Tok::Eof {
            self.bump();
        }
        Item { span, kind }
    }

    /// A reading failed at or right behind a variable that stands between complete things: it
    /// may be nothing, a comment sign or a whole clause. Taken away, and counted as opaque.
    fn drop_variable(&mut self, start: &mut usize) -> bool {
        let at = self.failure.at;
        let beside = [at, at.wrapping_sub(1), at.wrapping_sub(2)];
        let lone = |i: &usize| *i > *start && *i < at + 1 && self.toks.get(*i) == Some(&Tok::Subst);
        let Some(doomed) = beside.into_iter().find(lone) else {
            return false;
        };
        if self.toks[doomed + 1] == Tok::Dot {
            return false;
        }
        *start = self.take_out(*start, std::slice::from_ref(&(doomed..doomed + 1)));
        self.p = *start;
        self.opaque += 1;
        true
    }

    /// Tokens that SQL*Plus takes away before the statement is run: a `-` at the end of a line,
    /// which continues it, and a variable at the start of a line, which stands for nothing or for
    /// a comment. Taken away where a reading with them failed; false when there are none.
    pub(super) fn drop_line_marks(&mut self, start: &mut usize) -> bool {
        let ends_line = |p: &Self, i: usize| {
            let end = p.tape.range(p.sig[i]).end;
            let rest = p
                .src
                .get(end..)
                .unwrap_or("")
                .trim_start_matches([' ', '\t', '\r']);
            rest.starts_with('\n')
        };
        let mark = |p: &Self, i: usize| match p.toks[i] {
            Tok::Minus => ends_line(p, i),
            Tok::Subst if i == *start => p.starts_line(i) && p.toks[i + 1].is_name(),
            Tok::Subst => p.starts_line(i) && p.toks[i + 1] != Tok::Dot,
            _ => false,
        };
        let end = self.repair_end(*start);
        let doomed: Vec<Range<usize>> = (*start..end)
            .take_while(|i| self.toks[*i] != Tok::Semi)
            .filter(|i| mark(self, *i))
            .map(|i| i..i + 1)
            .collect();
        if doomed.is_empty() {
            return false;
        }
        *start = self.take_out(*start, &doomed);
        self.p = *start;
        true
    }

    /// A PL/SQL statement at the top level, its BEGIN missing: reported, and kept as what it is.
    fn statement_outside(&mut self) -> Option<ItemKind> {
        let (begin, failed) = (self.p, self.failure);
        if matches!(self.at(), Tok::EXCEPTION | Tok::WHEN) {
            let n = (1..9).find(|n| self.nth(*n) == Tok::THEN)?;
            self.advance(n + 1);
        }
        let compound = matches!(
            self.at(),
            Tok::IF | Tok::CASE | Tok::LOOP | Tok::FOR | Tok::WHILE | Tok::FORALL | Tok::LabelOpen
        );
        let start = self.p;
        let verb = super::stmt::verb_of(self.at()).is_some() || self.at() == Tok::SELECT;
        if !compound && !verb && self.looks_like_statement(self.p) {
            let read = self.attempt(|p| {
                let (kind, _) = p.stmt_again()?;
                match p.at() {
                    Tok::Semi | Tok::Eof => Ok(kind),
                    _ => p.fail("`;`"),
                }
            });
            if let Ok(kind) = read {
                self.report_at(begin, Code::Syntax, "BEGIN");
                let span = self.span(start);
                let label = None;
                return Some(ItemKind::Stmt(self.ast.add(Stmt { span, label, kind })));
            }
        }
        (self.p, self.failure) = (begin, failed);
        None
    }

    fn unparsed_item(&mut self, start: usize) -> ItemKind {
        let mut span = self.give_up(start);
        // The terminator alone is no unit.
        if matches!(self.at(), Tok::Slash | Tok::Dot) && self.nth(1) == Tok::Eof {
            span = self.span(start);
        }
        match self.unparsed_verb(start, span) {
            Some(dml) => ItemKind::Dml(dml),
            None => ItemKind::Unparsed,
        }
    }

    fn item_kind(&mut self) -> P<ItemKind> {
        let kind = self.item_kind_open()?;
        let block = matches!(
            kind,
            ItemKind::CreatePackage { .. }
                | ItemKind::CreatePackageBody { .. }
                | ItemKind::CreateTypeBody { .. }
                | ItemKind::CreateTrigger(_)
                | ItemKind::CreateRoutine { .. }
                | ItemKind::CreateType { .. }
                | ItemKind::Block(_)
        );
        let over = matches!(self.at(), Tok::Semi | Tok::Eof)
            || matches!(self.at(), Tok::Slash | Tok::Dot) && self.nth(1) == Tok::Eof;
        if over {
            return Ok(kind);
        }
        if block || self.starts_line(self.p) && self.starts_unit() {
            // What follows is a unit of its own.
            self.report_at(self.p, Code::Syntax, "`;` or `/`");
            return Ok(kind);
        }
        self.fail("`;`")
    }

    /// Words that begin a unit and cannot continue a statement.
    fn starts_unit(&self) -> bool {
        matches!(
            self.at(),
            Tok::CREATE
                | Tok::INSERT
                | Tok::UPDATE
                | Tok::DELETE
                | Tok::MERGE
                | Tok::BEGIN
                | Tok::DECLARE
                | Tok::ALTER
                | Tok::DROP
                | Tok::COMMIT
                | Tok::TRUNCATE
                | Tok::SELECT
                | Tok::WITH
                | Tok::CALL
        )
    }

    fn item_kind_open(&mut self) -> P<ItemKind> {
        let next = self.nth(1);
        match self.at() {
            Tok::CREATE => self.create(),
            Tok::OR | Tok::REPLACE
                if matches!(next, Tok::REPLACE | Tok::CREATE)
                    || next.is_word() && self.at() == Tok::REPLACE =>
            {
                self.report_at(self.p, Code::Syntax, "CREATE");
                self.create()
            }
            Tok::PACKAGE | Tok::PROCEDURE | Tok::FUNCTION | Tok::TRIGGER | Tok::TYPE
                if next.is_name() =>
            {
                self.create_plsql(self.p)
            }
            Tok::DECLARE | Tok::BEGIN | Tok::LabelOpen => self.anonymous_block(),
            Tok::SELECT | Tok::WITH | Tok::LParen => {
                let query = self.query_id()?;
                Ok(ItemKind::Query(query))
            }
            Tok::INSERT | Tok::UPDATE | Tok::DELETE | Tok::MERGE => Ok(ItemKind::Dml(self.dml()?)),
            Tok::ALTER => self.alter(),
            Tok::COMMENT if next == Tok::ON => self.comment(),
            Tok::GRANT => self.grant(),
            Tok::TRUNCATE => self.truncate(),
            Tok::DROP => self.drop_(),
            Tok::EXPLAIN => self.explain(),
            Tok::CALL => self.call_item(),
            Tok::Ident if self.at_word("ROLL") && matches!(next, Tok::Semi | Tok::Eof) => {
                self.short_rollback()
            }
            Tok::Subst => self.subst_item(),
            _ => self.other_item(),
        }
    }

    fn anonymous_block(&mut self) -> P<ItemKind> {
        let start = self.p;
        let mut name = None;
        while self.eat(Tok::LabelOpen) {
            name = Some(self.ident()?.name);
            self.expect(Tok::LabelClose, "`>>`")?;
        }
        let decls = if self.eat(Tok::DECLARE) {
            self.declarations()
        } else {
            List::empty()
        };
        if self.at() != Tok::BEGIN && self.p == start {
            return self.fail("DECLARE or BEGIN");
        }
        let (block, _) = self.block_rest(start, Frame::Block, name, decls);
        Ok(ItemKind::Block(self.ast.add(block)))
    }

    /// `CALL p(..) [INTO :x]`.
    fn call_item(&mut self) -> P<ItemKind> {
        let start = self.p;
        self.bump();
        let call = self.postfixed()?;
        let kind = StmtKind::Call(self.ast.add(call));
        self.into_clause()?;
        let stmt = Stmt {
            span: self.span(start),
            label: None,
            kind,
        };
        Ok(ItemKind::Stmt(self.ast.add(stmt)))
    }

    /// `roll;`, which SQL*Plus takes as well.
    fn short_rollback(&mut self) -> P<ItemKind> {
        let start = self.p;
        self.bump();
        let stmt = Stmt {
            span: self.span(start),
            label: None,
            kind: StmtKind::Rollback(None),
        };
        Ok(ItemKind::Stmt(self.ast.add(stmt)))
    }

    /// `&script` or `&&stmt;`: the statement itself is substituted.
    fn subst_item(&mut self) -> P<ItemKind> {
        let start = self.p;
        let e = self.postfixed()?;
        let call = self.ast.add(e);
        let stmt = Stmt {
            span: self.span(start),
            label: None,
            kind: StmtKind::Call(call),
        };
        Ok(ItemKind::Stmt(self.ast.add(stmt)))
    }

    /// Transactions, LOCK TABLE, and SQL that is kept as balanced tokens.
    fn other_item(&mut self) -> P<ItemKind> {
        let start = self.p;
        let next = self.nth(1);
        let known = match self.at() {
            Tok::LOCK if next == Tok::TABLE => {
                let (stmt, _) = self.stmt_again()?;
                return Ok(ItemKind::Stmt(self.ast.add(Stmt {
                    span: self.span(start),
                    label: None,
                    kind: stmt,
                })));
            }
            Tok::REVOKE
            | Tok::ANALYZE
            | Tok::AUDIT
            | Tok::NOAUDIT
            | Tok::RENAME
            | Tok::PURGE
            | Tok::FLASHBACK
            | Tok::ASSOCIATE
            | Tok::DISASSOCIATE
            | Tok::ADMINISTER => next.is_name(),
            _ => false,
        };
        if known {
            self.bump();
            return self.ddl(start);
        }
        match self.transaction(self.at(), next)? {
            Some(kind) => Ok(ItemKind::Stmt(self.ast.add(Stmt {
                span: self.span(start),
                label: None,
                kind,
            }))),
            None => self.fail("a SQL or PL/SQL statement, or a SQL*Plus command"),
        }
    }

    /// EXPLAIN PLAN [SET ..] [INTO ..] FOR statement.
    fn explain(&mut self) -> P<ItemKind> {
        let start = self.p;
        let verb = self.ident()?;
        let at = self.p;
        if !self.eat_word("PLAN") {
            return self.fail("PLAN");
        }
        let object = self.span(at);
        let mark = self.mark::<Clause>();
        while self.at() != Tok::FOR && !self.settings_end() {
            let setting = self.setting()?;
            self.push(setting);
        }
        self.expect(Tok::FOR, "FOR")?;
        let clauses = self.list(mark);
        let from = self.p;
        let kind = self.deeper(Self::item_kind_open)?;
        let item = Item {
            span: self.span(from),
            kind,
        };
        debug_assert!(from > start);
        let statement = Some(self.ast.add(item));
        let ddl = DdlStmt {
            verb,
            object,
            name: None,
            clauses,
            statement,
        };
        Ok(ItemKind::Ddl(self.ast.add(ddl)))
    }
}
