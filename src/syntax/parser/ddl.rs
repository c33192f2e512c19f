//! ALTER, COMMENT, GRANT, TRUNCATE, DROP.

use super::*;

impl Parser<'_> {
    pub(super) fn alter(&mut self) -> P<ItemKind> {
        let start = self.p;
        self.bump();
        if self.at() != Tok::TABLE {
            if !self.at().is_name() {
                return self.fail("what to alter");
            }
            return self.ddl(start);
        }
        self.bump();
        self.eat_seq(&[Tok::IF, Tok::EXISTS]);
        let name = self.object_name_id()?;
        let mark = self.mark::<AlterAction>();
        while !self.alter_over() {
            let action = self.alter_action()?;
            self.push(action);
        }
        let actions: List<AlterAction> = self.list(mark);
        if actions.is_empty() {
            return self.fail("an action");
        }
        Ok(ItemKind::AlterTable { name, actions })
    }

    fn alter_over(&self) -> bool {
        matches!(self.at(), Tok::Eof | Tok::Semi)
            || self.at() == Tok::Slash && self.nth(1) == Tok::Eof
    }

    fn alter_action(&mut self) -> P<AlterAction> {
        match (self.at(), self.nth(1)) {
            (Tok::ADD, _) if self.adds_constraint(1) => {
                self.bump();
                self.added_constraint(false)
            }
            (Tok::ADD, Tok::LParen) if self.adds_constraint(2) => {
                self.advance(2);
                self.added_constraint(true)
            }
            (Tok::ADD, Tok::LParen) => {
                self.bump();
                Ok(AlterAction::AddColumns(self.altered_columns()?))
            }
            (Tok::ADD, next) if next.is_name() && !self.adds_other() => {
                self.bump();
                let column = self.added_column()?;
                Ok(AlterAction::AddColumns(self.ast.add_list([column])))
            }
            (Tok::MODIFY, Tok::LParen) => {
                self.bump();
                Ok(AlterAction::ModifyColumns(self.altered_columns()?))
            }
            (Tok::MODIFY, next) if next.is_name() && !self.modifies_other() => {
                self.bump();
                let column = self.added_column()?;
                Ok(AlterAction::ModifyColumns(self.ast.add_list([column])))
            }
            (Tok::DROP, Tok::COLUMN) => {
                self.advance(2);
                self.eat_seq(&[Tok::IF, Tok::EXISTS]);
                let column = self.ident()?;
                let columns = self.ast.add_list([column]);
                self.drop_options();
                Ok(AlterAction::DropColumns(columns))
            }
            (Tok::DROP, Tok::LParen) => {
                self.bump();
                let columns = self.ident_list()?;
                self.drop_options();
                Ok(AlterAction::DropColumns(columns))
            }
            (Tok::RENAME, Tok::COLUMN) => {
                self.advance(2);
                let from = self.ident()?;
                self.expect(Tok::TO, "TO")?;
                Ok(AlterAction::RenameColumn(from, self.ident()?))
            }
            _ => {
                let other = self.alter_other()?;
                Ok(AlterAction::Other(self.ast.add(other)))
            }
        }
    }

    /// An action on partitions, constraints' states, storage: its verb and its settings.
    fn alter_other(&mut self) -> P<Clause> {
        let start = self.p;
        if !self.at().is_name() {
            return self.fail("an action");
        }
        let name = Some(self.ident()?);
        let inner = self.table_settings()?;
        Ok(Clause {
            name,
            inner,
            ..self.bare(ClauseKind::Operation, start)
        })
    }

    fn adds_constraint(&self, n: usize) -> bool {
        matches!(
            (self.nth(n), self.nth(n + 1)),
            (Tok::CONSTRAINT, _)
                | (Tok::PRIMARY | Tok::FOREIGN, Tok::KEY)
                | (Tok::UNIQUE | Tok::CHECK, Tok::LParen)
        )
    }

    /// ADD PARTITION, ADD SUPPLEMENTAL LOG and other actions that add no column.
    fn adds_other(&self) -> bool {
        matches!(
            self.nth(1),
            Tok::PARTITION | Tok::SUBPARTITION | Tok::OVERFLOW | Tok::PERIOD
        ) || self.nth_word(1, "SUPPLEMENTAL")
            || self.nth_word(1, "HASHING")
    }

    fn modifies_other(&self) -> bool {
        matches!(
            self.nth(1),
            Tok::PARTITION
                | Tok::SUBPARTITION
                | Tok::CONSTRAINT
                | Tok::DEFAULT
                | Tok::LOB
                | Tok::NESTED
                | Tok::PRIMARY
                | Tok::UNIQUE
        ) || self.nth(1) == Tok::VARRAY
    }

    fn added_constraint(&mut self, parens: bool) -> P<AlterAction> {
        let start = self.p;
        let constraint = self.attempt(|p| p.constraint(true));
        let Ok(Some(constraint)) = constraint else {
            if self.failure.at > start {
                return Err(Fail);
            }
            let other = self.alter_other()?;
            return Ok(AlterAction::Other(self.ast.add(other)));
        };
        let id = self.ast.add(constraint);
        if parens {
            while self.eat(Tok::Comma) {
                self.skip_to_comma()?;
            }
            self.expect(Tok::RParen, "`)`")?;
        }
        Ok(AlterAction::AddConstraint(id))
    }

    /// `(column, column, ..)`, with LOB and storage clauses behind it.
    fn altered_columns(&mut self) -> P<List<ColumnDef>> {
        let mark = self.mark::<ColumnDef>();
        self.expect(Tok::LParen, "`(`")?;
        loop {
            if self.at_table_constraint() {
                self.constraint(true)?;
            } else {
                let column = self.column_def()?;
                self.push(column);
            }
            if !self.eat(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RParen, "`,` or `)`")?;
        self.column_storage()?;
        Ok(self.list(mark))
    }

    /// `LOB (..) STORE AS ..` and other storage words up to the next action.
    fn column_storage(&mut self) -> P<()> {
        while !self.alter_over()
            && !matches!(self.at(), Tok::ADD | Tok::MODIFY | Tok::DROP | Tok::RENAME)
        {
            if self.at() == Tok::LParen {
                self.skip_parens()?;
            } else {
                self.bump();
            }
        }
        Ok(())
    }

    /// A column without parentheses ends at the next action.
    fn added_column(&mut self) -> P<ColumnDef> {
        self.eat(Tok::COLUMN);
        self.if_not_exists();
        // The clause words of the next action must not be taken for column options.
        let end = (self.p..self.toks.len())
            .scan(0i32, |depth, i| {
                match self.toks[i] {
                    Tok::LParen => *depth += 1,
                    Tok::RParen => *depth -= 1,
                    _ => {}
                }
                Some((i, *depth))
            })
            .skip(1)
            .find(|(i, depth)| {
                *depth == 0
                    && matches!(
                        self.toks[*i],
                        Tok::ADD | Tok::MODIFY | Tok::DROP | Tok::RENAME
                    )
            })
            .map(|(i, _)| i);
        let Some(end) = end else {
            return self.column_def();
        };
        let saved = std::mem::replace(&mut self.toks[end], Tok::Semi);
        let column = self.column_def();
        self.toks[end] = saved;
        column
    }

    fn drop_options(&mut self) {
        while self.eat_seq(&[Tok::CASCADE, Tok::CONSTRAINTS])
            || self.eat_word("INVALIDATE")
            || self.eat_word("CHECKPOINT")
            || self.eat(Tok::Num)
        {}
    }

    /// COMMENT ON TABLE|COLUMN|.. name IS 'text'.
    pub(super) fn comment(&mut self) -> P<ItemKind> {
        let start = self.p;
        let column = self.nth(2) == Tok::COLUMN;
        let table = self.nth(2) == Tok::TABLE;
        if !column && !table {
            self.bump();
            return self.ddl(start);
        }
        self.advance(2);
        self.bump();
        let name = self.object_name_id()?;
        self.expect(Tok::IS, "IS")?;
        let text = self.expr_id()?;
        Ok(ItemKind::Comment { column, name, text })
    }

    pub(super) fn grant(&mut self) -> P<ItemKind> {
        self.bump();
        let start = self.p;
        let mut depth = 0usize;
        while depth > 0 || !matches!(self.at(), Tok::ON | Tok::TO) {
            match self.at() {
                Tok::Eof | Tok::Semi => return self.fail("TO"),
                Tok::LParen => depth += 1,
                Tok::RParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.bump();
        }
        let privileges = self.span(start);
        let mut object = None;
        if self.eat(Tok::ON) {
            while self.at().is_name() && self.nth(1).is_name() && self.nth(1) != Tok::TO {
                // DIRECTORY d, USER u, JAVA SOURCE s, SCHEMA s ..
                self.bump();
            }
            object = Some(self.object_name_id()?);
            while !matches!(self.at(), Tok::TO | Tok::Eof | Tok::Semi) {
                self.bump();
            }
        }
        self.expect(Tok::TO, "TO")?;
        let to = self.grantees()?;
        self.skip_clauses()?;
        let grant = Grant {
            privileges,
            object,
            to,
        };
        Ok(ItemKind::Grant(self.ast.add(grant)))
    }

    fn grantees(&mut self) -> P<List<Ident>> {
        self.comma_list(|p| {
            while p.at() == Tok::ROLE
                || (matches!(p.at(), Tok::PACKAGE | Tok::PROCEDURE | Tok::FUNCTION)
                    && p.nth(1).is_name())
            {
                p.bump();
            }
            let name = p.object_name()?;
            let last = p.ast.list(name.parts).last().copied();
            last.map_or_else(|| p.fail("a grantee"), Ok)
        })
    }

    pub(super) fn truncate(&mut self) -> P<ItemKind> {
        let start = self.p;
        self.bump();
        if self.at() == Tok::CLUSTER {
            return self.ddl(start);
        }
        self.expect(Tok::TABLE, "TABLE")?;
        let name = self.object_name_id()?;
        self.skip_clauses()?;
        Ok(ItemKind::Truncate(name))
    }

    pub(super) fn drop_(&mut self) -> P<ItemKind> {
        self.bump();
        let table = self.at() == Tok::TABLE;
        if !self.at().is_name() {
            return self.fail("what to drop");
        }
        while self.at().is_name()
            && (self.nth(1).is_name() || self.nth(1) == Tok::Subst)
            && self.kind_word()
        {
            self.bump();
        }
        let name = if self.at().is_name() {
            Some(self.object_name_id()?)
        } else {
            None
        };
        self.skip_clauses()?;
        Ok(ItemKind::Drop { name, table })
    }

    /// Any statement without a node of its own, its verb at `start` and read: the words of its
    /// kind, its name, its clauses by their shape.
    pub(super) fn ddl(&mut self, start: usize) -> P<ItemKind> {
        let verb = self.ident_at(start);
        let from = self.p;
        let (named, typed) = self.ddl_kind(start)?;
        let object = self.span(from);
        if self.at() == Tok::ON && self.toks[self.p - 1] == Tok::LOG {
            self.bump();
        }
        self.eat_seq(&[Tok::IF, Tok::EXISTS]);
        self.if_not_exists();
        let name = if named && self.at().is_name() {
            Some(self.object_name_id()?)
        } else {
            None
        };
        let clauses = if typed {
            self.table_settings()?
        } else {
            self.opaque_settings()?
        };
        let ddl = DdlStmt {
            verb,
            object,
            name,
            clauses,
            statement: None,
        };
        Ok(ItemKind::Ddl(self.ast.add(ddl)))
    }

    /// The words that say what it is about, eaten: whether a name follows them, and whether the
    /// clauses are understood.
    fn ddl_kind(&mut self, start: usize) -> P<(bool, bool)> {
        let verb = self.toks[start];
        match (verb, self.at()) {
            (Tok::ALTER, Tok::SESSION | Tok::SYSTEM) => {
                self.bump();
                return Ok((false, true));
            }
            (Tok::ALTER, Tok::DATABASE) if self.nth(1) != Tok::LINK => {
                self.bump();
                return Ok((false, false));
            }
            (Tok::RENAME, _) => return Ok((true, true)),
            (Tok::REVOKE | Tok::AUDIT | Tok::NOAUDIT | Tok::ADMINISTER, _) => {
                return Ok((false, verb == Tok::REVOKE));
            }
            (Tok::COMMENT, _) => self.bump(),
            _ => {}
        }
        let kind = self.p;
        while self.at().is_name()
            && (self.nth(1).is_name() || self.nth(1) == Tok::Subst)
            && self.kind_word()
            && !matches!(self.at(), Tok::SET | Tok::AS | Tok::IF | Tok::ON)
        {
            self.bump();
        }
        let typed = matches!(
            verb,
            Tok::ANALYZE | Tok::PURGE | Tok::FLASHBACK | Tok::COMMENT | Tok::TRUNCATE
        ) || matches!(
            self.toks[kind],
            Tok::INDEX
                | Tok::SEQUENCE
                | Tok::TRIGGER
                | Tok::PROCEDURE
                | Tok::FUNCTION
                | Tok::PACKAGE
                | Tok::VIEW
                | Tok::TYPE
                | Tok::MATERIALIZED
                | Tok::SYNONYM
                | Tok::DIRECTORY
                | Tok::CONTEXT
                | Tok::ROLE
                | Tok::TABLE
        );
        Ok((true, typed))
    }

    /// Words between DROP and the name.
    fn kind_word(&self) -> bool {
        !matches!(self.at(), Tok::Ident | Tok::Quoted)
            || [
                "USER",
                "PROFILE",
                "EDITION",
                "OPERATOR",
                "OUTLINE",
                "ROLLBACK",
                "PUBLIC",
                "VECTOR",
                "PROPERTY",
                "GRAPH",
                "ANALYTIC",
                "HIERARCHY",
                "POLICY",
                "ZONEMAP",
                "DISKGROUP",
                "RESTORE",
                "POINT",
                "LOCKDOWN",
                "PLUGGABLE",
                "ENV",
                "LOGICAL",
                "SEGMENT",
                "SNAPSHOT",
            ]
            .iter()
            .any(|w| self.at_word(w))
    }
}
