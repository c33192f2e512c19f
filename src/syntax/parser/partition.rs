//! Partitions of tables and indexes, beside the settings around them.

use super::*;

impl Parser<'_> {
    /// Settings among which partitioning is understood, up to the end of the statement or group.
    pub(super) fn table_settings(&mut self) -> P<List<Clause>> {
        let mark = self.mark::<Clause>();
        while !self.settings_end() {
            if self.eat(Tok::Comma) {
                continue;
            }
            let clause = self.table_setting()?;
            self.push(clause);
        }
        Ok(self.list(mark))
    }

    /// `PARTITION BY ..`, the partitions themselves, or a plain setting.
    pub(super) fn table_setting(&mut self) -> P<Clause> {
        match (self.at(), self.nth(1)) {
            (Tok::PARTITION | Tok::SUBPARTITION, Tok::BY) => self.deeper(Self::partitioning),
            (Tok::PARTITION | Tok::SUBPARTITION, next)
                if self.nth(2) == Tok::VALUES || next == Tok::VALUES =>
            {
                self.partition_def()
            }
            (Tok::TABLESPACE, next) if next.is_name() => {
                let start = self.p;
                self.bump();
                let name = Some(self.ident()?);
                Ok(Clause {
                    name,
                    ..self.bare(ClauseKind::Tablespace, start)
                })
            }
            (Tok::LParen, Tok::PARTITION | Tok::SUBPARTITION) => {
                let start = self.p;
                self.bump();
                let inner = self.comma_list(|p| p.deeper(Self::partition_def))?;
                self.expect(Tok::RParen, "`,` or `)`")?;
                Ok(Clause {
                    inner,
                    ..self.bare(ClauseKind::Setting, start)
                })
            }
            _ => self.setting(),
        }
    }

    /// `PARTITION BY method (columns) [INTERVAL (x)] [SUBPARTITION BY ..] [(partitions)]`.
    fn partitioning(&mut self) -> P<Clause> {
        let start = self.p;
        let kind = if self.at() == Tok::PARTITION {
            ClauseKind::Partitioning
        } else {
            ClauseKind::Subpartitioning
        };
        self.advance(2);
        let mut clause = self.bare(kind, start);
        while self.at().is_name() && self.nth(1).is_name() && clause.name.is_none() {
            if self.nth(1) == Tok::HASH {
                // CONSISTENT HASH
                self.bump();
            } else {
                break;
            }
        }
        clause.name = Some(self.ident()?);
        if self.at() == Tok::LParen && self.nth(1) != Tok::PARTITION {
            clause.values = self.paren_list(Self::expr)?;
        }
        let mark = self.mark::<Clause>();
        loop {
            let at = self.p;
            let piece = match (self.at(), self.nth(1)) {
                (Tok::INTERVAL, Tok::LParen) => {
                    self.bump();
                    let value = self.postfixed()?;
                    self.valued(ClauseKind::Interval, at, [value])
                }
                (Tok::SUBPARTITION, _) | (Tok::LParen, Tok::PARTITION | Tok::SUBPARTITION)
                    if kind == ClauseKind::Partitioning =>
                {
                    self.table_setting()?
                }
                _ if self.at_word("STORE")
                    || self.at_word("PARTITIONS")
                    || self.at_word("SUBPARTITIONS")
                    || self.at_word("AUTOMATIC") =>
                {
                    self.setting()?
                }
                _ if self.toks[self.p - 1] != Tok::RParen && self.at() == Tok::IN => {
                    self.setting()?
                }
                _ => break,
            };
            self.push(piece);
        }
        clause.inner = self.list(mark);
        Ok(self.closed_at(start, clause))
    }

    /// `PARTITION [p] [VALUES LESS THAN (..) | VALUES (..)] settings [(subpartitions)]`.
    fn partition_def(&mut self) -> P<Clause> {
        let start = self.p;
        let kind = if self.at() == Tok::SUBPARTITION {
            ClauseKind::SubpartitionDef
        } else {
            ClauseKind::PartitionDef
        };
        self.bump();
        let mut clause = self.bare(kind, start);
        if self.at().is_name() && self.at() != Tok::VALUES {
            clause.name = Some(self.ident()?);
        }
        if self.eat(Tok::VALUES) {
            if self.eat_word("LESS") {
                self.eat_word("THAN");
            }
            if self.at() == Tok::LParen {
                clause.values = self.paren_list(Self::expr)?;
            } else {
                let value = self.postfixed()?;
                clause.values = self.ast.add_list([value]);
            }
        }
        let mark = self.mark::<Clause>();
        while !self.settings_end() && self.at() != Tok::Comma {
            let piece = self.table_setting()?;
            self.push(piece);
        }
        clause.inner = self.list(mark);
        Ok(self.closed_at(start, clause))
    }
}
