//! CREATE TABLE: columns, constraints, where external rows come from; further clauses as tokens.

use super::*;

impl Parser<'_> {
    /// At TABLE.
    pub(super) fn create_table(&mut self, temporary: bool) -> P<ItemKind> {
        self.expect(Tok::TABLE, "TABLE")?;
        self.if_not_exists();
        let name = self.object_name_id()?;
        let mut t = TableDef {
            name,
            columns: List::empty(),
            constraints: List::empty(),
            temporary,
            external: None,
            index_organized: false,
            query: None,
            partition_by: List::empty(),
            tail: self.no_span(),
            clauses: List::empty(),
        };
        self.sharing()?;
        if self.eat(Tok::OF) {
            // Object tables and XMLType tables.
            self.object_name()?;
            self.eat_seq(&[Tok::NOT, Tok::Ident]);
            if self.eat(Tok::Ident) {
                self.eat(Tok::Ident);
            }
        }
        if self.at() == Tok::LParen {
            self.relational(&mut t)?;
        }
        let clauses = self.p;
        self.table_clauses(&mut t)?;
        self.understand(clauses, &mut t);
        Ok(ItemKind::CreateTable(self.ast.add(t)))
    }

    fn relational(&mut self, t: &mut TableDef) -> P<()> {
        self.bump();
        let columns = self.mark::<ColumnDef>();
        let constraints = self.mark::<Constraint>();
        loop {
            if self.at_table_constraint() {
                if let Some(c) = self.constraint(true)? {
                    self.push(c);
                }
            } else if self.at() == Tok::PERIOD && self.nth(1) == Tok::FOR
                || self.at_supplemental()
                || self.at() == Tok::SCN
            {
                self.skip_to_comma()?;
            } else {
                let column = self.column_def()?;
                self.push(column);
            }
            if !self.eat(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RParen, "`,` or `)`")?;
        t.columns = self.list(columns);
        t.constraints = self.list(constraints);
        Ok(())
    }

    fn at_supplemental(&self) -> bool {
        self.at_word("SUPPLEMENTAL") && self.nth(1) == Tok::LOG
    }

    pub(super) fn at_table_constraint(&self) -> bool {
        match (self.at(), self.nth(1)) {
            (Tok::CONSTRAINT, next) => next.is_name(),
            (Tok::PRIMARY | Tok::FOREIGN, Tok::KEY) => true,
            (Tok::UNIQUE | Tok::CHECK, Tok::LParen) => true,
            _ => false,
        }
    }

    /// `name [type] [DEFAULT ..] [AS (..)] [constraints]`.
    pub(super) fn column_def(&mut self) -> P<ColumnDef> {
        let start = self.p;
        let name = self.ident()?;
        let mut c = ColumnDef {
            span: self.no_span(),
            name,
            ty: None,
            default: None,
            identity: false,
            virtual_: None,
            constraints: List::empty(),
        };
        if self.at_column_type() {
            c.ty = Some(self.type_ref_id()?);
        }
        let mark = self.mark::<Constraint>();
        while !matches!(self.at(), Tok::Comma | Tok::RParen | Tok::Semi | Tok::Eof) {
            if matches!(self.at(), Tok::Slash) && self.nth(1) == Tok::Eof {
                break;
            }
            self.column_clause(&mut c)?;
        }
        c.constraints = self.list(mark);
        c.span = self.span(start);
        Ok(c)
    }

    fn at_column_type(&self) -> bool {
        match self.at() {
            Tok::GENERATED
            | Tok::AS
            | Tok::CONSTRAINT
            | Tok::NOT
            | Tok::NULL
            | Tok::DEFAULT
            | Tok::CHECK
            | Tok::UNIQUE
            | Tok::PRIMARY
            | Tok::REFERENCES
            | Tok::VISIBLE
            | Tok::INVISIBLE
            | Tok::ENCRYPT => false,
            _ if self.at_word("SORT") || self.at_word("DECRYPT") => false,
            t => t.is_name(),
        }
    }

    fn column_clause(&mut self, c: &mut ColumnDef) -> P<()> {
        match (self.at(), self.nth(1)) {
            (Tok::DEFAULT, _) => {
                self.bump();
                if self.eat(Tok::ON) {
                    // DEFAULT ON NULL [FOR INSERT [AND UPDATE]|ONLY]
                    self.eat(Tok::NULL);
                    if self.eat(Tok::FOR) {
                        self.bump();
                        if self.eat(Tok::AND) {
                            self.bump();
                        }
                        self.eat(Tok::ONLY);
                    }
                }
                c.default = Some(self.sum_id()?);
            }
            (Tok::GENERATED, _) => self.generated(c)?,
            (Tok::AS, Tok::LParen) => {
                self.bump();
                c.virtual_ = Some(self.expr_id()?);
            }
            (Tok::AS, Tok::IDENTITY) => {
                self.bump();
                self.identity(c)?;
            }
            (Tok::COLLATE, _) => {
                self.bump();
                self.ident()?;
            }
            _ if self.at_inline_constraint() => {
                if let Some(k) = self.constraint(false)? {
                    self.push(k);
                }
            }
            (Tok::VIRTUAL | Tok::VISIBLE | Tok::INVISIBLE | Tok::ENABLE | Tok::DISABLE, _) => {
                self.bump()
            }
            (Tok::LParen, _) => self.skip_parens()?,
            (t, _)
                if t.is_name()
                    || t == Tok::Str
                    || t == Tok::Eq
                    || t == Tok::Num
                    || t == Tok::Dot =>
            {
                self.bump()
            }
            _ => return self.fail("a column clause, `,` or `)`"),
        }
        Ok(())
    }

    /// `GENERATED ALWAYS AS (..) VIRTUAL`, `GENERATED BY DEFAULT [ON NULL] AS IDENTITY (..)`.
    fn generated(&mut self, c: &mut ColumnDef) -> P<()> {
        self.bump();
        while !matches!(
            self.at(),
            Tok::AS | Tok::Comma | Tok::RParen | Tok::Semi | Tok::Eof
        ) {
            self.bump();
        }
        self.expect(Tok::AS, "AS")?;
        if self.at() == Tok::IDENTITY {
            return self.identity(c);
        }
        if self.at() == Tok::LParen {
            c.virtual_ = Some(self.expr_id()?);
        }
        Ok(())
    }

    fn identity(&mut self, c: &mut ColumnDef) -> P<()> {
        self.bump();
        c.identity = true;
        if self.at() == Tok::LParen {
            self.skip_parens()?;
        }
        Ok(())
    }

    fn at_inline_constraint(&self) -> bool {
        match (self.at(), self.nth(1)) {
            (Tok::CONSTRAINT, _)
            | (Tok::NULL, _)
            | (Tok::NOT, Tok::NULL)
            | (Tok::PRIMARY, Tok::KEY) => true,
            (Tok::UNIQUE | Tok::REFERENCES, _) | (Tok::CHECK, Tok::LParen) => true,
            _ => false,
        }
    }

    /// One constraint with its state; None for kinds that say nothing about rows (SCOPE, DOMAIN).
    pub(super) fn constraint(&mut self, table_level: bool) -> P<Option<Constraint>> {
        let start = self.p;
        let name = if self.eat(Tok::CONSTRAINT) {
            Some(self.ident()?)
        } else {
            None
        };
        let mut columns = List::empty();
        let kind = match (self.at(), self.nth(1)) {
            (Tok::NOT, Tok::NULL) => {
                self.advance(2);
                ConstraintKind::NotNull
            }
            (Tok::NULL, _) => {
                self.bump();
                ConstraintKind::Null
            }
            (Tok::PRIMARY, Tok::KEY) => {
                self.advance(2);
                columns = self.key_columns(table_level)?;
                ConstraintKind::PrimaryKey
            }
            (Tok::UNIQUE, _) => {
                self.bump();
                columns = self.key_columns(table_level)?;
                ConstraintKind::Unique
            }
            (Tok::FOREIGN, Tok::KEY) => {
                self.advance(2);
                columns = self.column_names()?;
                self.references()?
            }
            (Tok::REFERENCES, _) => self.references()?,
            (Tok::CHECK, Tok::LParen) => {
                self.bump();
                let check = self.expr_id()?;
                ConstraintKind::Check(check)
            }
            _ => {
                self.skip_to_comma()?;
                return Ok(None);
            }
        };
        self.constraint_state()?;
        Ok(Some(Constraint {
            span: self.span(start),
            name,
            kind,
            columns,
        }))
    }

    fn key_columns(&mut self, table_level: bool) -> P<List<Ident>> {
        if table_level && self.at() == Tok::LParen {
            self.column_names()
        } else {
            Ok(List::empty())
        }
    }

    fn references(&mut self) -> P<ConstraintKind> {
        self.expect(Tok::REFERENCES, "REFERENCES")?;
        let table = self.object_name_id()?;
        let columns = if self.at() == Tok::LParen {
            self.ident_list()?
        } else {
            List::empty()
        };
        if self.at() == Tok::ON && self.nth(1) == Tok::DELETE {
            self.advance(2);
            if self.eat(Tok::SET) {
                self.expect(Tok::NULL, "NULL")?;
            } else {
                self.expect(Tok::CASCADE, "CASCADE or SET NULL")?;
            }
        }
        Ok(ConstraintKind::References { table, columns })
    }

    /// DEFERRABLE, ENABLE NOVALIDATE, RELY, USING INDEX .., EXCEPTIONS INTO ..
    fn constraint_state(&mut self) -> P<()> {
        loop {
            match (self.at(), self.nth(1)) {
                (Tok::NOT, Tok::DEFERRABLE) | (Tok::INITIALLY, _) => self.advance(2),
                (
                    Tok::DEFERRABLE | Tok::ENABLE | Tok::DISABLE | Tok::VALIDATE | Tok::NOVALIDATE,
                    _,
                ) => self.bump(),
                (Tok::EXCEPTIONS, Tok::INTO) => {
                    self.advance(2);
                    self.object_name()?;
                }
                (Tok::USING, Tok::INDEX) => {
                    self.advance(2);
                    self.using_index()?;
                }
                _ if self.at_word("RELY")
                    || self.at_word("NORELY")
                    || self.at_word("PRECHECK")
                    || self.at_word("NOPRECHECK") =>
                {
                    self.bump()
                }
                _ => return Ok(()),
            }
        }
    }

    /// Index name, CREATE INDEX in parentheses, or storage words.
    fn using_index(&mut self) -> P<()> {
        if self.at() == Tok::LParen {
            self.skip_parens()?;
        } else if self.at() == Tok::Quoted
            || self.at() == Tok::Ident && !is_storage(self.text(self.p))
        {
            self.object_name()?;
        }
        loop {
            match self.at() {
                Tok::TABLESPACE => {
                    self.bump();
                    self.ident()?;
                }
                Tok::LOCAL
                | Tok::GLOBAL
                | Tok::REVERSE
                | Tok::COMPRESS
                | Tok::LOGGING
                | Tok::Num
                | Tok::PARTITION
                | Tok::VISIBLE
                | Tok::INVISIBLE => self.bump(),
                Tok::LParen => self.skip_parens()?,
                Tok::Ident if is_storage(self.text(self.p)) => self.bump(),
                _ => return Ok(()),
            }
        }
    }

    // --- clauses behind the columns -------------------------------------------------------

    /// Reads the tokens of the clauses from `from` on once more, as clauses.
    fn understand(&mut self, from: usize, t: &mut TableDef) {
        let end = std::mem::replace(&mut self.p, from);
        if self.p < end && t.external.is_none() {
            let read = self.attempt(|p| {
                let mark = p.mark::<Clause>();
                while !p.settings_end()
                    && !(p.at() == Tok::AS
                        && matches!(p.nth(1), Tok::SELECT | Tok::WITH | Tok::LParen))
                {
                    let clause = p.table_setting()?;
                    p.push(clause);
                }
                Ok(p.list(mark))
            });
            if let Ok(clauses) = read {
                t.clauses = clauses;
            }
        }
        self.p = end;
    }

    fn table_clauses(&mut self, t: &mut TableDef) -> P<()> {
        let start = self.p;
        let mut depth = 0usize;
        loop {
            match (self.at(), self.nth(1)) {
                (Tok::Eof | Tok::Semi, _) if depth == 0 => break,
                (Tok::Slash, Tok::Eof) if depth == 0 => break,
                (Tok::Eof | Tok::Semi | Tok::Unknown, _) => return self.fail("`)`"),
                (Tok::LParen, _) => depth += 1,
                (Tok::RParen, _) if depth == 0 => return self.fail("`;`"),
                (Tok::RParen, _) => depth -= 1,
                (Tok::AS, next)
                    if depth == 0
                        && (matches!(next, Tok::SELECT | Tok::WITH)
                            || next == Tok::LParen
                                && matches!(
                                    self.nth(2),
                                    Tok::SELECT | Tok::WITH | Tok::LParen
                                )) =>
                {
                    t.tail = self.span(start);
                    self.bump();
                    t.query = Some(self.query_id()?);
                    self.skip_clauses()?;
                    return Ok(());
                }
                (Tok::ORGANIZATION, Tok::EXTERNAL) => {
                    self.advance(2);
                    t.external = Some(self.external()?);
                    continue;
                }
                (Tok::ORGANIZATION, Tok::INDEX) => t.index_organized = true,
                (Tok::PARTITION, Tok::BY) if depth == 0 && self.nth(3) == Tok::LParen => {
                    self.partition_by(t)?
                }
                _ => {}
            }
            self.bump();
        }
        t.tail = self.span(start);
        Ok(())
    }

    /// `PARTITION BY RANGE (a, b)`: moves onto the opening parenthesis' predecessor's list when its elements are plain columns.
    fn partition_by(&mut self, t: &mut TableDef) -> P<()> {
        self.advance(3);
        if let Ok(columns) = self.attempt(Self::ident_list) {
            t.partition_by = columns;
        } else {
            self.skip_parens()?;
        }
        self.p -= 1;
        Ok(())
    }

    /// `( [TYPE t] DEFAULT DIRECTORY d ACCESS PARAMETERS (..) LOCATION (..) )`.
    fn external(&mut self) -> P<External> {
        let mut e = External {
            directory: None,
            access: self.no_span(),
            locations: List::empty(),
        };
        self.expect(Tok::LParen, "`(`")?;
        while self.at() != Tok::RParen {
            match (self.at(), self.nth(1)) {
                (Tok::DEFAULT, Tok::DIRECTORY) => {
                    self.advance(2);
                    e.directory = Some(self.ident()?);
                }
                (Tok::PARAMETERS, Tok::LParen) => {
                    self.advance(2);
                    let inner = self.p;
                    self.skip_to_close()?;
                    e.access = self.span(inner);
                    self.bump();
                }
                (Tok::LOCATION, Tok::LParen) => {
                    self.bump();
                    e.locations = self.locations()?;
                }
                (Tok::LParen, _) => self.skip_parens()?,
                (Tok::Eof | Tok::Semi, _) => return self.fail("`)`"),
                _ => self.bump(),
            }
        }
        self.bump();
        Ok(e)
    }

    /// `('a.csv', dir:'b.csv')`.
    fn locations(&mut self) -> P<List<Expr>> {
        self.bump();
        let mark = self.mark::<Expr>();
        while self.at() != Tok::RParen {
            match self.at() {
                Tok::Str => {
                    let start = self.p;
                    self.bump();
                    self.push(Expr {
                        span: self.span(start),
                        kind: ExprKind::String,
                    });
                }
                Tok::Eof | Tok::Semi => return self.fail("`)`"),
                _ => self.bump(),
            }
        }
        self.bump();
        Ok(self.list(mark))
    }
}

fn is_storage(word: &str) -> bool {
    [
        "PCTFREE",
        "PCTUSED",
        "INITRANS",
        "MAXTRANS",
        "STORAGE",
        "NOLOGGING",
        "COMPUTE",
        "STATISTICS",
        "NOCOMPRESS",
        "NOPARALLEL",
        "PARALLEL",
        "ONLINE",
        "NOREVERSE",
        "NOSORT",
        "UNUSABLE",
        "SORT",
        "ADVANCED",
        "LOW",
        "HIGH",
    ]
    .iter()
    .any(|w| w.eq_ignore_ascii_case(word))
}
