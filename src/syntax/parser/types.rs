//! Data types.

use super::*;

impl Parser<'_> {
    pub(super) fn type_ref_id(&mut self) -> P<Id<TypeRef>> {
        let ty = self.type_ref()?;
        Ok(self.ast.add(ty))
    }

    /// A data type with its arguments.
    pub(super) fn type_ref(&mut self) -> P<TypeRef> {
        let start = self.p;
        if self.at() == Tok::INTERVAL && matches!(self.nth(1), Tok::YEAR | Tok::DAY) {
            let year = self.nth(1) == Tok::YEAR;
            self.bump();
            self.interval_fields()?;
            let kind = if year {
                TypeKind::IntervalYearToMonth
            } else {
                TypeKind::IntervalDayToSecond
            };
            return Ok(TypeRef {
                span: self.span(start),
                kind,
            });
        }
        let reference = self.at() == Tok::REF && self.nth(1).is_name();
        if reference {
            self.bump();
        }
        let name = self.type_name()?;
        if self.at() == Tok::Percent {
            let kind = match self.nth(1) {
                Tok::TYPE => TypeKind::OfColumn(name),
                Tok::ROWTYPE => TypeKind::OfRow(name),
                _ => return self.fail("%TYPE or %ROWTYPE"),
            };
            self.advance(2);
            return Ok(TypeRef {
                span: self.span(start),
                kind,
            });
        }
        let args = self.type_args()?;
        let zone = self.type_zone()?;
        self.type_charset()?;
        let (precision, star, scale, char_semantics) = args;
        let kind = TypeKind::Named {
            name,
            precision,
            star,
            scale,
            char_semantics,
            zone,
            reference,
        };
        Ok(TypeRef {
            span: self.span(start),
            kind,
        })
    }

    /// The name; types of several words have one part a word.
    fn type_name(&mut self) -> P<Id<ObjectName>> {
        let words = match (self.at(), self.nth(1), self.nth(2)) {
            (Tok::NATIONAL, _, Tok::VARYING) => 3,
            (Tok::NATIONAL, _, _) | (Tok::DOUBLE, Tok::PRECISION, _) | (Tok::LONG, Tok::RAW, _) => {
                2
            }
            (Tok::CHARACTER | Tok::CHAR, Tok::VARYING, _) => 2,
            _ => {
                if matches!(
                    self.at(),
                    Tok::NOT
                        | Tok::NULL
                        | Tok::DEFAULT
                        | Tok::IS
                        | Tok::AS
                        | Tok::BEGIN
                        | Tok::END
                        | Tok::SELECT
                ) {
                    return self.fail("a data type");
                }
                return self.object_name_id();
            }
        };
        let mark = self.mark::<Ident>();
        for _ in 0..words {
            let part = self.ident()?;
            self.push(part);
        }
        let name = ObjectName {
            parts: self.list(mark),
            link: Link::default(),
        };
        Ok(self.ast.add(name))
    }

    /// `(10)`, `(10 CHAR)`, `(38, -2)`, `(*, 0)`; anything else is stepped over.
    #[allow(clippy::type_complexity)]
    fn type_args(&mut self) -> P<(Option<u32>, bool, Option<i32>, Option<bool>)> {
        if self.at() != Tok::LParen {
            return Ok((None, false, None, None));
        }
        let open = self.p;
        self.bump();
        let star = self.eat(Tok::Star);
        let precision = if star {
            None
        } else {
            self.small_number().and_then(|n| u32::try_from(n).ok())
        };
        let char_semantics = match self.at() {
            Tok::CHAR => Some(true),
            Tok::BYTE => Some(false),
            _ => None,
        };
        self.advance(usize::from(char_semantics.is_some()));
        let scale = if self.eat(Tok::Comma) {
            self.small_number()
        } else {
            None
        };
        if !self.eat(Tok::RParen) {
            self.p = open;
            self.skip_parens()?;
        }
        Ok((precision, star, scale, char_semantics))
    }

    fn small_number(&mut self) -> Option<i32> {
        let minus = self.at() == Tok::Minus && self.nth(1) == Tok::Num;
        self.advance(usize::from(minus));
        if self.at() != Tok::Num {
            return None;
        }
        let n: i32 = self.text(self.p).parse().ok()?;
        self.bump();
        Some(if minus { -n } else { n })
    }

    fn type_zone(&mut self) -> P<TimeZoneKind> {
        if self.eat_seq(&[Tok::WITH, Tok::TIME, Tok::ZONE]) {
            return Ok(TimeZoneKind::Zone);
        }
        if self.eat_seq(&[Tok::WITH, Tok::LOCAL, Tok::TIME, Tok::ZONE]) {
            return Ok(TimeZoneKind::Local);
        }
        Ok(TimeZoneKind::None)
    }

    /// `CHARACTER SET ANY_CS`, `CHARACTER SET x%CHARSET`, `CHARACTER SET name`.
    fn type_charset(&mut self) -> P<()> {
        if self.eat_seq(&[Tok::CHARACTER, Tok::SET]) {
            self.object_name()?;
            self.eat_seq(&[Tok::Percent, Tok::CHARSET]);
        }
        Ok(())
    }
}
