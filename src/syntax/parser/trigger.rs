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
            bodies: List::empty(),
        };
        self.trigger_events(&mut t)?;
        self.trigger_clauses(&mut t)?;
        let mark = self.mark::<Block>();
        match self.at() {
            Tok::COMPOUND => {
                self.p += 2;
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
        Ok(ItemKind::CreateTrigger(self.ast.add(t)))
    }

    /// BEFORE | AFTER | INSTEAD OF | FOR, the events, ON what.
    fn trigger_events(&mut self, t: &mut TriggerDef) -> P<()> {
        t.before = self.at() == Tok::BEFORE;
        match self.at() {
            Tok::BEFORE | Tok::AFTER | Tok::FOR => self.bump(),
            Tok::INSTEAD => self.p += 2,
            _ => return self.fail("BEFORE, AFTER, INSTEAD OF or FOR"),
        }
        while self.at() != Tok::ON {
            match self.at() {
                Tok::INSERT => t.on_insert = true,
                Tok::UPDATE => t.on_update = true,
                Tok::DELETE => t.on_delete = true,
                Tok::Eof | Tok::Semi | Tok::BEGIN | Tok::DECLARE => return self.fail("ON"),
                _ => {}
            }
            self.bump();
        }
        self.bump();
        if self.eat_seq(&[Tok::NESTED, Tok::TABLE]) {
            self.ident()?;
            self.eat(Tok::OF);
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

    fn trigger_clauses(&mut self, t: &mut TriggerDef) -> P<()> {
        loop {
            match self.at() {
                Tok::REFERENCING => {
                    self.bump();
                    while matches!(self.at(), Tok::OLD | Tok::NEW | Tok::PARENT) {
                        self.bump();
                        self.eat(Tok::AS);
                        self.ident()?;
                    }
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
                    self.bump();
                    self.comma_list(Self::object_name)?;
                }
                Tok::ENABLE | Tok::DISABLE | Tok::REVERSE => self.bump(),
                _ if self.at_word("FORWARD") || self.at_word("CROSSEDITION") => self.bump(),
                _ => return Ok(()),
            }
        }
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
