//! Triggers: DML, INSTEAD OF, system, compound.

use super::*;

impl Parser<'_> {
    /// After CREATE TRIGGER.
    pub(super) fn trigger(&mut self) -> P<ItemKind> {
        self.if_not_exists();
        let name = self.object_name_id()?;
        let own = self.ast.list(self.ast[name].parts).last().map(|i| i.name);
        self.sharing()?;
        let mut t = TriggerDef {
            name,
            on: None,
            before: false,
            each_row: false,
            on_insert: false,
            on_update: false,
            on_delete: false,
            when: None,
            instead: false,
            clauses: List::empty(),
            bodies: List::empty(),
        };
        let clauses = self.mark::<Clause>();
        self.trigger_events(&mut t)?;
        self.trigger_clauses(&mut t)?;
        let mark = self.mark::<Block>();
        match self.at() {
            Tok::COMPOUND => {
                self.advance(2);
                self.compound(own);
            }
            Tok::CALL => {
                let block = self.trigger_call()?;
                self.push(block);
            }
            _ => {
                let block = self.trigger_block(own);
                self.push(block);
            }
        }
        t.bodies = self.list(mark);
        t.clauses = self.list(clauses);
        Ok(ItemKind::CreateTrigger(self.ast.add(t)))
    }

    /// BEFORE | AFTER | INSTEAD OF | FOR, the events, ON what.
    fn trigger_events(&mut self, t: &mut TriggerDef) -> P<()> {
        t.before = self.at() == Tok::BEFORE;
        t.instead = self.at() == Tok::INSTEAD;
        match self.at() {
            Tok::BEFORE | Tok::AFTER | Tok::FOR => self.bump(),
            Tok::INSTEAD => self.advance(2),
            _ => return self.fail("BEFORE, AFTER, INSTEAD OF or FOR"),
        }
        loop {
            match self.at() {
                Tok::INSERT => t.on_insert = true,
                Tok::UPDATE => t.on_update = true,
                Tok::DELETE => t.on_delete = true,
                _ => {}
            }
            let event = self.trigger_event()?;
            self.push(event);
            if !self.eat(Tok::OR) {
                break;
            }
        }
        self.expect(Tok::ON, "OR or ON")?;
        let nested = self.p;
        if self.eat_seq(&[Tok::NESTED, Tok::TABLE]) {
            let name = Some(self.ident()?);
            self.eat(Tok::OF);
            let clause = Clause {
                name,
                ..self.bare(ClauseKind::NestedTable, nested)
            };
            self.push(clause);
        }
        let object = self.p;
        let name = self.object_name()?;
        let system = self.p == object + 1
            && matches!(self.toks[object], Tok::SCHEMA | Tok::DATABASE)
            || self.toks[self.p - 1] == Tok::SCHEMA
            || self.at() == Tok::DATABASE;
        if self.at() == Tok::DATABASE {
            self.bump();
        }
        if !system {
            t.on = Some(self.ast.add(name));
        }
        Ok(())
    }

    /// `INSERT`, `UPDATE [OF a, b]`, `DELETE`, or a system event of one or more words.
    fn trigger_event(&mut self) -> P<Clause> {
        let start = self.p;
        if super::name::is_of_blocks(self.at()) {
            return self.fail("an event");
        }
        let name = Some(self.ident()?);
        let mut values = List::empty();
        if self.eat(Tok::OF) {
            values = self.comma_list(Self::postfixed)?;
        } else {
            while self.at().is_name()
                && !matches!(self.at(), Tok::OR | Tok::ON)
                && !super::name::is_of_blocks(self.at())
            {
                self.bump();
            }
        }
        Ok(Clause {
            name,
            values,
            ..self.bare(ClauseKind::Event, start)
        })
    }

    fn trigger_clauses(&mut self, t: &mut TriggerDef) -> P<()> {
        loop {
            match self.at() {
                Tok::REFERENCING => {
                    let referencing = self.referencing()?;
                    self.push(referencing);
                }
                Tok::FOR => {
                    self.bump();
                    self.expect(Tok::EACH, "EACH ROW")?;
                    self.expect(Tok::ROW, "ROW")?;
                    t.each_row = true;
                }
                Tok::WHEN => {
                    self.bump();
                    t.when = Some(self.expr_id()?);
                }
                Tok::FOLLOWS | Tok::PRECEDES => {
                    let start = self.p;
                    self.bump();
                    let inner = self.comma_list(|p| {
                        let start = p.p;
                        let object = Some(p.object_name_id()?);
                        Ok(Clause {
                            object,
                            ..p.bare(ClauseKind::Object, start)
                        })
                    })?;
                    let follows = Clause {
                        inner,
                        ..self.bare(ClauseKind::Follows, start)
                    };
                    self.push(follows);
                }
                Tok::ENABLE | Tok::DISABLE | Tok::REVERSE => {
                    let words = self.words(1);
                    self.push(words);
                }
                _ if self.at_word("FORWARD") || self.at_word("CROSSEDITION") => {
                    let words = self.words(1);
                    self.push(words);
                }
                _ => return Ok(()),
            }
        }
    }

    /// `REFERENCING OLD [AS] o NEW [AS] n PARENT [AS] p`: an item each, its value the word.
    fn referencing(&mut self) -> P<Clause> {
        let start = self.p;
        self.bump();
        let mark = self.mark::<Clause>();
        while matches!(self.at(), Tok::OLD | Tok::NEW | Tok::PARENT) {
            let at = self.p;
            self.bump();
            self.eat(Tok::AS);
            let name = Some(self.ident()?);
            let item = Clause {
                name,
                ..self.bare(ClauseKind::Item, at)
            };
            self.push(item);
        }
        let inner = self.list(mark);
        Ok(Clause {
            inner,
            ..self.bare(ClauseKind::Referencing, start)
        })
    }

    fn trigger_block(&mut self, own: Option<Name>) -> Block {
        let start = self.p;
        let decls = if self.eat(Tok::DECLARE) {
            self.declarations()
        } else {
            List::empty()
        };
        self.block_rest(start, Frame::Routine, own, decls).0
    }

    /// `CALL procedure (..)`: a body of one statement.
    fn trigger_call(&mut self) -> P<Block> {
        let start = self.p;
        self.bump();
        let kind = self.call_or_assign()?;
        self.statements += 1;
        let stmt = Stmt {
            span: self.span(start),
            label: None,
            kind,
        };
        let body = self.ast.add_list([stmt]);
        Ok(Block {
            span: self.span(start),
            decls: List::empty(),
            body,
            handlers: List::empty(),
        })
    }

    /// Declarations, then BEFORE STATEMENT IS .. END BEFORE STATEMENT; and so on. The common
    /// declarations go to the first body.
    fn compound(&mut self, own: Option<Name>) {
        self.open(Frame::Package, self.p, own);
        let mark = self.mark::<Decl>();
        while !self.timing_point() && !matches!(self.at(), Tok::END | Tok::Eof | Tok::BEGIN) {
            let before = self.p;
            let decl = self.declaration();
            self.push(decl);
            if self.p == before {
                self.bump();
            }
        }
        let common = self.list(mark);
        let mut first = Some(common);
        while self.timing_point() {
            let block = self.timing_body(first.take());
            self.push(block);
            while self.at().is_name() && !self.timing_point() && self.at() != Tok::END {
                self.bump();
            }
            if !self.eat(Tok::Semi) {
                self.report_at(self.p, Code::Syntax, "`;`");
            }
        }
        self.close(None);
    }

    fn timing_point(&self) -> bool {
        matches!(
            (self.at(), self.nth(1)),
            (Tok::BEFORE | Tok::AFTER, Tok::EACH) | (Tok::INSTEAD, Tok::OF)
        ) || matches!(self.at(), Tok::BEFORE | Tok::AFTER) && self.nth_word(1, "STATEMENT")
    }

    fn timing_body(&mut self, common: Option<List<Decl>>) -> Block {
        let start = self.p;
        while !matches!(
            self.at(),
            Tok::IS | Tok::AS | Tok::Eof | Tok::Semi | Tok::BEGIN
        ) {
            self.bump();
        }
        self.push(self.bare(ClauseKind::Timing, start));
        self.bump();
        self.open(Frame::Block, start, None);
        let own = self.declarations();
        self.frames.pop();
        let decls = match common {
            Some(common) if own.is_empty() => common,
            Some(common) if !common.is_empty() => {
                let all: Vec<Decl> = self
                    .ast
                    .list(common)
                    .iter()
                    .chain(self.ast.list(own))
                    .copied()
                    .collect();
                self.ast.add_list(all)
            }
            _ => own,
        };
        self.block_rest(start, Frame::Routine, None, decls).0
    }
}
