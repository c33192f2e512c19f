//! Conditions: comparison, BETWEEN, IN, LIKE, IS and the other predicates.

use super::expr::{ADD, NOT};
use super::*;

impl Parser<'_> {
    /// Comparison and the predicates.
    pub(super) fn condition(&mut self, left: Expr) -> P<Option<ExprKind>> {
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
                self.p += usize::from(not);
                self.between(left, not)?
            }
            Tok::IN => {
                self.p += usize::from(not);
                self.in_(left, not)?
            }
            Tok::LIKE | Tok::LIKEC | Tok::LIKE2 | Tok::LIKE4 => {
                self.p += usize::from(not);
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
        self.p += n;
        Some(op)
    }

    fn compare(&mut self, left: Expr, op: CompareOp) -> P<ExprKind> {
        let quantifier = match (self.at(), self.nth(1)) {
            (Tok::ANY | Tok::SOME, Tok::LParen) => Some(Quantifier::Any),
            (Tok::ALL, Tok::LParen) => Some(Quantifier::All),
            _ => None,
        };
        self.p += usize::from(quantifier.is_some());
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
        Ok(ExprKind::Is {
            not,
            operand,
            what: self.span(start),
            property,
            types,
        })
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
                | Tok::USING
                | Tok::Str => self.bump(),
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
}
