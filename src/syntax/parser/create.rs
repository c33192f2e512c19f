//! CREATE: what is created; packages, types, routines, views and the short forms.

use super::*;

impl Parser<'_> {
    pub(super) fn create(&mut self) -> P<ItemKind> {
        let start = self.p;
        self.bump();
        loop {
            match self.at() {
                Tok::OR if self.nth(1) == Tok::REPLACE => self.advance(2),
                Tok::AND if matches!(self.nth(1), Tok::RESOLVE | Tok::COMPILE) => self.advance(2),
                Tok::EDITIONABLE
                | Tok::NONEDITIONABLE
                | Tok::NOFORCE
                | Tok::FORCE
                | Tok::EDITIONING => self.bump(),
                Tok::Subst if self.nth(1).is_name() => self.bump(),
                Tok::NO if self.nth(1) == Tok::FORCE => self.advance(2),
                _ => break,
            }
        }
        if matches!(
            self.at(),
            Tok::PACKAGE | Tok::PROCEDURE | Tok::FUNCTION | Tok::TRIGGER | Tok::TYPE
        ) {
            return self.create_plsql(start);
        }
        self.create_anyway(start)
    }

    pub(super) fn if_not_exists(&mut self) {
        self.eat_seq(&[Tok::IF, Tok::NOT, Tok::EXISTS]);
    }

    /// `SHARING = METADATA|NONE|..`, `DEFAULT COLLATION x`.
    pub(super) fn sharing(&mut self) -> P<()> {
        loop {
            if self.eat(Tok::SHARING) {
                self.expect(Tok::Eq, "`=`")?;
                self.ident()?;
            } else if self.at() == Tok::DEFAULT && self.nth_word(1, "COLLATION") {
                self.advance(2);
                self.ident()?;
            } else {
                return Ok(());
            }
        }
    }

    /// PACKAGE, PROCEDURE, FUNCTION, TRIGGER, TYPE; also without CREATE, as the dictionary stores them.
    pub(super) fn create_plsql(&mut self, start: usize) -> P<ItemKind> {
        let tok = self.at();
        self.bump();
        match tok {
            Tok::TRIGGER => self.trigger(),
            Tok::PACKAGE => self.package(start),
            Tok::TYPE => self.create_type(),
            _ => {
                self.if_not_exists();
                self.junk_before_name();
                let name = self.object_name()?;
                let parts = self.ast.list(name.parts);
                let owner = if parts.len() > 1 {
                    parts.first().copied()
                } else {
                    None
                };
                let Some(last) = parts.last().copied() else {
                    return self.fail("a name");
                };
                let mark = self.mark::<Clause>();
                let (routine, _) = self.routine_rest(start, last, tok == Tok::FUNCTION, mark)?;
                Ok(ItemKind::CreateRoutine {
                    owner,
                    routine: self.ast.add(routine),
                })
            }
        }
    }

    // --- packages -----------------------------------------------------------------------

    fn package(&mut self, start: usize) -> P<ItemKind> {
        let body = self.at() == Tok::BODY
            && self.nth(1).is_name()
            && !matches!(self.nth(1), Tok::IS | Tok::AS);
        self.advance(usize::from(body));
        self.if_not_exists();
        let name = self.object_name_id()?;
        let own = self.ast.list(self.ast[name].parts).last().map(|i| i.name);
        while !matches!(self.at(), Tok::IS | Tok::AS | Tok::Eof | Tok::Semi) {
            if self.at() == Tok::LParen {
                self.skip_parens()?;
            } else if super::name::is_of_blocks(self.at())
                && !matches!(self.at(), Tok::PROCEDURE | Tok::FUNCTION)
            {
                return self.fail("IS or AS");
            } else {
                self.bump();
            }
        }
        if !self.eat(Tok::IS) {
            self.expect(Tok::AS, "IS or AS")?;
        }
        self.open(Frame::Package, start, own);
        let decls = self.package_decls();
        if !body {
            self.close(None);
            return Ok(ItemKind::CreatePackage { name, decls });
        }
        let mut init = None;
        if self.at() == Tok::BEGIN {
            // The initialiser shares its END with the package.
            self.frames.pop();
            let (block, _) = self.block_rest(self.p, Frame::Routine, own, List::empty());
            init = Some(self.ast.add(block));
        } else {
            self.close(None);
        }
        Ok(ItemKind::CreatePackageBody { name, decls, init })
    }

    /// Declarations up to the package's own END: whatever stands between is not its end.
    fn package_decls(&mut self) -> List<Decl> {
        let mark = self.mark::<Decl>();
        loop {
            let decls = self.declarations();
            let copies: Vec<Decl> = self.ast.list(decls).to_vec();
            copies.into_iter().for_each(|d| self.push(d));
            if !self.stray_in_package() {
                return self.list(mark);
            }
            let start = self.p;
            self.failure = Failure {
                at: start,
                code: Code::Syntax,
                expected: "a declaration",
            };
            let span = self.give_up(start);
            self.push(Decl {
                span,
                kind: DeclKind::Unparsed,
            });
        }
    }

    /// An END, ELSE or directive inside a package that does not end it: declarations go on behind it.
    fn stray_in_package(&self) -> bool {
        match self.at() {
            Tok::DElse | Tok::DElsif | Tok::DEnd => true,
            Tok::END => {
                let semi = if self.nth(1) == Tok::Semi { 1 } else { 2 };
                let next = self.nth(semi + 1);
                self.nth(semi) == Tok::Semi
                    && (matches!(next, Tok::PROCEDURE | Tok::FUNCTION | Tok::END)
                        || matches!(self.nth(1), Tok::IF | Tok::LOOP | Tok::CASE))
            }
            _ => false,
        }
    }

    // --- types --------------------------------------------------------------------------

    fn create_type(&mut self) -> P<ItemKind> {
        if self.at() == Tok::BODY && self.nth(1).is_name() {
            return self.type_body();
        }
        self.if_not_exists();
        let name = self.object_name_id()?;
        let (mark, methods) = (self.mark::<Clause>(), self.mark::<Decl>());
        self.routine_options();
        while !matches!(self.at(), Tok::IS | Tok::AS | Tok::UNDER)
            && !self.settings_end()
            && !(self.at() == Tok::OBJECT && self.nth(1) == Tok::LParen)
        {
            let setting = self.setting()?;
            self.push(setting);
        }
        let (mut attributes, mut collection_of) = (List::empty(), None);
        if !self.eat(Tok::IS) {
            self.eat(Tok::AS);
        }
        match self.at() {
            Tok::OBJECT | Tok::UNDER => attributes = self.object_type()?,
            Tok::TABLE | Tok::VARRAY | Tok::VARYING => {
                let at = self.p;
                let (of, limit) = self.collection_of()?;
                collection_of = Some(of);
                if let Some(limit) = limit {
                    let limit = self.ast[limit];
                    let limit = self.valued(ClauseKind::Setting, at, [limit]);
                    self.push(limit);
                }
                self.type_options();
            }
            Tok::OPAQUE | Tok::LANGUAGE => {
                let at = self.p;
                self.opaque += 1;
                self.skip_clauses()?;
                self.push(self.bare(ClauseKind::Opaque, at));
            }
            Tok::Semi | Tok::Eof | Tok::Slash => {}
            _ => return self.fail("OBJECT, UNDER, TABLE OF or VARRAY"),
        }
        Ok(ItemKind::CreateType {
            name,
            attributes,
            collection_of,
            methods: self.list(methods),
            clauses: self.list(mark),
        })
    }

    /// `[NOT] FINAL`, `[NOT] INSTANTIABLE`, `[NOT] PERSISTABLE` and the like.
    fn type_options(&mut self) {
        while matches!(
            self.at(),
            Tok::NOT | Tok::FINAL | Tok::INSTANTIABLE | Tok::PERSISTABLE
        ) {
            let words = self.words(1 + usize::from(self.at() == Tok::NOT));
            self.push(words);
        }
    }

    fn object_type(&mut self) -> P<List<FieldDef>> {
        let at = self.p;
        self.eat(Tok::OBJECT);
        if self.eat(Tok::UNDER) {
            let object = Some(self.object_name_id()?);
            let under = Clause {
                object,
                ..self.bare(ClauseKind::Under, at)
            };
            self.push(under);
        }
        if self.at() == Tok::EXTERNAL {
            while !matches!(self.at(), Tok::LParen | Tok::Semi | Tok::Eof) {
                self.bump();
            }
        }
        let mark = self.mark::<FieldDef>();
        if self.eat(Tok::LParen) {
            loop {
                self.type_member()?;
                if !self.eat(Tok::Comma) {
                    break;
                }
            }
            self.expect(Tok::RParen, "`,` or `)`")?;
        }
        self.type_options();
        Ok(self.list(mark))
    }

    /// An attribute, which is kept, or a method's specification or pragma, which are read over.
    fn type_member(&mut self) -> P<()> {
        let method = matches!(
            self.at(),
            Tok::MEMBER
                | Tok::STATIC
                | Tok::MAP
                | Tok::ORDER
                | Tok::CONSTRUCTOR
                | Tok::OVERRIDING
                | Tok::FINAL
                | Tok::INSTANTIABLE
                | Tok::NOT
        ) && matches!(
            self.nth(1),
            Tok::PROCEDURE
                | Tok::FUNCTION
                | Tok::MEMBER
                | Tok::STATIC
                | Tok::FINAL
                | Tok::INSTANTIABLE
                | Tok::OVERRIDING
                | Tok::CONSTRUCTOR
                | Tok::NOT
                | Tok::MAP
                | Tok::ORDER
        );
        if method {
            let start = self.p;
            let (routine, _) = self.routine()?;
            let kind = DeclKind::Routine(self.ast.add(routine));
            let span = self.span(start);
            self.push(Decl { span, kind });
            return Ok(());
        }
        if self.at() == Tok::PRAGMA {
            let start = self.p;
            let kind = self.pragma_decl()?;
            let span = self.span(start);
            self.push(Decl { span, kind });
            return Ok(());
        }
        let name = self.ident()?;
        let ty = self.type_ref_id()?;
        if self.eat(Tok::EXTERNAL) {
            while !matches!(self.at(), Tok::Comma | Tok::RParen | Tok::Semi | Tok::Eof) {
                self.bump();
            }
        }
        self.push(FieldDef {
            name,
            ty,
            default: None,
            not_null: false,
        });
        Ok(())
    }

    fn type_body(&mut self) -> P<ItemKind> {
        let start = self.p;
        self.bump();
        self.if_not_exists();
        let name = self.object_name_id()?;
        let own = self.ast.list(self.ast[name].parts).last().map(|i| i.name);
        self.sharing()?;
        if !self.eat(Tok::IS) {
            self.expect(Tok::AS, "IS or AS")?;
        }
        self.open(Frame::Package, start, own);
        let decls = self.package_decls();
        self.close(None);
        Ok(ItemKind::CreateTypeBody { name, decls })
    }

    // --- SQL objects --------------------------------------------------------------------

    fn create_sql(&mut self, start: usize) -> P<ItemKind> {
        let public = self.at() == Tok::PUBLIC;
        let unique = self.at() == Tok::UNIQUE;
        match (self.at(), self.nth(1)) {
            (Tok::TABLE, _) => self.create_table(false),
            (Tok::GLOBAL | Tok::PRIVATE, Tok::TEMPORARY) => {
                self.advance(2);
                self.create_table(true)
            }
            (Tok::Ident, Tok::TABLE) | (Tok::IMMUTABLE | Tok::JSON, Tok::TABLE) => {
                self.bump();
                self.create_table(false)
            }
            (Tok::IMMUTABLE, _) if self.nth(2) == Tok::TABLE => {
                self.advance(2);
                self.create_table(false)
            }
            (Tok::VIEW, _) => self.create_view(false),
            (Tok::MATERIALIZED, Tok::VIEW) if self.nth(2) != Tok::LOG => {
                self.bump();
                self.create_view(true)
            }
            (Tok::Ident, next) if self.at_word("SNAPSHOT") && next != Tok::LOG => {
                // Its name before 8i.
                self.create_view(true)
            }
            (Tok::Ident, _) if self.at_word("SNAPSHOT") => self.ddl(start),
            (Tok::INDEX, _) => self.create_index(false),
            (Tok::UNIQUE | Tok::BITMAP | Tok::MULTISET, Tok::INDEX) => {
                self.bump();
                self.create_index(unique)
            }
            (Tok::SEQUENCE, _) => {
                self.bump();
                self.if_not_exists();
                let name = self.object_name_id()?;
                let settings = self.settings()?;
                Ok(ItemKind::CreateSequence(name, settings))
            }
            (Tok::SYNONYM, _) | (Tok::PUBLIC, Tok::SYNONYM) => {
                self.advance(1 + usize::from(public));
                self.if_not_exists();
                let name = self.object_name_id()?;
                self.sharing()?;
                self.expect(Tok::FOR, "FOR")?;
                let target = self.object_name_id()?;
                Ok(ItemKind::CreateSynonym {
                    name,
                    public,
                    target,
                })
            }
            (Tok::DATABASE, Tok::LINK) | (Tok::PUBLIC | Tok::SHARED, _)
                if self.nth(usize::from(self.at() != Tok::DATABASE)) == Tok::DATABASE
                    || self.nth(1) == Tok::PUBLIC =>
            {
                self.create_link()
            }
            (t, _) if t.is_name() && self.creatable() => self.ddl(start),
            _ => self.fail("what to create"),
        }
    }

    /// What CREATE can create and is kept as tokens.
    fn creatable(&self) -> bool {
        const OTHERS: &[&str] = &[
            "AUDIT",
            "CLUSTER",
            "CONTEXT",
            "CONTROLFILE",
            "DATABASE",
            "DIMENSION",
            "DIRECTORY",
            "DISKGROUP",
            "DOMAIN",
            "EDITION",
            "FLASHBACK",
            "HIERARCHY",
            "ANALYTIC",
            "ATTRIBUTE",
            "INDEXTYPE",
            "INMEMORY",
            "JAVA",
            "LIBRARY",
            "LOCKDOWN",
            "LOGICAL",
            "MATERIALIZED",
            "MLE",
            "OPERATOR",
            "OUTLINE",
            "PFILE",
            "PLUGGABLE",
            "PMEM",
            "PROFILE",
            "PROPERTY",
            "PUBLIC",
            "PRIVATE",
            "RESTORE",
            "ROLE",
            "ROLLBACK",
            "SCHEMA",
            "SPFILE",
            "TABLESPACE",
            "TEMPORARY",
            "BIGFILE",
            "SMALLFILE",
            "UNDO",
            "USER",
            "VECTOR",
            "JSON",
            "CLEAN",
            "SHARED",
            "USECASE",
            "TRUE",
            "BITMAP",
            "MULTIVALUE",
            "SEARCH",
            "HYBRID",
            "LOCAL",
            "NO",
            "DATA",
            "FORCE",
            "DATAFILE",
            "ASSERTION",
            "MANDATORY",
            "FLEXIBLE",
        ];
        OTHERS
            .iter()
            .any(|w| self.text(self.p).eq_ignore_ascii_case(w))
    }

    /// A broken header: PACKAGE, PROCEDURE, FUNCTION, TRIGGER or TYPE stands a few words further,
    /// so that its body is read all the same.
    fn create_anyway(&mut self, start: usize) -> P<ItemKind> {
        let read = self.attempt(|p| p.create_sql(start));
        if let Ok(kind) = read {
            return Ok(kind);
        }
        let kind = |t: Tok| {
            matches!(
                t,
                Tok::PACKAGE | Tok::PROCEDURE | Tok::FUNCTION | Tok::TRIGGER | Tok::TYPE
            )
        };
        if self.at() == Tok::BODY && self.nth(1).is_name() {
            self.report();
            return self.package(start);
        }
        let Some(n) = (0..6).find(|n| kind(self.nth(*n)) && self.nth(n + 1).is_name()) else {
            return Err(Fail);
        };
        self.failure.at = self.p;
        self.report();
        self.advance(n);
        let span = self.span(start);
        self.not_understood(span);
        self.create_plsql(start)
    }

    fn create_link(&mut self) -> P<ItemKind> {
        while matches!(
            self.at(),
            Tok::SHARED | Tok::PUBLIC | Tok::DATABASE | Tok::LINK
        ) {
            self.bump();
        }
        self.if_not_exists();
        let name = self.object_name_id()?;
        let settings = self.settings()?;
        Ok(ItemKind::CreateDbLink(name, settings))
    }

    /// `VIEW name [(aliases)] options AS query [WITH ..]`.
    fn create_view(&mut self, materialized: bool) -> P<ItemKind> {
        self.bump();
        self.if_not_exists();
        let name = self.object_name_id()?;
        let columns = if self.at() == Tok::LParen {
            self.view_columns()?
        } else {
            List::empty()
        };
        let mark = self.mark::<Clause>();
        while !(self.at() == Tok::AS
            && matches!(self.nth(1), Tok::SELECT | Tok::WITH | Tok::LParen))
        {
            if self.settings_end() {
                return self.fail("AS");
            }
            let clause = self.table_setting()?;
            self.push(clause);
        }
        self.bump();
        let query = Some(self.query_id()?);
        let check = self.p;
        self.with_check()?;
        if self.p > check {
            self.push(self.bare(ClauseKind::Words, check));
        }
        let clauses = self.list(mark);
        if self.at_word("CONTAINER_MAP") || self.at_word("CONTAINERS_DEFAULT") {
            self.bump();
        }
        Ok(ItemKind::CreateView {
            name,
            columns,
            query,
            materialized,
            clauses,
        })
    }

    /// Aliases with their inline constraints; out-of-line constraints are stepped over.
    fn view_columns(&mut self) -> P<List<Ident>> {
        self.bump();
        let mark = self.mark::<Ident>();
        loop {
            let constraint = matches!(self.at(), Tok::CONSTRAINT)
                || matches!(
                    (self.at(), self.nth(1)),
                    (Tok::PRIMARY | Tok::FOREIGN, Tok::KEY)
                        | (Tok::UNIQUE | Tok::CHECK, Tok::LParen)
                );
            if !constraint {
                let ident = self.ident()?;
                self.push(ident);
            }
            self.skip_to_comma()?;
            if !self.eat(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RParen, "`)`")?;
        Ok(self.list(mark))
    }

    /// Up to the `,` or `)` of the list we are in.
    pub(super) fn skip_to_comma(&mut self) -> P<()> {
        let mut depth = 0usize;
        loop {
            match self.at() {
                Tok::Comma | Tok::RParen if depth == 0 => return Ok(()),
                Tok::Eof | Tok::Semi | Tok::Unknown => return self.fail("`)`"),
                Tok::LParen => depth += 1,
                Tok::RParen => depth -= 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// `INDEX name ON table (columns) ..`, `ON CLUSTER c`.
    fn create_index(&mut self, unique: bool) -> P<ItemKind> {
        let start = self.p;
        self.bump();
        self.if_not_exists();
        let name = self.object_name_id()?;
        let mark = self.mark::<Clause>();
        if self.toks[start - 1] == Tok::BITMAP || self.toks[start - 1] == Tok::MULTISET {
            let p = std::mem::replace(&mut self.p, start - 1);
            let words = self.words(1);
            self.p = p;
            self.push(words);
        }
        while self.at() != Tok::ON && !self.settings_end() {
            let setting = self.setting()?;
            self.push(setting);
        }
        self.expect(Tok::ON, "ON")?;
        if self.eat(Tok::CLUSTER) {
            let at = self.p;
            let object = Some(self.object_name_id()?);
            let cluster = Clause {
                object,
                ..self.bare(ClauseKind::Object, at)
            };
            self.push(cluster);
            self.index_settings()?;
            let clauses = self.list(mark);
            return Ok(ItemKind::CreateIndex {
                name,
                unique,
                table: None,
                columns: List::empty(),
                clauses,
            });
        }
        let table = Some(self.object_name_id()?);
        if self.at().is_name() && self.nth(1) == Tok::LParen {
            self.bump();
        }
        let columns = self.paren_list(|p| {
            let e = p.expr()?;
            if matches!(p.at(), Tok::ASC | Tok::DESC) {
                let words = p.words(1);
                p.push(words);
            }
            if p.at().is_name() {
                p.bump();
            }
            Ok(e)
        })?;
        self.index_settings()?;
        let clauses = self.list(mark);
        Ok(ItemKind::CreateIndex {
            name,
            unique,
            table,
            columns,
            clauses,
        })
    }

    /// What stands behind an index's columns, pushed.
    fn index_settings(&mut self) -> P<()> {
        let settings = self.table_settings()?;
        let copies: Vec<Clause> = self.ast.list(settings).to_vec();
        copies.into_iter().for_each(|c| self.push(c));
        Ok(())
    }
}
