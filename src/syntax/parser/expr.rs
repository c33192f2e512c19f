//! Expressions and conditions by operator precedence, one ladder for SQL and PL/SQL:
//! OR, AND, NOT, comparison, `|| + -`, `* /`, `**`. Chains of one associative operator are n-ary.

use super::name::is_reserved;
use super::*;

pub(super) const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
pub(super) const COMPARE: u8 = 4;
pub(super) const ADD: u8 = 5;
const MUL: u8 = 6;
const POWER: u8 = 7;

impl Parser<'_> {
    /// A whole expression or condition.
    pub(super) fn expr(&mut self) -> P<Expr> {
        self.binary(OR)
    }

    pub(super) fn expr_id(&mut self) -> P<Id<Expr>> {
        let e = self.binary(OR)?;
        Ok(self.ast.add(e))
    }

    /// An operand of a comparison.
    pub(super) fn sum_id(&mut self) -> P<Id<Expr>> {
        let e = self.binary(ADD)?;
        Ok(self.ast.add(e))
    }

    fn power_id(&mut self) -> P<Id<Expr>> {
        let e = self.binary(POWER)?;
        Ok(self.ast.add(e))
    }

    pub(super) fn binary(&mut self, min: u8) -> P<Expr> {
        if self.depth % 16 == 15 || self.depth >= MAX_DEPTH {
            return self.deeper(|p| p.binary_here(min));
        }
        self.depth += 1;
        let result = self.binary_here(min);
        self.depth -= 1;
        result
    }

    fn binary_here(&mut self, min: u8) -> P<Expr> {
        let start = self.p;
        let left = self.prefix()?;
        self.infix(left, start, min)
    }

    /// Continues `left` with the operators that follow it.
    pub(super) fn infix(&mut self, mut left: Expr, start: usize, min: u8) -> P<Expr> {
        loop {
            let level = level(self.at());
            if level == 0 || level < min || self.at() == Tok::Bar && self.nth(1) != Tok::Bar {
                return Ok(left);
            }
            match self.one_infix(left, level)? {
                Some(kind) => {
                    left = Expr {
                        span: self.span(start),
                        kind,
                    }
                }
                None => return Ok(left),
            }
        }
    }

    /// Continues a condition whose left side is already read (dangling predicates of CASE).
    pub(super) fn predicate_of(&mut self, left: Expr, start: usize) -> P<Expr> {
        self.infix(left, start, COMPARE)
    }

    fn one_infix(&mut self, left: Expr, level: u8) -> P<Option<ExprKind>> {
        let tok = self.at();
        let chain = match tok {
            Tok::OR => Some(ChainOp::Or),
            Tok::AND => Some(ChainOp::And),
            Tok::Concat => Some(ChainOp::Concat),
            Tok::Plus => Some(ChainOp::Add),
            Tok::Star => Some(ChainOp::Mul),
            _ => None,
        };
        if tok == Tok::Bar {
            // `| |`, written with a blank between.
            self.bump();
            return self.chain(left, ChainOp::Concat, Tok::Bar, level).map(Some);
        }
        if let Some(op) = chain {
            return self.chain(left, op, tok, level).map(Some);
        }
        match tok {
            Tok::Minus => self.two(left, BinaryOp::Sub, MUL).map(Some),
            Tok::Slash if self.nth(1) != Tok::Eof => self.two(left, BinaryOp::Div, POWER).map(Some),
            Tok::Power => self.two(left, BinaryOp::Power, POWER).map(Some),
            Tok::MOD if self.operand_follows() => self.two(left, BinaryOp::Mod, POWER).map(Some),
            Tok::MULTISET => self.multiset(left).map(Some),
            Tok::Slash | Tok::MOD => Ok(None),
            _ => self.condition(left),
        }
    }

    fn chain(&mut self, left: Expr, op: ChainOp, tok: Tok, level: u8) -> P<ExprKind> {
        let mark = self.mark::<Expr>();
        self.push(left);
        while self.eat(tok) {
            if tok == Tok::Bar && self.at() == Tok::Bar {
                self.bump();
            }
            let item = self.binary(level + 1)?;
            self.push(item);
        }
        Ok(ExprKind::Chain {
            op,
            items: self.list(mark),
        })
    }

    fn two(&mut self, left: Expr, op: BinaryOp, right_level: u8) -> P<ExprKind> {
        self.bump();
        let left = self.ast.add(left);
        let right = self.binary(right_level)?;
        let right = self.ast.add(right);
        Ok(ExprKind::Binary { op, left, right })
    }

    /// After MOD: a word that begins an operand makes it an operator, else it is an alias.
    fn operand_follows(&self) -> bool {
        let next = self.nth(1);
        matches!(next, Tok::Num | Tok::LParen | Tok::Bind) || (next.is_name() && !is_reserved(next))
    }

    /// `MULTISET UNION|EXCEPT|INTERSECT [ALL|DISTINCT] y`.
    fn multiset(&mut self, left: Expr) -> P<ExprKind> {
        let start = self.p;
        self.bump();
        self.bump();
        if matches!(self.at(), Tok::ALL | Tok::DISTINCT) {
            self.bump();
        }
        let op = self.span(start);
        let left = self.ast.add(left);
        let right = self.binary(MUL)?;
        let right = self.ast.add(right);
        Ok(ExprKind::Multiset { op, left, right })
    }

    /// Comparison and the predicates.
    fn condition(&mut self, left: Expr) -> P<Option<ExprKind>> {
        let not = self.at() == Tok::NOT;
        let tok = if not { self.nth(1) } else { self.at() };
        if not
            && !matches!(
                tok,
                Tok::BETWEEN
                    | Tok::IN
                    | Tok::LIKE
                    | Tok::LIKEC
                    | Tok::LIKE2
                    | Tok::LIKE4
                    | Tok::MEMBER
                    | Tok::SUBMULTISET
            )
        {
            return Ok(None);
        }
        let kind = match tok {
            Tok::BETWEEN => {
                self.advance(usize::from(not));
                self.between(left, not)?
            }
            Tok::IN => {
                self.advance(usize::from(not));
                self.in_(left, not)?
            }
            Tok::LIKE | Tok::LIKEC | Tok::LIKE2 | Tok::LIKE4 => {
                self.advance(usize::from(not));
                self.like(left, not)?
            }
            Tok::MEMBER | Tok::SUBMULTISET => self.member(left)?,
            Tok::OVERLAPS if self.nth(1) == Tok::LParen => self.member(left)?,
            Tok::OVERLAPS => return Ok(None),
            Tok::IS => self.is(left)?,
            Tok::Le if self.nth(1) == Tok::Gt && self.touches(self.p + 1) => {
                self.distance(left, 2)?
            }
            Tok::Lt if self.nth(1) == Tok::Minus && self.nth(2) == Tok::Gt => {
                self.distance(left, 3)?
            }
            _ => match self.compare_op() {
                Some(op) => self.compare(left, op)?,
                None => return Ok(None),
            },
        };
        Ok(Some(kind))
    }

    /// A comparison operator, also written with blanks inside: `< >`, `> =`, `! =`.
    fn compare_op(&mut self) -> Option<CompareOp> {
        let next = self.nth(1);
        let (op, n) = match (self.at(), next) {
            (Tok::Eq, _) => (CompareOp::Eq, 1),
            (Tok::Ne, _) => (CompareOp::Ne, 1),
            (Tok::Le, _) => (CompareOp::Le, 1),
            (Tok::Ge, _) => (CompareOp::Ge, 1),
            (Tok::Lt, Tok::Gt) | (Tok::Bang | Tok::Caret | Tok::Tilde, Tok::Eq) => {
                (CompareOp::Ne, 2)
            }
            (Tok::Lt, Tok::Eq) => (CompareOp::Le, 2),
            (Tok::Gt, Tok::Eq) => (CompareOp::Ge, 2),
            (Tok::Lt, _) => (CompareOp::Lt, 1),
            (Tok::Gt, _) => (CompareOp::Gt, 1),
            _ => return None,
        };
        self.advance(n);
        Some(op)
    }

    fn compare(&mut self, left: Expr, op: CompareOp) -> P<ExprKind> {
        let quantifier = match (self.at(), self.nth(1)) {
            (Tok::ANY | Tok::SOME, Tok::LParen) => Some(Quantifier::Any),
            (Tok::ALL, Tok::LParen) => Some(Quantifier::All),
            _ => None,
        };
        self.advance(usize::from(quantifier.is_some()));
        let left = self.ast.add(left);
        // In PL/SQL a condition is a value: `b = NOT x`, `f = (a IS NULL)`.
        let right = if self.at() == Tok::NOT {
            self.binary(NOT)?
        } else {
            self.binary(ADD)?
        };
        let right = self.ast.add(right);
        Ok(ExprKind::Compare {
            op,
            quantifier,
            left,
            right,
        })
    }

    fn between(&mut self, operand: Expr, not: bool) -> P<ExprKind> {
        self.bump();
        let operand = self.ast.add(operand);
        let low = self.sum_id()?;
        self.expect(Tok::AND, "AND of BETWEEN")?;
        let high = self.sum_id()?;
        Ok(ExprKind::Between {
            not,
            operand,
            low,
            high,
        })
    }

    fn like(&mut self, operand: Expr, not: bool) -> P<ExprKind> {
        self.bump();
        let operand = self.ast.add(operand);
        let pattern = self.sum_id()?;
        let escape = if self.eat(Tok::ESCAPE) {
            Some(self.sum_id()?)
        } else {
            None
        };
        Ok(ExprKind::Like {
            not,
            operand,
            pattern,
            escape,
        })
    }

    fn in_(&mut self, operand: Expr, not: bool) -> P<ExprKind> {
        self.bump();
        let operand = self.ast.add(operand);
        if self.at() != Tok::LParen {
            // `IN &list`, `IN :collection`.
            let item = self.binary(ADD)?;
            let items = self.ast.add_list([item]);
            return Ok(ExprKind::InList {
                not,
                operand,
                items,
            });
        }
        self.bump();
        if self.at_query() {
            let query = self.query_id()?;
            self.expect(Tok::RParen, "`)`")?;
            return Ok(ExprKind::InQuery {
                not,
                operand,
                query,
            });
        }
        let mark = self.mark::<Expr>();
        let start = self.p;
        if self.at() != Tok::RParen {
            let first = self.expr()?;
            if let Some(query) = self.set_continues(first, start)? {
                self.expect(Tok::RParen, "`)`")?;
                return Ok(ExprKind::InQuery {
                    not,
                    operand,
                    query,
                });
            }
            self.push(first);
        }
        while self.eat(Tok::Comma) {
            let item = self.expr()?;
            self.push(item);
        }
        self.expect(Tok::RParen, "`,` or `)`")?;
        let items: List<Expr> = self.list(mark);
        if let [
            Expr {
                kind: ExprKind::Subquery(query),
                ..
            },
        ] = *self.ast.list(items)
        {
            return Ok(ExprKind::InQuery {
                not,
                operand,
                query,
            });
        }
        Ok(ExprKind::InList {
            not,
            operand,
            items,
        })
    }

    /// `[NOT] MEMBER [OF] y`, `[NOT] SUBMULTISET [OF] y`, `(a, b) OVERLAPS (c, d)`.
    fn member(&mut self, left: Expr) -> P<ExprKind> {
        let start = self.p;
        self.eat(Tok::NOT);
        self.bump();
        self.eat(Tok::OF);
        let op = self.span(start);
        let left = self.ast.add(left);
        let right = self.sum_id()?;
        Ok(ExprKind::Multiset { op, left, right })
    }

    /// `IS [NOT] ..`.
    fn is(&mut self, operand: Expr) -> P<ExprKind> {
        self.bump();
        let not = self.eat(Tok::NOT);
        let operand = self.ast.add(operand);
        if self.eat(Tok::NULL) {
            return Ok(ExprKind::IsNull { not, operand });
        }
        let start = self.p;
        let mut types = List::empty();
        let property = match self.at() {
            Tok::JSON => {
                self.is_json()?;
                Property::Json
            }
            Tok::OF => {
                self.bump();
                self.eat(Tok::TYPE);
                types = self.paren_list(|p| {
                    p.eat(Tok::ONLY);
                    p.type_ref()
                })?;
                Property::OfType
            }
            Tok::SOURCE if self.nth(1) == Tok::OF => self.graph_property()?,
            _ => self.simple_property()?,
        };
        let test = self.ast.add(IsTest {
            what: self.span(start),
            property,
            types,
        });
        Ok(ExprKind::Is { not, operand, test })
    }

    /// `SOURCE OF e`, `DESTINATION OF e`, `LABELED l`.
    fn graph_property(&mut self) -> P<Property> {
        self.bump();
        self.eat(Tok::OF);
        self.object_name()?;
        Ok(Property::Graph)
    }

    fn simple_property(&mut self) -> P<Property> {
        let property = match self.at() {
            Tok::NAN => Property::Nan,
            Tok::INFINITE => Property::Infinite,
            Tok::EMPTY => Property::Empty,
            Tok::PRESENT => Property::Present,
            Tok::ANY => Property::Any,
            Tok::TRUE => Property::True,
            Tok::FALSE => Property::False,
            _ if self.at_word("A") && self.nth(1) == Tok::SET => {
                self.bump();
                Property::ASet
            }
            _ if self.at_word("DANGLING") => Property::Dangling,
            _ if self.at_word("UNKNOWN") => Property::Unknown,
            _ if self.at_word("DESTINATION") || self.at_word("LABELED") => {
                return self.graph_property();
            }
            _ => return self.fail("NULL or a property after IS"),
        };
        self.bump();
        Ok(property)
    }

    fn is_json(&mut self) -> P<()> {
        self.bump();
        loop {
            match self.at() {
                Tok::LParen => self.skip_parens()?,
                Tok::FORMAT
                | Tok::JSON
                | Tok::STRICT
                | Tok::WITH
                | Tok::WITHOUT
                | Tok::UNIQUE
                | Tok::KEYS
                | Tok::VALUE
                | Tok::VALIDATE
                | Tok::CAST
                | Tok::Str => self.bump(),
                Tok::USING => {
                    self.bump();
                    if self.at().is_name() {
                        self.object_name()?;
                    }
                }
                _ if ["LAX", "SCALARS", "SCALAR", "DISALLOW", "ALLOW", "ARRAY"]
                    .iter()
                    .any(|w| self.at_word(w)) =>
                {
                    self.bump()
                }
                Tok::OBJECT => self.bump(),
                _ => return Ok(()),
            }
        }
    }

    // --- operands ----------------------------------------------------------------------

    fn prefix(&mut self) -> P<Expr> {
        let start = self.p;
        let op = match self.at() {
            Tok::NOT => UnaryOp::Not,
            Tok::Minus => UnaryOp::Minus,
            Tok::Plus => UnaryOp::Plus,
            Tok::PRIOR
                if !matches!(
                    self.nth(1),
                    Tok::Dot | Tok::Comma | Tok::RParen | Tok::Assign
                ) =>
            {
                UnaryOp::Prior
            }
            Tok::CONNECT_BY_ROOT => UnaryOp::ConnectByRoot,
            Tok::NEW if self.nth(1).is_name() && !is_reserved(self.nth(1)) => UnaryOp::New,
            _ => return self.postfixed(),
        };
        self.bump();
        let operand = match op {
            UnaryOp::Not => {
                let e = self.binary(COMPARE)?;
                self.ast.add(e)
            }
            UnaryOp::Minus | UnaryOp::Plus => self.power_id()?,
            UnaryOp::Prior
            | UnaryOp::ConnectByRoot
            | UnaryOp::New
            | UnaryOp::Distinct
            | UnaryOp::Old => {
                let e = self.deeper(Self::postfixed)?;
                self.ast.add(e)
            }
        };
        Ok(Expr {
            span: self.span(start),
            kind: ExprKind::Unary { op, operand },
        })
    }

    /// A primary with everything that may stand behind it.
    pub(super) fn postfixed(&mut self) -> P<Expr> {
        let start = self.p;
        let e = self.primary()?;
        self.postfix_of(e, start)
    }

    /// What stands behind an operand that is already read.
    pub(super) fn postfix_of(&mut self, mut e: Expr, start: usize) -> P<Expr> {
        loop {
            let kind = match self.at() {
                Tok::LParen => match self.paren_after(e)? {
                    Some(kind) => kind,
                    None => return Ok(e),
                },
                Tok::Dot if self.nth(1).is_name() => {
                    self.bump();
                    let base = self.ast.add(e);
                    ExprKind::Field {
                        base,
                        name: self.ident()?,
                    }
                }
                Tok::Percent => self.attribute(e)?,
                Tok::AT if matches!(self.nth(1), Tok::TIME | Tok::LOCAL) => self.at_time_zone(e)?,
                Tok::COLLATE if self.nth(1).is_name() => {
                    let name = self.ident()?;
                    self.bump();
                    self.special_of(name, e)
                }
                Tok::DAY | Tok::YEAR if self.interval_follows() => {
                    let name = self.ident_at(self.p);
                    self.interval_fields()?;
                    self.special_of(name, e)
                }
                Tok::LBracket => self.cell(e)?,
                _ => return Ok(e),
            };
            e = Expr {
                span: self.span(start),
                kind,
            };
        }
    }

    pub(super) fn special_of(&mut self, name: Ident, e: Expr) -> ExprKind {
        let value = self.ast.add(e);
        let args = self.ast.add_list([Arg { name: None, value }]);
        let clauses = List::empty();
        self.worded(name, args, clauses)
    }

    /// A function with a syntax of its own.
    pub(super) fn worded(
        &mut self,
        name: Ident,
        args: List<Arg>,
        clauses: List<Clause>,
    ) -> ExprKind {
        ExprKind::Special(self.ast.add(Special {
            name,
            args,
            clauses,
        }))
    }

    /// `(` behind an operand: outer join mark, or call of something callable.
    fn paren_after(&mut self, e: Expr) -> P<Option<ExprKind>> {
        if self.nth(1) == Tok::Plus && self.nth(2) == Tok::RParen {
            self.advance(3);
            let inner = self.ast.add(e);
            return Ok(Some(ExprKind::Outer(inner)));
        }
        let callable = matches!(
            e.kind,
            ExprKind::Name(_)
                | ExprKind::Call { .. }
                | ExprKind::Field { .. }
                | ExprKind::CursorAttr { .. }
                | ExprKind::Bind(_)
                | ExprKind::Subst
        ) || matches!(e.kind, ExprKind::Cast { treat: true, .. });
        if !callable {
            return Ok(None);
        }
        self.call(e).map(Some)
    }

    /// `%FOUND` and its like; `%TYPE` makes it a type.
    fn attribute(&mut self, e: Expr) -> P<ExprKind> {
        let attr = match self.nth(1) {
            Tok::FOUND => CursorAttr::Found,
            Tok::NOTFOUND => CursorAttr::NotFound,
            Tok::ISOPEN => CursorAttr::IsOpen,
            Tok::ROWCOUNT => CursorAttr::RowCount,
            Tok::BULK_ROWCOUNT => CursorAttr::BulkRowCount,
            Tok::BULK_EXCEPTIONS => CursorAttr::BulkExceptions,
            Tok::TYPE | Tok::ROWTYPE => return self.type_operand(e),
            _ => {
                self.bump();
                return self.fail("an attribute after `%`");
            }
        };
        self.advance(2);
        let base = self.ast.add(e);
        Ok(ExprKind::CursorAttr { base, attr })
    }

    fn type_operand(&mut self, e: Expr) -> P<ExprKind> {
        let ExprKind::Name(name) = e.kind else {
            return self.fail("an operator");
        };
        let kind = if self.nth(1) == Tok::TYPE {
            TypeKind::OfColumn(name)
        } else {
            TypeKind::OfRow(name)
        };
        self.advance(2);
        let span = e.span.to(self.span(self.p - 1));
        Ok(ExprKind::Type(self.ast.add(TypeRef { span, kind })))
    }

    fn at_time_zone(&mut self, e: Expr) -> P<ExprKind> {
        self.bump();
        let operand = self.ast.add(e);
        if self.eat(Tok::LOCAL) {
            return Ok(ExprKind::AtTimeZone {
                operand,
                zone: None,
            });
        }
        self.bump();
        self.expect(Tok::ZONE, "ZONE")?;
        let zone = self.deeper(Self::primary)?;
        let zone = if self.at() == Tok::LParen || self.at() == Tok::Dot {
            self.infix(zone, self.p, u8::MAX)?
        } else {
            zone
        };
        let zone = Some(self.ast.add(zone));
        Ok(ExprKind::AtTimeZone { operand, zone })
    }

    /// `DAY [(n)] TO` behind an expression makes it an interval.
    fn interval_follows(&self) -> bool {
        self.nth(1) == Tok::TO
            || (self.nth(1) == Tok::LParen && self.nth(3) == Tok::RParen && self.nth(4) == Tok::TO)
    }

    /// `YEAR [(p)] [TO MONTH [(s)]]`, the units of an interval.
    pub(super) fn interval_fields(&mut self) -> P<()> {
        let unit = |t: Tok| {
            matches!(
                t,
                Tok::YEAR | Tok::MONTH | Tok::DAY | Tok::HOUR | Tok::MINUTE | Tok::SECOND
            )
        };
        if !unit(self.at()) {
            return self.fail("YEAR, MONTH, DAY, HOUR, MINUTE or SECOND");
        }
        self.bump();
        if self.at() == Tok::LParen {
            self.skip_parens()?;
        }
        if self.at() == Tok::TO && unit(self.nth(1)) {
            self.advance(2);
            if self.at() == Tok::LParen {
                self.skip_parens()?;
            }
        }
        Ok(())
    }

    /// `v1 <=> v2`, `v1 <-> v2`: distances of vectors (23ai), as a function of their operator.
    fn distance(&mut self, left: Expr, words: usize) -> P<ExprKind> {
        let name = self.ident_at(self.p);
        self.advance(words);
        let first = self.ast.add(left);
        let second = self.sum_id()?;
        let args = [first, second].map(|value| Arg { name: None, value });
        let args = self.ast.add_list(args);
        let clauses = List::empty();
        Ok(self.worded(name, args, clauses))
    }

    /// RUNNING in front of a function of MATCH_RECOGNIZE.
    fn running_follows(&self) -> bool {
        self.nth(2) == Tok::LParen && self.at_word("RUNNING")
    }

    /// `FINAL f(x)`, `RUNNING f(x)`.
    fn semantics(&mut self) -> P<ExprKind> {
        let name = self.ident()?;
        let e = self.deeper(Self::postfixed)?;
        Ok(self.special_of(name, e))
    }

    fn primary(&mut self) -> P<Expr> {
        let start = self.p;
        let tok = self.at();
        let kind = match tok {
            Tok::Ident | Tok::Quoted
                if !(tok == Tok::Ident && self.nth(1).is_name() && self.running_follows()) =>
            {
                return self.name_operand();
            }
            Tok::Num => {
                self.bump();
                ExprKind::Number
            }
            Tok::Str => {
                self.bump();
                ExprKind::String
            }
            Tok::LParen => return self.paren(),
            Tok::NULL => {
                self.bump();
                ExprKind::Null
            }
            Tok::TRUE | Tok::FALSE => {
                self.bump();
                ExprKind::Bool(tok == Tok::TRUE)
            }
            Tok::Bind | Tok::Colon => self.bind()?,
            Tok::CASE => self.case_expr()?,
            Tok::Subst if !matches!(self.nth(1), Tok::Dot | Tok::LParen | Tok::At) => {
                self.bump();
                ExprKind::Subst
            }
            Tok::Inquiry => {
                let ident = self.ident_at(self.p);
                self.bump();
                ExprKind::Inquiry(ident)
            }
            Tok::Question => {
                let ident = self.ident_at(self.p);
                self.bump();
                ExprKind::Bind(self.ast.add_list([ident]))
            }
            Tok::Ident => self.semantics()?,
            Tok::FINAL if self.nth(1).is_name() && self.nth(2) == Tok::LParen => {
                self.semantics()?
            }
            _ => return self.word_operand(tok),
        };
        Ok(Expr {
            span: self.span(start),
            kind,
        })
    }

    /// Operands that begin with a keyword.
    fn word_operand(&mut self, tok: Tok) -> P<Expr> {
        let start = self.p;
        let next = self.nth(1);
        let kind = match (tok, next) {
            (Tok::DATE, Tok::Str) => {
                self.advance(2);
                ExprKind::DateLit
            }
            (Tok::TIMESTAMP, Tok::Str) => {
                self.advance(2);
                ExprKind::TimestampLit
            }
            (Tok::TIME, Tok::Str) => {
                self.advance(2);
                ExprKind::TimestampLit
            }
            (Tok::JSON, Tok::LBrace | Tok::LBracket) => self.json_literal()?,
            (Tok::INTERVAL, Tok::Bind | Tok::Colon | Tok::Question) => {
                self.bump();
                self.bind()?;
                self.interval_fields()?;
                ExprKind::IntervalLit
            }
            (Tok::INTERVAL, Tok::Str) => {
                self.advance(2);
                self.interval_fields()?;
                ExprKind::IntervalLit
            }
            (Tok::EXISTS, Tok::LParen) => {
                self.bump();
                ExprKind::Exists(self.paren_query()?)
            }
            (Tok::CURSOR, Tok::LParen)
                if matches!(self.nth(2), Tok::SELECT | Tok::WITH | Tok::LParen) =>
            {
                self.bump();
                ExprKind::CursorQuery(self.paren_query()?)
            }
            (_, Tok::LParen) => {
                if let Some(kind) = self.special(tok)? {
                    kind
                } else if matches!(
                    tok,
                    Tok::SET
                        | Tok::VALUES
                        | Tok::DELETE
                        | Tok::EXISTS
                        | Tok::ANY
                        | Tok::CHECK
                        | Tok::DEFAULT
                        | Tok::INSERT
                        | Tok::UPDATE
                        | Tok::TABLE
                ) || !is_reserved(tok) && tok.is_name()
                {
                    return self.name_operand();
                } else {
                    return self.fail("an expression");
                }
            }
            (Tok::DEFAULT, _) | (Tok::ANY | Tok::START, Tok::RParen | Tok::Comma) => {
                return self.name_operand();
            }
            _ if tok.is_name() && (!is_reserved(tok) || next == Tok::Dot) => {
                return self.name_operand();
            }
            _ => return self.fail("an expression"),
        };
        Ok(Expr {
            span: self.span(start),
            kind,
        })
    }

    fn name_operand(&mut self) -> P<Expr> {
        let start = self.p;
        let name = self.object_name_id()?;
        let kind = if self.at() == Tok::Dot && self.nth(1) == Tok::Star {
            self.advance(2);
            ExprKind::Star(Some(name))
        } else {
            ExprKind::Name(name)
        };
        Ok(Expr {
            span: self.span(start),
            kind,
        })
    }

    /// `:x`, `:new.x`, `: x`; an indicator `:x:i` belongs to it.
    fn bind(&mut self) -> P<ExprKind> {
        let mark = self.mark::<Ident>();
        if self.eat(Tok::Colon) && !self.at().is_name() && self.at() != Tok::Num {
            return self.fail("a bind variable's name");
        }
        let mut ident = self.ident_at(self.p);
        if self.at() == Tok::Bind {
            let text = self.text(self.p);
            ident.name = self.ast.intern_word(text.trim_start_matches(':'));
        }
        self.bump();
        self.push(ident);
        while self.at() == Tok::Dot && self.nth(1).is_name() {
            self.bump();
            let part = self.ident()?;
            self.push(part);
        }
        if self.at() == Tok::Bind && self.touches(self.p) {
            self.bump();
        }
        Ok(ExprKind::Bind(self.list(mark)))
    }

    /// `(x)`, `(a, b)`, `(SELECT ..)`, `()`.
    fn paren(&mut self) -> P<Expr> {
        let start = self.p;
        self.bump();
        let kind = if self.at_query() {
            ExprKind::Subquery(self.query_id()?)
        } else if self.at() == Tok::RParen {
            ExprKind::Row(List::empty())
        } else {
            let inner = self.p;
            let first = self.expr()?;
            if let Some(query) = self.set_continues(first, inner)? {
                ExprKind::Subquery(query)
            } else if self.at() == Tok::AS {
                // `(self AS supertype).method`.
                self.bump();
                let ty = self.type_ref_id()?;
                let operand = self.ast.add(first);
                ExprKind::Cast {
                    treat: true,
                    operand,
                    ty,
                    clauses: List::empty(),
                }
            } else if self.at() == Tok::Comma {
                let mark = self.mark::<Expr>();
                self.push(first);
                while self.eat(Tok::Comma) {
                    let item = self.expr()?;
                    self.push(item);
                }
                ExprKind::Row(self.list(mark))
            } else {
                ExprKind::Paren(self.ast.add(first))
            }
        };
        self.expect(Tok::RParen, "`)`")?;
        Ok(Expr {
            span: self.span(start),
            kind,
        })
    }

    /// `CASE .. END`.
    fn case_expr(&mut self) -> P<ExprKind> {
        self.bump();
        let operand = if self.at() == Tok::WHEN {
            None
        } else {
            Some(self.expr()?)
        };
        let mark = self.mark::<When>();
        while self.eat(Tok::WHEN) {
            let when = self.when_value(operand)?;
            let when = self.ast.add(when);
            self.expect(Tok::THEN, "THEN")?;
            let then = self.expr_id()?;
            self.push(When { when, then });
        }
        let whens: List<When> = self.list(mark);
        if whens.is_empty() {
            return self.fail("WHEN");
        }
        let else_ = if self.eat(Tok::ELSE) {
            Some(self.expr_id()?)
        } else {
            None
        };
        self.expect(Tok::END, "WHEN, ELSE or END")?;
        let operand = operand.map(|e| self.ast.add(e));
        Ok(ExprKind::Case {
            operand,
            whens,
            else_,
        })
    }

    /// The value after WHEN; with an operand also `> 5`, `IS NULL`, `1, 2` (23ai).
    pub(super) fn when_value(&mut self, operand: Option<Expr>) -> P<Expr> {
        let start = self.p;
        let first = self.when_one(operand)?;
        if self.at() != Tok::Comma {
            return Ok(first);
        }
        let mark = self.mark::<Expr>();
        self.push(first);
        while self.eat(Tok::Comma) {
            let next = self.when_one(operand)?;
            self.push(next);
        }
        Ok(Expr {
            span: self.span(start),
            kind: ExprKind::Row(self.list(mark)),
        })
    }

    pub(super) fn when_one(&mut self, operand: Option<Expr>) -> P<Expr> {
        let dangling = level(self.at()) == COMPARE
            && !(self.at() == Tok::NOT
                && !matches!(self.nth(1), Tok::IN | Tok::LIKE | Tok::BETWEEN));
        match operand {
            Some(left) if dangling => self.predicate_of(left, self.p),
            _ => self.expr(),
        }
    }
}

/// Binding strength of the operator that a token is, 0 for none.
#[inline]
fn level(tok: Tok) -> u8 {
    match tok {
        Tok::OR => OR,
        Tok::AND => AND,
        Tok::Eq
        | Tok::Ne
        | Tok::Lt
        | Tok::Gt
        | Tok::Le
        | Tok::Ge
        | Tok::Bang
        | Tok::Caret
        | Tok::Tilde
        | Tok::IS
        | Tok::IN
        | Tok::BETWEEN
        | Tok::LIKE
        | Tok::LIKEC
        | Tok::LIKE2
        | Tok::LIKE4
        | Tok::NOT
        | Tok::MEMBER
        | Tok::OVERLAPS
        | Tok::SUBMULTISET => COMPARE,
        Tok::Concat | Tok::Plus | Tok::Minus | Tok::MULTISET | Tok::Bar => ADD,
        Tok::Star | Tok::Slash | Tok::MOD => MUL,
        Tok::Power => POWER,
        _ => 0,
    }
}
