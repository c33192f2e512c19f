//! Names: identifiers, dotted names, links, aliases; and which words cannot be one where.

use super::*;

/// Words that end or continue a clause and so never start an operand nor are an alias without AS.
pub(super) fn is_reserved(t: Tok) -> bool {
    matches!(
        t,
        Tok::ALL
            | Tok::ALTER
            | Tok::AND
            | Tok::ANY
            | Tok::AS
            | Tok::ASC
            | Tok::BETWEEN
            | Tok::BY
            | Tok::CHECK
            | Tok::CONNECT
            | Tok::CREATE
            | Tok::DEFAULT
            | Tok::DELETE
            | Tok::DESC
            | Tok::DISTINCT
            | Tok::DROP
            | Tok::ELSE
            | Tok::EXISTS
            | Tok::FOR
            | Tok::FROM
            | Tok::GRANT
            | Tok::GROUP
            | Tok::HAVING
            | Tok::IN
            | Tok::INSERT
            | Tok::INTERSECT
            | Tok::INTO
            | Tok::IS
            | Tok::LIKE
            | Tok::MINUS
            | Tok::NOT
            | Tok::NULL
            | Tok::OF
            | Tok::ON
            | Tok::OPTION
            | Tok::OR
            | Tok::ORDER
            | Tok::SELECT
            | Tok::SET
            | Tok::START
            | Tok::THEN
            | Tok::TO
            | Tok::UNION
            | Tok::UNIQUE
            | Tok::UPDATE
            | Tok::VALUES
            | Tok::WHERE
            | Tok::WITH
            | Tok::WHEN
            | Tok::END
            | Tok::IF
            | Tok::ELSIF
            | Tok::BEGIN
            | Tok::DECLARE
            | Tok::LOOP
            | Tok::CASE
    )
}

/// Words by which statements and blocks are counted without a tree.
pub(super) fn is_of_blocks(t: Tok) -> bool {
    matches!(
        t,
        Tok::BEGIN
            | Tok::END
            | Tok::CASE
            | Tok::DECLARE
            | Tok::IF
            | Tok::LOOP
            | Tok::THEN
            | Tok::ELSE
            | Tok::ELSIF
            | Tok::WHEN
            | Tok::FORALL
            | Tok::PROCEDURE
            | Tok::FUNCTION
            | Tok::COMPOUND
    )
}

impl Parser<'_> {
    /// The identifier in the significant token `p`.
    pub(super) fn ident_at(&mut self, p: usize) -> Ident {
        let tok = self.sig[p] - self.base;
        let text = self.text(p);
        let quoted = self.toks[p] == Tok::Quoted;
        let name = if quoted {
            self.ast.intern(text.trim_matches('"'))
        } else {
            self.ast.intern_word(text)
        };
        Ident::new(name, tok, quoted)
    }

    /// Any word, quoted name or substitution variable.
    pub(super) fn ident(&mut self) -> P<Ident> {
        if !self.at().is_name() {
            return self.fail("a name");
        }
        let ident = self.ident_at(self.p);
        if is_of_blocks(self.at()) {
            self.names.push(ident.tok());
        }
        self.bump();
        Ok(ident)
    }

    /// A word where a reserved one would be an error of the author.
    pub(super) fn new_name(&mut self) -> P<Ident> {
        if matches!(
            self.at(),
            Tok::SELECT
                | Tok::FROM
                | Tok::WHERE
                | Tok::BEGIN
                | Tok::END
                | Tok::IS
                | Tok::INTO
                | Tok::VALUES
        ) {
            return self.fail("a name");
        }
        self.ident()
    }

    /// `a.b.c@link.domain@qualifier`.
    pub(super) fn object_name(&mut self) -> P<ObjectName> {
        let mark = self.mark::<Ident>();
        let first = self.ident()?;
        self.push(first);
        while self.at() == Tok::Dot && self.nth(1).is_name() {
            self.bump();
            let part = self.ident()?;
            self.push(part);
        }
        let parts = self.list(mark);
        let link = self.db_link()?;
        Ok(ObjectName { parts, link })
    }

    /// A local name of these parts.
    pub(super) fn name_of(&mut self, parts: impl IntoIterator<Item = Ident>) -> Id<ObjectName> {
        let parts = self.ast.add_list(parts);
        let link = Link::default();
        self.ast.add(ObjectName { parts, link })
    }

    pub(super) fn object_name_id(&mut self) -> P<Id<ObjectName>> {
        let name = self.object_name()?;
        Ok(self.ast.add(name))
    }

    /// `@link.domain@qualifier`, or nothing. `@!` is the session's own database.
    pub(super) fn db_link(&mut self) -> P<Link> {
        if self.at() != Tok::At || !(self.nth(1).is_name() || self.nth(1) == Tok::Bang) {
            return Ok(Link::default());
        }
        let mark = self.mark::<Ident>();
        while matches!(self.at(), Tok::At | Tok::Dot) {
            self.bump();
            if self.eat(Tok::Bang) {
                continue;
            }
            let part = self.ident()?;
            self.push(part);
        }
        let parts = self.list(mark);
        Ok(self.ast.link_of(parts))
    }

    /// `(a, b, c)`.
    pub(super) fn ident_list(&mut self) -> P<List<Ident>> {
        self.paren_list(Self::ident)
    }

    /// `[AS] alias` of a select item.
    pub(super) fn column_alias(&mut self) -> P<Option<Ident>> {
        if self.at() == Tok::AS && matches!(self.nth(1), Tok::FROM | Tok::Comma) {
            // Oracle takes an AS without an alias.
            self.bump();
            return Ok(None);
        }
        if self.at() == Tok::AS && self.nth(1).is_name() {
            self.bump();
            return self.ident().map(Some);
        }
        let t = self.at();
        let free = t.is_name()
            && !is_reserved(t)
            && !(t == Tok::BULK && self.nth(1) == Tok::COLLECT)
            && !(matches!(t, Tok::FETCH | Tok::OFFSET | Tok::EXCEPT) && self.clause_follows());
        if free || self.block_word_as_alias() {
            self.ident().map(Some)
        } else {
            Ok(None)
        }
    }

    /// IF, CASE, END and other words that only PL/SQL reserves, where a clause goes on behind
    /// them: SQL takes them as an alias.
    fn block_word_as_alias(&self) -> bool {
        let block = matches!(
            self.at(),
            Tok::IF
                | Tok::CASE
                | Tok::END
                | Tok::LOOP
                | Tok::BEGIN
                | Tok::DECLARE
                | Tok::ELSIF
                | Tok::EXISTS
        );
        block
            && matches!(
                self.nth(1),
                Tok::Comma
                    | Tok::FROM
                    | Tok::RParen
                    | Tok::INTO
                    | Tok::ON
                    | Tok::WHERE
                    | Tok::JOIN
                    | Tok::INNER
                    | Tok::LEFT
                    | Tok::RIGHT
                    | Tok::FULL
                    | Tok::CROSS
                    | Tok::GROUP
                    | Tok::ORDER
                    | Tok::UNION
                    | Tok::USING
            )
    }

    /// Alias of a FROM element or DML target; Oracle knows no AS there, 23ai and habit do.
    pub(super) fn table_alias(&mut self) -> P<Option<Ident>> {
        if self.at() == Tok::AS && self.nth(1).is_name() && self.nth(1) != Tok::OF {
            self.bump();
            return self.ident().map(Some);
        }
        let t = self.at();
        if t.is_name() && !is_reserved(t) && !self.clause_follows() || self.block_word_as_alias() {
            return self.ident().map(Some);
        }
        Ok(None)
    }

    /// `FETCH [APPROX|EXACT] FIRST|NEXT`.
    pub(super) fn fetch_follows(&self) -> bool {
        let n = usize::from(
            ["APPROX", "APPROXIMATE", "EXACT"]
                .iter()
                .any(|w| self.nth_word(1, w)),
        );
        self.at() == Tok::FETCH && matches!(self.nth(1 + n), Tok::FIRST | Tok::NEXT)
    }

    /// `(a, t.b)`: the last parts.
    pub(super) fn column_names(&mut self) -> P<List<Ident>> {
        self.paren_list(|p| {
            let name = p.object_name()?;
            let last = p.ast.list(name.parts).last().copied();
            last.map_or_else(|| p.fail("a column"), Ok)
        })
    }

    /// The word here starts a clause that may follow a FROM element; few of them are reserved.
    pub(super) fn clause_follows(&self) -> bool {
        let next = self.nth(1);
        match self.at() {
            Tok::LEFT | Tok::RIGHT | Tok::FULL => matches!(next, Tok::JOIN | Tok::OUTER),
            Tok::INNER => next == Tok::JOIN,
            Tok::CROSS => matches!(next, Tok::JOIN | Tok::APPLY),
            Tok::OUTER => next == Tok::APPLY,
            Tok::NATURAL => matches!(
                next,
                Tok::JOIN | Tok::INNER | Tok::LEFT | Tok::RIGHT | Tok::FULL
            ),
            Tok::JOIN | Tok::USING => true,
            Tok::PIVOT | Tok::UNPIVOT | Tok::MATCH_RECOGNIZE => {
                matches!(next, Tok::LParen | Tok::XML | Tok::INCLUDE | Tok::EXCLUDE)
            }
            Tok::PARTITION => matches!(next, Tok::BY | Tok::LParen | Tok::FOR),
            Tok::FETCH => self.fetch_follows(),
            Tok::NESTED => next.is_name() && !is_reserved(next) || next == Tok::Str,
            Tok::OFFSET => !matches!(
                next,
                Tok::Comma | Tok::RParen | Tok::Semi | Tok::WHERE | Tok::Eof
            ),
            Tok::MODEL => !matches!(
                next,
                Tok::Comma
                    | Tok::RParen
                    | Tok::WHERE
                    | Tok::Semi
                    | Tok::Eof
                    | Tok::ON
                    | Tok::JOIN
                    | Tok::ORDER
                    | Tok::GROUP
            ),
            Tok::WINDOW => next.is_name() && self.nth(2) == Tok::AS,
            Tok::QUALIFY => next.is_name() || next == Tok::LParen,
            Tok::EXCEPT => matches!(next, Tok::SELECT | Tok::ALL | Tok::LParen),
            Tok::LOG => next == Tok::ERRORS,
            Tok::RETURNING | Tok::RETURN => true,
            Tok::SAMPLE => matches!(next, Tok::LParen | Tok::Ident),
            Tok::VERSIONS => matches!(next, Tok::BETWEEN | Tok::PERIOD),
            Tok::REFERENCE => next == Tok::OF,
            Tok::LOOP | Tok::LOCK => true,
            Tok::SEARCH => matches!(next, Tok::DEPTH | Tok::BREADTH),
            Tok::CYCLE => next.is_name(),
            _ => false,
        }
    }
}
