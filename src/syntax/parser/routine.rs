//! Procedures and functions: standalone, packaged, nested, members of types.

use super::*;

impl Parser<'_> {
    /// From its prefix words over its body; the flag says that a `;` must follow.
    pub(super) fn routine(&mut self) -> P<(Routine, bool)> {
        let start = self.p;
        let mark = self.mark::<Clause>();
        while !matches!(self.at(), Tok::PROCEDURE | Tok::FUNCTION) {
            let word = self.at().is_name() && !super::name::is_of_blocks(self.at());
            if !word && self.at() != Tok::NOT {
                return self.fail("PROCEDURE or FUNCTION");
            }
            let words = self.words(1 + usize::from(self.at() == Tok::NOT));
            self.push(words);
        }
        let function = self.at() == Tok::FUNCTION;
        self.bump();
        self.junk_before_name();
        let mut name = self.ident()?;
        if self.at() == Tok::Dot && self.nth(1).is_name() {
            self.bump();
            name = self.ident()?;
        }
        self.routine_rest(start, name, function, mark)
    }

    /// Up to the `;`, or to the `,` or `)` behind a method of an object type.
    fn skip_call_specification(&mut self) -> P<()> {
        let mut depth = 0usize;
        loop {
            match self.at() {
                Tok::Eof | Tok::Semi | Tok::Comma | Tok::RParen if depth == 0 => return Ok(()),
                Tok::Slash if self.nth(1) == Tok::Eof && depth == 0 => return Ok(()),
                Tok::Eof | Tok::Semi | Tok::Unknown => return self.fail("`)`"),
                Tok::LParen => depth += 1,
                Tok::RParen => depth -= 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// A token too many in front of a routine's name.
    pub(super) fn junk_before_name(&mut self) {
        let header = |t: Tok| matches!(t, Tok::IS | Tok::AS | Tok::LParen | Tok::RETURN);
        let own = matches!(self.nth(1), Tok::IS | Tok::AS | Tok::RETURN);
        if !own && self.nth(1).is_name() && header(self.nth(2)) {
            self.junk("a name", 1);
        }
    }

    /// Parameters, RETURN, options and body; also of standalone routines.
    pub(super) fn routine_rest(
        &mut self,
        start: usize,
        name: Ident,
        function: bool,
        mark: usize,
    ) -> P<(Routine, bool)> {
        let params = self.params_with_recovery();
        let returns = if self.eat(Tok::RETURN) {
            match self.attempt(Self::return_type) {
                Ok(ty) => ty,
                Err(Fail) if self.at() == Tok::IS || self.at() == Tok::AS => {
                    self.report();
                    None
                }
                Err(Fail) if self.nth(1).is_name() && !matches!(self.nth(1), Tok::IS | Tok::AS) => {
                    self.junk("a type", 1);
                    self.return_type()?
                }
                Err(Fail) => return Err(Fail),
            }
        } else {
            None
        };
        let options = self.routine_options();
        let mut routine = Routine {
            span: self.span(start),
            name,
            returns,
            function,
            params,
            options,
            clauses: List::empty(),
            body: None,
            external: false,
            autonomous: false,
        };
        if self.at() == Tok::EXTERNAL && self.nth(1) == Tok::NAME {
            // A method of an object type that is written in Java.
            let start = self.p;
            self.skip_to_comma()?;
            routine.external = true;
            self.push(self.bare(ClauseKind::External, start));
        }
        if matches!(self.at(), Tok::Semi | Tok::Eof | Tok::Comma | Tok::RParen) {
            routine.clauses = self.list(mark);
            return Ok((routine, true));
        }
        if !self.eat(Tok::IS) && !self.eat(Tok::AS) {
            match (1..4).find(|n| matches!(self.nth(*n), Tok::IS | Tok::AS)) {
                Some(junk) if self.is_plain_junk(junk) => {
                    self.junk("IS or AS", junk);
                    self.bump();
                }
                _ if self.body_may_follow() => self.report_at(self.p, Code::Syntax, "IS or AS"),
                _ => return self.fail("IS, AS or `;`"),
            }
        }
        if self.at() == Tok::LANGUAGE || self.at() == Tok::EXTERNAL || self.at() == Tok::MLE {
            let start = self.p;
            routine.external = true;
            self.skip_call_specification()?;
            let external = self.bare(ClauseKind::External, start);
            self.push(external);
        }
        routine.clauses = self.list(mark);
        let closed = routine.external || self.routine_body(start, &mut routine)?;
        routine.span = self.span(start);
        Ok((routine, closed))
    }

    /// The next tokens are neither a body nor part of a directive.
    fn is_plain_junk(&self, n: usize) -> bool {
        let plain = |t: Tok| {
            !matches!(
                t,
                Tok::BEGIN | Tok::DIf | Tok::DThen | Tok::DElse | Tok::DEnd | Tok::Semi
            )
        };
        (0..n).all(|i| plain(self.nth(i)))
    }

    fn body_may_follow(&self) -> bool {
        matches!(self.at(), Tok::BEGIN | Tok::PRAGMA | Tok::CURSOR)
            || self.at().is_name() && self.starts_line(self.p)
    }

    fn routine_body(&mut self, start: usize, routine: &mut Routine) -> P<bool> {
        self.deeper(|p| {
            let body_start = p.p;
            p.eat(Tok::DECLARE);
            p.open(Frame::Block, start, None);
            let decls = p.declarations();
            p.frames.pop();
            routine.autonomous = p.is_autonomous(decls);
            let (block, closed) =
                p.block_rest(body_start, Frame::Routine, Some(routine.name.name), decls);
            if let Some(begin) = p.frames.last() {
                debug_assert!(begin.at <= p.p);
            }
            routine.body = Some(p.ast.add(block));
            Ok(closed)
        })
    }

    fn is_autonomous(&self, decls: List<Decl>) -> bool {
        self.ast.list(decls).iter().any(|d| match d.kind {
            DeclKind::Pragma(name, _) => self.ast.ident(name) == "AUTONOMOUS_TRANSACTION",
            _ => false,
        })
    }

    /// `SELF AS RESULT` of constructors has no type.
    fn return_type(&mut self) -> P<Option<Id<TypeRef>>> {
        if self.eat_seq(&[Tok::SELF, Tok::AS, Tok::RESULT]) {
            return Ok(None);
        }
        Ok(Some(self.type_ref_id()?))
    }

    /// DETERMINISTIC, AUTHID .., PARALLEL_ENABLE (..), ACCESSIBLE BY (..), up to IS, AS or `;`:
    /// pushed, their tokens returned. What cannot be read ends them.
    pub(super) fn routine_options(&mut self) -> TokSpan {
        let start = self.p;
        while let Ok(Some(option)) = self.attempt(Self::routine_option) {
            self.push(option);
        }
        self.span(start)
    }

    fn routine_option(&mut self) -> P<Option<Clause>> {
        let start = self.p;
        let mut clause = self.bare(ClauseKind::Words, start);
        clause.kind = match (self.at(), self.nth(1)) {
            (Tok::DETERMINISTIC, _) => {
                self.bump();
                ClauseKind::Deterministic
            }
            (Tok::AUTHID, _) => {
                self.bump();
                clause.name = Some(self.ident()?);
                ClauseKind::Authid
            }
            (Tok::ACCESSIBLE, _) => {
                self.advance(2);
                clause.inner = self.paren_list(Self::accessor)?;
                ClauseKind::AccessibleBy
            }
            (Tok::PIPELINED, _) => {
                self.bump();
                self.implementation(&mut clause)?;
                ClauseKind::Pipelined
            }
            (Tok::RESULT_CACHE, _) => {
                self.bump();
                if self.eat(Tok::RELIES_ON) {
                    clause.values = self.paren_list(Self::postfixed)?;
                }
                ClauseKind::ResultCache
            }
            (Tok::PARALLEL_ENABLE, _) => {
                self.bump();
                self.parallel_partition(&mut clause)?;
                ClauseKind::ParallelEnable
            }
            (Tok::SQL_MACRO, _) => {
                self.bump();
                if self.eat(Tok::LParen) {
                    clause.name = Some(self.sql_macro_kind()?);
                    self.expect(Tok::RParen, "`)`")?;
                }
                ClauseKind::SqlMacro
            }
            (Tok::TABLE | Tok::ROW, _) if self.nth_word(1, "POLYMORPHIC") => {
                self.advance(2);
                self.implementation(&mut clause)?;
                ClauseKind::Polymorphic
            }
            (Tok::DEFAULT, _) if self.nth_word(1, "COLLATION") => {
                self.advance(2);
                clause.name = Some(self.ident()?);
                ClauseKind::Collation
            }
            (Tok::SHARING, Tok::Eq) => {
                self.advance(2);
                clause.name = Some(self.ident()?);
                ClauseKind::Setting
            }
            (Tok::FINAL | Tok::INSTANTIABLE, _) => {
                self.bump();
                ClauseKind::Words
            }
            (Tok::NOT, Tok::FINAL | Tok::INSTANTIABLE) => {
                self.advance(2);
                ClauseKind::Words
            }
            (Tok::CLUSTER | Tok::ORDER, next) if next.is_name() => {
                let mark = self.mark::<Expr>();
                self.streaming()?;
                clause.values = self.list(mark);
                ClauseKind::ParallelEnable
            }
            (Tok::USING, next) if next.is_name() => {
                self.implementation(&mut clause)?;
                ClauseKind::Pipelined
            }
            _ if self.at_word("AGGREGATE") => {
                self.bump();
                self.implementation(&mut clause)?;
                ClauseKind::AggregateUsing
            }
            _ if self.at_word("IMMUTABLE") => {
                self.bump();
                ClauseKind::Words
            }
            _ => return Ok(None),
        };
        Ok(Some(self.closed_at(start, clause)))
    }

    fn sql_macro_kind(&mut self) -> P<Ident> {
        if self.eat(Tok::TYPE) {
            self.expect(Tok::Arrow, "`=>`")?;
        }
        self.ident()
    }

    /// `USING [schema.]type`, or nothing.
    fn implementation(&mut self, clause: &mut Clause) -> P<()> {
        if self.eat(Tok::USING) {
            clause.object = Some(self.object_name_id()?);
        }
        Ok(())
    }

    /// `[FUNCTION|PROCEDURE|PACKAGE|TRIGGER|TYPE] [schema.]name`.
    fn accessor(&mut self) -> P<Clause> {
        let start = self.p;
        if matches!(
            self.at(),
            Tok::FUNCTION | Tok::PROCEDURE | Tok::PACKAGE | Tok::TRIGGER | Tok::TYPE
        ) && self.nth(1).is_name()
        {
            self.bump();
        }
        let object = Some(self.object_name_id()?);
        Ok(Clause {
            object,
            ..self.bare(ClauseKind::Object, start)
        })
    }

    /// `(PARTITION arg BY ANY | HASH (..) | RANGE (..) | VALUE (..)) [ORDER|CLUSTER arg BY (..)]`.
    fn parallel_partition(&mut self, clause: &mut Clause) -> P<()> {
        let mark = self.mark::<Expr>();
        if self.eat(Tok::LParen) {
            self.expect(Tok::PARTITION, "PARTITION")?;
            clause.name = Some(self.ident()?);
            self.expect(Tok::BY, "BY")?;
            self.bump();
            if self.at() == Tok::LParen {
                let columns = self.columns_operand()?;
                self.push(columns);
            }
            self.streaming()?;
            self.expect(Tok::RParen, "`)`")?;
        }
        self.streaming()?;
        clause.values = self.list(mark);
        Ok(())
    }

    /// `ORDER|CLUSTER arg BY (columns)`, or nothing.
    fn streaming(&mut self) -> P<()> {
        if matches!(self.at(), Tok::ORDER | Tok::CLUSTER) {
            self.bump();
            let subject = self.postfixed()?;
            self.push(subject);
            self.expect(Tok::BY, "BY")?;
            let columns = self.columns_operand()?;
            self.push(columns);
        }
        Ok(())
    }

    /// A parameter list that cannot be read costs itself, not the routine.
    fn params_with_recovery(&mut self) -> List<Param> {
        if self.at() != Tok::LParen {
            return List::empty();
        }
        let mut start = self.p;
        let read = self.attempt(Self::params);
        if let Ok(params) = read {
            return params;
        }
        if self.toks[start..=self.failure.at.min(self.toks.len() - 1)].contains(&Tok::DIf)
            && self.splice_failed(&mut start, usize::MAX)
        {
            return self.params_with_recovery();
        }
        self.report();
        let mut at = start;
        let mut depth = 0i32;
        while at + 1 < self.toks.len()
            && !matches!(self.toks[at], Tok::Semi | Tok::IS | Tok::AS | Tok::BEGIN)
        {
            match self.toks[at] {
                Tok::LParen => depth += 1,
                Tok::RParen => depth -= 1,
                Tok::RETURN if at > self.failure.at => break,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        self.p = at;
        let span = self.span(start);
        self.not_understood(span);
        List::empty()
    }

    /// `(name [IN] [OUT] [NOCOPY] type [DEFAULT x], ..)`; 23ai allows `()`.
    pub(super) fn params(&mut self) -> P<List<Param>> {
        if self.eat_seq(&[Tok::LParen, Tok::RParen]) {
            return Ok(List::empty());
        }
        self.paren_list(Self::param)
    }

    fn param(&mut self) -> P<Param> {
        let name = self.new_name()?;
        let is_in = self.eat(Tok::IN);
        let out = self.eat(Tok::OUT);
        let is_in = is_in || out && self.eat(Tok::IN);
        let nocopy = self.eat(Tok::NOCOPY);
        let mode = match (is_in, out) {
            (true, true) => ParamMode::InOut,
            (false, true) => ParamMode::Out,
            _ => ParamMode::In,
        };
        let ty = self.type_ref_id()?;
        let default = self.default_value()?;
        Ok(Param {
            name,
            mode,
            nocopy,
            ty,
            default,
        })
    }
}
