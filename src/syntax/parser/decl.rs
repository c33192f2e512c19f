//! Declarations: variables, cursors, types, exceptions, pragmas, routines, `$IF` around them.

use super::*;

impl Parser<'_> {
    /// Declarations of a block or package up to BEGIN or END. Never fails.
    pub(super) fn declarations(&mut self) -> List<Decl> {
        let mark = self.mark::<Decl>();
        while !self.declarations_end() {
            let before = self.p;
            let decl = self.declaration();
            self.push(decl);
            if self.p == before {
                self.bump();
            }
        }
        self.list(mark)
    }

    fn declarations_end(&self) -> bool {
        match self.at() {
            Tok::BEGIN | Tok::Eof | Tok::DElse | Tok::DElsif | Tok::DEnd => true,
            Tok::CREATE => self.starts_line(self.p),
            Tok::END => true,
            Tok::Slash => self.nth(1) == Tok::Eof,
            // BEGIN is missing: statements stand where declarations should.
            _ => !self.in_package() && self.at() != Tok::PRAGMA && self.body_without_begin(),
        }
    }

    fn in_package(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|f| f.frame == Frame::Package)
    }

    fn body_without_begin(&self) -> bool {
        match self.at() {
            t if t.is_name() && self.nth(1) == Tok::Semi => self.layout,
            Tok::LabelOpen => false,
            _ => self.looks_like_statement(self.p),
        }
    }

    /// One declaration with its `;`. Never fails.
    pub(super) fn declaration(&mut self) -> Decl {
        let mut start = self.p;
        if self.at() == Tok::DIf {
            let read = self.deeper(|p| Ok(p.directive_decl()));
            return read.unwrap_or_else(|Fail| Decl {
                span: self.give_up(start),
                kind: DeclKind::Unparsed,
            });
        }
        let mut result = self.attempt(Self::decl_kind);
        let mut groups = 1;
        while result.is_err()
            && (self.splice_failed(&mut start, groups) || self.drop_line_marks(&mut start))
        {
            result = self.attempt(Self::decl_kind);
            groups = groups.saturating_mul(2);
        }
        match result {
            Ok((kind, ended)) => {
                let span = self.span(start);
                if ended && !self.eat(Tok::Semi) {
                    self.missing_semicolon();
                }
                Decl { span, kind }
            }
            Err(Fail) => Decl {
                span: self.give_up(self.p),
                kind: DeclKind::Unparsed,
            },
        }
    }

    fn missing_semicolon(&mut self) {
        self.failure = Failure {
            at: self.p,
            code: Code::Syntax,
            expected: "`;`",
        };
        self.report();
        if self.starts_line(self.p) || matches!(self.at(), Tok::Eof | Tok::BEGIN | Tok::END) {
            return;
        }
        let start = self.p;
        self.resync(start);
        let span = self.span(start);
        self.not_understood(span);
    }

    fn decl_kind(&mut self) -> P<(DeclKind, bool)> {
        let next = self.nth(1);
        match self.at() {
            Tok::PROCEDURE | Tok::FUNCTION if next.is_name() => self.routine_decl(),
            Tok::MEMBER
            | Tok::STATIC
            | Tok::MAP
            | Tok::ORDER
            | Tok::CONSTRUCTOR
            | Tok::OVERRIDING
            | Tok::FINAL
            | Tok::INSTANTIABLE
                if self.routine_prefix() =>
            {
                self.routine_decl()
            }
            Tok::NOT if matches!(next, Tok::OVERRIDING | Tok::FINAL | Tok::INSTANTIABLE) => {
                self.routine_decl()
            }
            Tok::CURSOR if next.is_name() => Ok((self.cursor_decl()?, true)),
            Tok::TYPE if next.is_name() && matches!(self.nth(2), Tok::IS | Tok::Semi | Tok::AS) => {
                Ok((self.type_decl()?, true))
            }
            Tok::SUBTYPE if next.is_name() => Ok((self.subtype_decl()?, true)),
            Tok::PRAGMA if next.is_name() => Ok((self.pragma_decl()?, true)),
            Tok::DError => self.error_decl(),
            _ if next == Tok::LParen && self.routine_without_keyword(self.p)
                || matches!(next, Tok::IS) && self.at() == Tok::Ident =>
            {
                self.fail("PROCEDURE or FUNCTION")
            }
            _ => Ok((self.var_decl()?, true)),
        }
    }

    fn routine_prefix(&self) -> bool {
        (1..5).any(|n| matches!(self.nth(n), Tok::PROCEDURE | Tok::FUNCTION))
            && !(1..5).any(|n| matches!(self.nth(n), Tok::Semi | Tok::Assign))
    }

    fn routine_decl(&mut self) -> P<(DeclKind, bool)> {
        let (routine, ended) = self.routine()?;
        Ok((DeclKind::Routine(self.ast.add(routine)), ended))
    }

    /// `$ERROR text $END` between declarations.
    fn error_decl(&mut self) -> P<(DeclKind, bool)> {
        let name = self.ident_at(self.p);
        self.bump();
        let value = self.expr_id()?;
        self.expect(Tok::DEnd, "$END")?;
        let args = self.ast.add_list([Arg { name: None, value }]);
        Ok((DeclKind::Pragma(name, args), self.at() == Tok::Semi))
    }

    fn var_decl(&mut self) -> P<DeclKind> {
        let name = self.new_name()?;
        if self.at() == Tok::EXCEPTION && self.nth(1) != Tok::Dot {
            self.bump();
            return Ok(DeclKind::Exception(name));
        }
        let constant = self.eat(Tok::CONSTANT);
        let ty = self.type_ref_id()?;
        let mut not_null = self.null_words();
        let default = self.default_value()?;
        not_null |= self.null_words();
        Ok(DeclKind::Var {
            name,
            ty,
            constant,
            not_null,
            default,
        })
    }

    /// `NOT NULL` (true), `NULL`.
    fn null_words(&mut self) -> bool {
        if self.eat_seq(&[Tok::NOT, Tok::NULL]) {
            return true;
        }
        self.eat(Tok::NULL);
        false
    }

    /// `:= x`, `DEFAULT x`, or nothing.
    pub(super) fn default_value(&mut self) -> P<Option<Id<Expr>>> {
        if self.eat(Tok::Assign) || self.eat(Tok::DEFAULT) {
            return Ok(Some(self.expr_id()?));
        }
        Ok(None)
    }

    fn cursor_decl(&mut self) -> P<DeclKind> {
        self.bump();
        let name = self.ident()?;
        let params = if self.at() == Tok::LParen {
            self.params()?
        } else {
            List::empty()
        };
        let returns = if self.eat(Tok::RETURN) {
            Some(self.type_ref_id()?)
        } else {
            None
        };
        let query = if self.eat(Tok::IS) || self.eat(Tok::AS) {
            Some(self.query_id()?)
        } else {
            None
        };
        Ok(DeclKind::Cursor {
            name,
            params,
            returns,
            query,
        })
    }

    fn subtype_decl(&mut self) -> P<DeclKind> {
        self.bump();
        let name = self.ident()?;
        if !self.eat(Tok::IS) {
            self.expect(Tok::AS, "IS")?;
        }
        let ty = self.type_ref_id()?;
        let mut range = None;
        if self.eat(Tok::RANGE) {
            let start = self.p;
            let left = self.sum_id()?;
            self.expect(Tok::DotDot, "`..`")?;
            let right = self.sum_id()?;
            let op = BinaryOp::Range;
            range = Some(self.ast.add(Expr {
                span: self.span(start),
                kind: ExprKind::Binary { op, left, right },
            }));
        }
        let not_null = self.null_words();
        Ok(DeclKind::Subtype {
            name,
            ty,
            range,
            not_null,
        })
    }

    pub(super) fn pragma_decl(&mut self) -> P<DeclKind> {
        self.bump();
        let name = self.ident()?;
        Ok(DeclKind::Pragma(name, self.pragma_args()?))
    }

    /// `(a, b => c, 'x')` of a pragma, or nothing.
    pub(super) fn pragma_args(&mut self) -> P<List<Arg>> {
        if self.at() != Tok::LParen {
            return Ok(List::empty());
        }
        self.paren_list(|p| {
            let mut arg = p.arg()?;
            if matches!(p.at(), Tok::Minus | Tok::FOR) {
                arg.name = None;
            }
            Ok(arg)
        })
    }

    fn type_decl(&mut self) -> P<DeclKind> {
        self.bump();
        let name = self.ident()?;
        if self.at() == Tok::Semi {
            return Ok(DeclKind::OtherType(name));
        }
        self.bump();
        match (self.at(), self.nth(1)) {
            (Tok::RECORD, Tok::LParen) => {
                self.bump();
                let fields = self.paren_list(Self::record_field)?;
                Ok(DeclKind::Record { name, fields })
            }
            (Tok::TABLE, Tok::OF) | (Tok::VARRAY | Tok::VARYING, _) => self.collection_decl(name),
            (Tok::REF, Tok::CURSOR) => {
                self.advance(2);
                let returns = if self.eat(Tok::RETURN) {
                    Some(self.type_ref_id()?)
                } else {
                    None
                };
                Ok(DeclKind::RefCursor(name, returns))
            }
            _ => {
                // `(red, green)` enumerations of STANDARD, and what else the manual may bring.
                if super::name::is_reserved(self.at()) {
                    return self.fail("RECORD, TABLE OF, VARRAY or REF CURSOR");
                }
                self.opaque += 1;
                self.skip_clauses()?;
                Ok(DeclKind::OtherType(name))
            }
        }
    }

    /// `TABLE OF t [INDEX BY k]`, `VARRAY(n) OF t`, `VARYING ARRAY(n) OF t`.
    pub(super) fn collection_of(&mut self) -> P<(Id<TypeRef>, Option<Id<Expr>>)> {
        self.bump();
        self.eat_word("ARRAY");
        let mut limit = None;
        if self.eat(Tok::LParen) {
            limit = Some(self.expr_id()?);
            self.expect(Tok::RParen, "`)`")?;
        }
        self.expect(Tok::OF, "OF")?;
        let of = if self.at() == Tok::LParen {
            self.bump();
            let of = self.type_ref_id()?;
            self.null_words();
            self.expect(Tok::RParen, "`)`")?;
            of
        } else {
            self.type_ref_id()?
        };
        self.null_words();
        Ok((of, limit))
    }

    fn collection_decl(&mut self, name: Ident) -> P<DeclKind> {
        let (of, limit) = self.collection_of()?;
        let mut index_by = None;
        if self.eat(Tok::INDEX) {
            self.expect(Tok::BY, "BY")?;
            index_by = Some(self.type_ref_id()?);
        }
        self.null_words();
        Ok(DeclKind::Collection {
            name,
            of,
            index_by,
            limit,
        })
    }

    fn record_field(&mut self) -> P<FieldDef> {
        let name = self.ident()?;
        let ty = self.type_ref_id()?;
        let not_null = self.null_words();
        let default = self.default_value()?;
        Ok(FieldDef {
            name,
            ty,
            default,
            not_null,
        })
    }

    /// `$IF .. $END` around declarations: all branches, flattened.
    fn directive_decl(&mut self) -> Decl {
        let start = self.p;
        if !self.arms_are_whole() {
            self.splice_directive(self.p);
            if self.declarations_end() {
                let span = self.no_span();
                return Decl {
                    span,
                    kind: DeclKind::CondCompile(List::empty()),
                };
            }
            return self.declaration();
        }
        let mark = self.mark::<Decl>();
        while matches!(self.at(), Tok::DIf | Tok::DElsif | Tok::DElse) {
            let conditional = self.at() != Tok::DElse;
            self.bump();
            if conditional {
                self.directive_condition();
            }
            self.open(Frame::Directive, self.p, None);
            self.arm_declarations();
            self.frames.pop();
        }
        let decls = self.list(mark);
        if !self.eat(Tok::DEnd) {
            self.report_at(self.p, Code::Syntax, "$END");
        }
        self.eat(Tok::Semi);
        Decl {
            span: self.span(start),
            kind: DeclKind::CondCompile(decls),
        }
    }

    fn directive_condition(&mut self) {
        let read = self.attempt(|p| {
            p.expr()?;
            p.expect(Tok::DThen, "$THEN")
        });
        if read.is_err() {
            self.report();
            let start = self.p;
            self.skip_to(Tok::DThen);
            let span = self.span(start);
            self.not_understood(span);
            self.eat(Tok::DThen);
        }
    }

    fn arm_declarations(&mut self) {
        while !matches!(
            self.at(),
            Tok::DElsif | Tok::DElse | Tok::DEnd | Tok::Eof | Tok::BEGIN | Tok::END
        ) {
            let before = self.p;
            let decl = self.declaration();
            self.push(decl);
            if self.p == before {
                self.bump();
            }
        }
    }
}
