//! SQL*Loader control files as table definitions: INFILE, INTO TABLE, fields.

use super::*;

impl Parser<'_> {
    /// The whole file. Of several INTO TABLE the first names the unit; all fields are kept.
    pub(in crate::syntax) fn control_file(&mut self) -> Parsed {
        self.statements = 1;
        let start = self.p;
        let kind = match self.attempt(Self::control) {
            Ok(kind) => kind,
            Err(Fail) => {
                self.report();
                self.p = self.toks.len() - 1;
                let span = self.span(start);
                self.not_understood(span);
                ItemKind::Unparsed
            }
        };
        self.p = self.toks.len() - 1;
        let item = Item {
            span: self.span(start),
            kind,
        };
        self.take(item)
    }

    fn control(&mut self) -> P<ItemKind> {
        let files = self.infiles()?;
        self.eat(Tok::INTO);
        self.expect(Tok::TABLE, "TABLE")?;
        let name = self.object_name_id()?;
        let options = self.p;
        self.loader_options()?;
        let access = self.span(options);
        let columns = if self.at() == Tok::LParen {
            self.loader_fields()?
        } else {
            List::empty()
        };
        let external = Some(External {
            directory: None,
            access,
            locations: files,
        });
        let rest = self.p;
        while self.at() != Tok::Eof {
            self.bump();
        }
        let tail = self.span(rest);
        let table = TableDef {
            name,
            columns,
            constraints: List::empty(),
            temporary: false,
            external,
            index_organized: false,
            query: None,
            partition_by: List::empty(),
            tail,
            clauses: List::empty(),
        };
        Ok(ItemKind::ControlFile(self.ast.add(table)))
    }

    /// Up to INTO TABLE, keeping the names after INFILE.
    fn infiles(&mut self) -> P<List<Expr>> {
        let mark = self.mark::<Expr>();
        while !(self.at() == Tok::INTO && self.nth(1) == Tok::TABLE) {
            match self.at() {
                Tok::Eof => return self.fail("INTO TABLE"),
                Tok::INFILE => {
                    self.bump();
                    let start = self.p;
                    self.bump();
                    self.push(Expr {
                        span: self.span(start),
                        kind: ExprKind::String,
                    });
                }
                _ => self.bump(),
            }
        }
        Ok(self.list(mark))
    }

    /// WHEN, FIELDS TERMINATED BY, TRAILING NULLCOLS and the like up to the field list.
    fn loader_options(&mut self) -> P<()> {
        while !matches!(self.at(), Tok::LParen | Tok::Eof)
            || self.at() == Tok::LParen && self.toks[self.p - 1] == Tok::WHEN
        {
            if self.at() == Tok::LParen {
                self.skip_parens()?;
            } else {
                self.bump();
            }
            if self.at() == Tok::INTO && self.nth(1) == Tok::TABLE {
                break;
            }
        }
        Ok(())
    }

    fn loader_fields(&mut self) -> P<List<ColumnDef>> {
        self.paren_list(|p| {
            let start = p.p;
            let name = p.ident()?;
            let mut ty = None;
            let mut default = None;
            while !matches!(p.at(), Tok::Comma | Tok::RParen | Tok::Eof) {
                match p.at() {
                    Tok::LParen => p.skip_parens()?,
                    Tok::Str | Tok::Quoted
                        if ty.is_none()
                            && matches!(p.toks[p.p - 1], Tok::Ident)
                            && default.is_none() =>
                    {
                        let at = p.p;
                        p.bump();
                        default = Some(p.ast.add(Expr {
                            span: p.span(at),
                            kind: ExprKind::String,
                        }));
                    }
                    t if t.is_name() && ty.is_none() && p.loader_type() => {
                        ty = Some(p.type_ref_id()?)
                    }
                    _ => p.bump(),
                }
            }
            Ok(ColumnDef {
                span: p.span(start),
                name,
                ty,
                default,
                identity: false,
                virtual_: None,
                constraints: List::empty(),
            })
        })
    }

    fn loader_type(&self) -> bool {
        matches!(
            self.at(),
            Tok::CHAR | Tok::DATE | Tok::TIMESTAMP | Tok::INTERVAL | Tok::RAW | Tok::DOUBLE
        ) || [
            "INTEGER", "DECIMAL", "ZONED", "FLOAT", "SMALLINT", "VARCHAR", "VARCHARC", "VARRAW",
            "LOBFILE", "FILLER",
        ]
        .iter()
        .any(|w| self.at_word(w))
            && !self.at_word("FILLER")
    }
}
