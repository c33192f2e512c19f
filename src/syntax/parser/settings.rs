//! Clauses of the long tail, read by their shape: words, words with a value, groups in
//! parentheses. What they mean is not decided here.

use super::*;

impl Parser<'_> {
    /// Everything up to the end of the statement or group.
    pub(super) fn settings(&mut self) -> P<List<Clause>> {
        let mark = self.mark::<Clause>();
        while !self.settings_end() {
            if self.eat(Tok::Comma) {
                continue;
            }
            let setting = self.deeper(Self::setting)?;
            self.push(setting);
        }
        Ok(self.list(mark))
    }

    /// The same for clauses that are not understood: they count as opaque.
    pub(super) fn opaque_settings(&mut self) -> P<List<Clause>> {
        let start = self.p;
        let list = self.settings()?;
        self.opaque += u32::from(self.p > start);
        Ok(list)
    }

    pub(super) fn settings_end(&self) -> bool {
        matches!(self.at(), Tok::Eof | Tok::Semi | Tok::RParen)
            || matches!(self.at(), Tok::Slash) && self.nth(1) == Tok::Eof
    }

    /// One word with what belongs to it, a value, or a group.
    pub(super) fn setting(&mut self) -> P<Clause> {
        let start = self.p;
        let mut clause = self.bare(ClauseKind::Setting, start);
        match self.at() {
            Tok::Unknown => return self.fail("a clause"),
            Tok::LParen => clause.inner = self.group()?,
            Tok::Str | Tok::Num | Tok::Bind => {
                let value = self.setting_value()?;
                clause.values = self.ast.add_list([value]);
            }
            Tok::PARTITION | Tok::SUBPARTITION if self.partition_named() => {
                clause.kind = if self.at() == Tok::PARTITION {
                    ClauseKind::Partition
                } else {
                    ClauseKind::Subpartition
                };
                self.bump();
                clause.name = Some(self.ident()?);
            }
            Tok::PARTITION | Tok::SUBPARTITION
                if self.nth(1) == Tok::FOR && self.nth(2) == Tok::LParen =>
            {
                return self.partition_clause();
            }
            t if t.is_name() && matches!(self.nth(1), Tok::Dot | Tok::At) => {
                clause.kind = ClauseKind::Object;
                clause.object = Some(self.object_name_id()?);
            }
            t if t.is_name() => self.named_setting(&mut clause)?,
            _ => {
                self.bump();
                clause.kind = ClauseKind::Words;
            }
        }
        Ok(self.closed_at(start, clause))
    }

    fn partition_named(&self) -> bool {
        let next = self.nth(1);
        next.is_name() && !matches!(next, Tok::BY | Tok::FOR)
    }

    /// `WORD`, `WORD = value`, `WORD 'value'`, `WORD 10M`, `WORD (..)`.
    fn named_setting(&mut self, clause: &mut Clause) -> P<()> {
        clause.name = Some(self.ident()?);
        if self.eat(Tok::Eq) || self.eat(Tok::Assign) {
            if self.at() == Tok::LParen {
                clause.inner = self.group()?;
                return Ok(());
            }
            let value = self.setting_value()?;
            clause.values = self.ast.add_list([value]);
        } else if matches!(self.at(), Tok::Str | Tok::Num | Tok::Bind) {
            let value = self.setting_value()?;
            clause.values = self.ast.add_list([value]);
        } else if self.at() == Tok::LParen {
            clause.inner = self.group()?;
        }
        Ok(())
    }

    /// A value: one operand, a size with its unit.
    fn setting_value(&mut self) -> P<Expr> {
        let start = self.p;
        let number = self.at() == Tok::Num;
        let read = self.attempt(|p| p.binary(super::expr::ADD));
        let Ok(value) = read else {
            // A word that is reserved elsewhere.
            self.bump();
            return Ok(Expr {
                span: self.span(start),
                kind: ExprKind::Unparsed,
            });
        };
        if number && self.at() == Tok::Ident && self.touches(self.p) {
            self.bump();
        }
        Ok(Expr {
            span: self.span(start),
            kind: value.kind,
        })
    }

    /// `( .. )` in the same manner.
    fn group(&mut self) -> P<List<Clause>> {
        self.expect(Tok::LParen, "`(`")?;
        let list = self.settings()?;
        self.expect(Tok::RParen, "`)`")?;
        Ok(list)
    }
}
