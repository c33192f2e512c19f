//! Procedures and functions: standalone, packaged, nested, members of types.

use super::*;

impl Parser<'_> {
    /// From its prefix words over its body; the flag says that a `;` must follow.
    pub(super) fn routine(&mut self) -> P<(Routine, bool)> {
        let start = self.p;
        while !matches!(self.at(), Tok::PROCEDURE | Tok::FUNCTION) {
            if !self.at().is_name() && self.at() != Tok::NOT {
                return self.fail("PROCEDURE or FUNCTION");
            }
            self.bump();
        }
        let function = self.at() == Tok::FUNCTION;
        self.bump();
        let mut name = self.ident()?;
        if self.at() == Tok::Dot && self.nth(1).is_name() {
            self.bump();
            name = self.ident()?;
        }
        self.routine_rest(start, name, function)
    }

    /// Parameters, RETURN, options and body; also of standalone routines.
    pub(super) fn routine_rest(
        &mut self,
        start: usize,
        name: Ident,
        function: bool,
    ) -> P<(Routine, bool)> {
        let params = self.params_with_recovery();
        let returns = if self.eat(Tok::RETURN) {
            self.return_type()?
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
            body: None,
            external: false,
            autonomous: false,
        };
        if matches!(self.at(), Tok::Semi | Tok::Eof | Tok::Comma | Tok::RParen) {
            return Ok((routine, true));
        }
        if !self.eat(Tok::IS) && !self.eat(Tok::AS) {
            if !self.body_may_follow() {
                return self.fail("IS, AS or `;`");
            }
            self.report_at(self.p, Code::Syntax, "IS or AS");
        }
        let closed = self.routine_body(start, &mut routine)?;
        routine.span = self.span(start);
        Ok((routine, closed))
    }

    fn body_may_follow(&self) -> bool {
        matches!(self.at(), Tok::BEGIN | Tok::PRAGMA | Tok::CURSOR)
            || self.at().is_name() && self.starts_line(self.p)
    }

    fn routine_body(&mut self, start: usize, routine: &mut Routine) -> P<bool> {
        if self.at() == Tok::LANGUAGE || self.at() == Tok::EXTERNAL || self.at() == Tok::MLE {
            routine.external = true;
            self.skip_clauses()?;
            return Ok(true);
        }
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
            DeclKind::Pragma(name) => self.ast.ident(name) == "AUTONOMOUS_TRANSACTION",
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

    /// DETERMINISTIC, AUTHID .., PARALLEL_ENABLE (..), ACCESSIBLE BY (..), up to IS, AS or `;`.
    fn routine_options(&mut self) -> TokSpan {
        let start = self.p;
        loop {
            match self.at() {
                Tok::LParen => {
                    if self.skip_parens().is_err() {
                        break;
                    }
                }
                Tok::DETERMINISTIC
                | Tok::AUTHID
                | Tok::PARALLEL_ENABLE
                | Tok::ACCESSIBLE
                | Tok::PIPELINED
                | Tok::RESULT_CACHE
                | Tok::RELIES_ON
                | Tok::SQL_MACRO
                | Tok::USING
                | Tok::BY
                | Tok::ORDER
                | Tok::CLUSTER
                | Tok::DEFAULT
                | Tok::COLLATE
                | Tok::SHARING
                | Tok::FINAL
                | Tok::NOT
                | Tok::INSTANTIABLE
                | Tok::TABLE
                | Tok::ROW
                | Tok::DATA
                | Tok::NONE
                | Tok::Eq
                | Tok::CURRENT => self.bump(),
                t if t.is_word() && self.option_word() => self.bump(),
                t if t.is_name()
                    && matches!(
                        self.toks[self.p.max(1) - 1],
                        Tok::USING | Tok::Dot | Tok::CLUSTER | Tok::ORDER
                    ) =>
                {
                    self.bump()
                }
                Tok::Dot => self.bump(),
                _ => break,
            }
        }
        self.span(start)
    }

    fn option_word(&self) -> bool {
        [
            "CURRENT_USER",
            "DEFINER",
            "AGGREGATE",
            "POLYMORPHIC",
            "COLLATION",
            "USING_NLS_COMP",
            "METADATA",
            "IMMUTABLE",
            "SCALAR",
        ]
        .iter()
        .any(|w| self.text(self.p).eq_ignore_ascii_case(w))
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
        self.eat(Tok::NOCOPY);
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
            ty,
            default,
        })
    }
}
