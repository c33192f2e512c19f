//! Expressions and conditions.

use super::super::cx::{MAX_DEPTH, not_lowered, too_deep, unknown_name, unparsed, unsupported};
use super::{Low, Lowerer, coerce};
use crate::dataflow::env::no_type;
use crate::rel::{ArithOp, CaseWhen, CmpOp, DataType, Literal, Scalar};
use crate::source::Span;
use crate::syntax::ast::{
    BinaryOp, ChainOp, CompareOp, Expr, ExprKind, Id, Ident, List, Quantifier, Query, Special,
    TypeRef, UnaryOp, When,
};

impl Lowerer<'_, '_> {
    /// An expression or condition.
    pub fn expr(&mut self, e: Id<Expr>) -> Low<Scalar> {
        if self.depth > MAX_DEPTH {
            return Err(too_deep(self.expr_span(e)));
        }
        self.depth += 1;
        let out = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.kind(e));
        self.depth -= 1;
        out
    }

    fn kind(&mut self, e: Id<Expr>) -> Low<Scalar> {
        let node = self.view.ast()[e];
        let span = self.span(node.span);
        match node.kind {
            ExprKind::Null => Ok(Scalar::Literal(Literal::Null)),
            ExprKind::Bool(b) => Ok(Scalar::Literal(Literal::Boolean(b))),
            ExprKind::Number => self.number(e),
            ExprKind::String => Ok(self.text_literal(e)),
            ExprKind::DateLit => self.date_literal(e),
            ExprKind::TimestampLit => self.timestamp_literal(e),
            ExprKind::IntervalLit => self.interval(e),
            ExprKind::Name(name) => self.name(e, name),
            ExprKind::Bind(parts) => self.bind(e, parts),
            ExprKind::Subst => Err(unknown_name(
                span,
                "a substitution variable has no known value",
            )),
            ExprKind::CursorAttr { .. } => {
                Ok(self.run_opaque(span, "the state of a cursor", DataType::number()))
            }
            ExprKind::Call { .. } => self.call(e),
            ExprKind::Field { base, name } => self.field(e, base, name),
            ExprKind::Star(_) => Err(not_lowered(span, "`*` as an operand")),
            ExprKind::Unary { op, operand } => self.unary(span, op, operand),
            ExprKind::Binary { op, left, right } => self.binary(span, op, left, right),
            ExprKind::Chain { op, items } => self.chain(op, items),
            ExprKind::Compare {
                op,
                quantifier,
                left,
                right,
            } => self.comparison(span, op, quantifier, left, right),
            ExprKind::Between {
                not,
                operand,
                low,
                high,
            } => {
                let operand = self.expr(operand)?;
                let (low, high) = (self.expr(low)?, self.expr(high)?);
                coerce::between(span, operand, low, high, not)
            }
            ExprKind::InList {
                not,
                operand,
                items,
            } => self.in_list(span, operand, items, not),
            ExprKind::InQuery {
                not,
                operand,
                query,
            } => self.in_query(operand, query, not),
            ExprKind::Like {
                not,
                operand,
                pattern,
                escape,
            } => Ok(Scalar::Like {
                operand: Box::new(self.expr(operand)?),
                pattern: Box::new(self.expr(pattern)?),
                escape: escape.map(|e| self.expr(e)).transpose()?.map(Box::new),
                not,
            }),
            ExprKind::IsNull { not, operand } => Ok(Scalar::IsNull {
                operand: Box::new(self.expr(operand)?),
                not,
            }),
            ExprKind::Is { test, .. } => {
                let what = self.view.text(self.view.ast()[test].what);
                Err(not_lowered(span, format!("IS {what}")))
            }
            ExprKind::Exists(query) => self.exists(query),
            ExprKind::Case {
                operand,
                whens,
                else_,
            } => self.case(operand, whens, else_),
            ExprKind::Cast { clauses, .. } if !clauses.is_empty() => {
                Err(not_lowered(span, "CAST with a default or a format"))
            }
            ExprKind::Cast {
                treat, operand, ty, ..
            } => self.cast(span, treat, operand, ty),
            ExprKind::Extract { field, operand } => self.extract(span, field, operand),
            ExprKind::Subquery(query) => self.scalar_query(query),
            ExprKind::CursorQuery(_) => Err(unsupported(span, "a CURSOR expression")),
            ExprKind::Row(_) => Err(not_lowered(span, "a row of values here")),
            ExprKind::Paren(inner) => self.expr(inner),
            // The side of an outer join is decided where the conditions are sorted; here it is its column.
            ExprKind::Outer(inner) => self.expr(inner),
            ExprKind::AtTimeZone { .. } => Err(not_lowered(span, "AT TIME ZONE")),
            ExprKind::Multiset { .. } => Err(unsupported(span, "a multiset operator")),
            ExprKind::Special(id) => {
                let Special {
                    name,
                    args,
                    clauses,
                } = self.view.ast()[id];
                if clauses.is_empty() {
                    return self.special(span, name, args);
                }
                let name = self.view.ast().ident(name).to_string();
                Err(not_lowered(span, format!("{name} with clauses of its own")))
            }
            ExprKind::Inquiry(_) => {
                Ok(self.run_opaque(span, "a compile-time value", no_type("inquiry directive")))
            }
            ExprKind::Type(_) => Err(not_lowered(span, "a type as an operand")),
            ExprKind::Unparsed => Err(unparsed(span)),
        }
    }

    pub(super) fn list(&mut self, items: List<Expr>) -> Low<Vec<Scalar>> {
        items.ids().map(|i| self.expr(i)).collect()
    }

    fn unary(&mut self, span: Span, op: UnaryOp, operand: Id<Expr>) -> Low<Scalar> {
        match op {
            UnaryOp::Plus => self.expr(operand),
            UnaryOp::Minus => Ok(match self.expr(operand)? {
                Scalar::Literal(Literal::Number(n)) if !n.starts_with('-') => {
                    Scalar::Literal(Literal::Number(format!("-{n}")))
                }
                other => Scalar::Negate {
                    operand: Box::new(other),
                },
            }),
            UnaryOp::Not => Ok(negated(self.expr(operand)?)),
            UnaryOp::Prior | UnaryOp::ConnectByRoot => {
                Err(unsupported(span, "a hierarchical query"))
            }
            UnaryOp::New => Err(not_lowered(span, "an object constructor")),
            UnaryOp::Distinct => Err(not_lowered(span, "DISTINCT in front of an operand")),
            UnaryOp::Old => Err(not_lowered(span, "OLD in front of a returned column")),
        }
    }

    fn binary(&mut self, span: Span, op: BinaryOp, left: Id<Expr>, right: Id<Expr>) -> Low<Scalar> {
        let function = match op {
            BinaryOp::Sub => return self.arith(ArithOp::Sub, left, right),
            BinaryOp::Div => return self.arith(ArithOp::Div, left, right),
            BinaryOp::Power => "POWER",
            BinaryOp::Mod => "MOD",
            BinaryOp::Range | BinaryOp::Pair => return Err(not_lowered(span, "a range here")),
        };
        let args = vec![self.expr(left)?, self.expr(right)?];
        Ok(Scalar::Call {
            function: function.into(),
            args,
            ty: DataType::number(),
        })
    }

    fn arith(&mut self, arith: ArithOp, left: Id<Expr>, right: Id<Expr>) -> Low<Scalar> {
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        Ok(coerce::arith(arith, left, right))
    }

    fn chain(&mut self, op: ChainOp, items: List<Expr>) -> Low<Scalar> {
        let spans: Vec<_> = items.ids().map(|i| self.expr_span(i)).collect();
        let items = self.list(items)?;
        let folded = |arith| {
            let mut items = items.clone().into_iter();
            let first = items.next().unwrap_or(Scalar::Literal(Literal::Null));
            Ok(items.fold(first, |a, b| coerce::arith(arith, a, b)))
        };
        match op {
            ChainOp::And => {
                Ok(Scalar::all(items).unwrap_or(Scalar::Literal(Literal::Boolean(true))))
            }
            ChainOp::Or => Ok(Scalar::Or { items }),
            ChainOp::Concat => {
                let texts: Low<Vec<_>> = items
                    .into_iter()
                    .zip(spans)
                    .map(|(s, span)| coerce::text(span, s))
                    .collect();
                Ok(Scalar::Concat { items: texts? })
            }
            ChainOp::Add => folded(ArithOp::Add),
            ChainOp::Mul => folded(ArithOp::Mul),
        }
    }

    fn comparison(
        &mut self,
        span: Span,
        op: CompareOp,
        quantifier: Option<Quantifier>,
        left: Id<Expr>,
        right: Id<Expr>,
    ) -> Low<Scalar> {
        let cmp = cmp_op(op);
        if let Some(quantifier) = quantifier {
            return self.quantified(span, cmp, quantifier, left, right);
        }
        if let (Some(l), Some(r)) = (self.row(left), self.row(right)) {
            return self.rows(span, cmp, l, r);
        }
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        coerce::compare(span, cmp, left, right)
    }

    /// `= ANY` is IN, `<> ALL` is NOT IN; the others have no operator in the IR.
    fn quantified(
        &mut self,
        span: Span,
        cmp: CmpOp,
        quantifier: Quantifier,
        left: Id<Expr>,
        right: Id<Expr>,
    ) -> Low<Scalar> {
        let not = match (cmp, quantifier) {
            (CmpOp::Eq, Quantifier::Any) => false,
            (CmpOp::Ne, Quantifier::All) => true,
            (
                CmpOp::Eq | CmpOp::Ne | CmpOp::Lt | CmpOp::Le | CmpOp::Gt | CmpOp::Ge,
                Quantifier::Any | Quantifier::All,
            ) => {
                return Err(not_lowered(span, "a comparison with ANY or ALL"));
            }
        };
        match self.view.ast()[right].kind {
            ExprKind::Subquery(query) => self.in_query(left, query, not),
            ExprKind::Row(items) => self.in_list(span, left, items, not),
            ExprKind::Paren(inner) => self.quantified(span, cmp, quantifier, left, inner),
            _ => {
                let (l, r) = (self.expr(left)?, self.expr(right)?);
                coerce::compare(span, cmp, l, r)
            }
        }
    }

    fn row(&self, e: Id<Expr>) -> Option<List<Expr>> {
        match self.view.ast()[e].kind {
            ExprKind::Row(items) => Some(items),
            _ => None,
        }
    }

    fn rows(&mut self, span: Span, cmp: CmpOp, left: List<Expr>, right: List<Expr>) -> Low<Scalar> {
        if left.len() != right.len() || !matches!(cmp, CmpOp::Eq | CmpOp::Ne) {
            return Err(not_lowered(span, "this comparison of rows"));
        }
        let (left, right) = (self.list(left)?, self.list(right)?);
        let pairs: Low<Vec<_>> = left
            .into_iter()
            .zip(right)
            .map(|(l, r)| coerce::compare(span, CmpOp::Eq, l, r))
            .collect();
        let equal = Scalar::all(pairs?).unwrap_or(Scalar::Literal(Literal::Boolean(true)));
        Ok(match cmp {
            CmpOp::Ne => Scalar::Not {
                operand: Box::new(equal),
            },
            CmpOp::Eq | CmpOp::Lt | CmpOp::Le | CmpOp::Gt | CmpOp::Ge => equal,
        })
    }

    fn in_list(
        &mut self,
        span: Span,
        operand: Id<Expr>,
        items: List<Expr>,
        not: bool,
    ) -> Low<Scalar> {
        if let Some(row) = self.row(operand) {
            let mut any = Vec::new();
            for item in items.ids() {
                let Some(candidate) = self.row(item) else {
                    return Err(not_lowered(span, "a row IN values that are no rows"));
                };
                any.push(self.rows(span, CmpOp::Eq, row, candidate)?);
            }
            let found = Scalar::Or { items: any };
            return Ok(if not {
                Scalar::Not {
                    operand: Box::new(found),
                }
            } else {
                found
            });
        }
        let operand = self.expr(operand)?;
        let items = self.list(items)?;
        coerce::in_list(span, operand, items, not)
    }

    fn in_query(&mut self, operand: Id<Expr>, query: Id<Query>, not: bool) -> Low<Scalar> {
        let operands = match self.row(operand) {
            Some(row) => self.list(row)?,
            None => vec![self.expr(operand)?],
        };
        let query = Box::new(self.subquery(query)?);
        Ok(Scalar::InQuery {
            operands,
            query,
            not,
        })
    }

    fn exists(&mut self, query: Id<Query>) -> Low<Scalar> {
        let query = Box::new(self.subquery(query)?);
        Ok(Scalar::Exists { query, not: false })
    }

    fn scalar_query(&mut self, query: Id<Query>) -> Low<Scalar> {
        let span = self.span(self.view.ast()[query].span);
        let rel = self.subquery(query)?;
        if rel.outputs().len() != 1 {
            return Err(not_lowered(span, "a scalar subquery of several columns"));
        }
        Ok(Scalar::ScalarQuery {
            query: Box::new(rel),
        })
    }

    /// A simple CASE becomes a searched one; its operand is repeated, which is the same as long as it is deterministic.
    fn case(
        &mut self,
        operand: Option<Id<Expr>>,
        whens: List<When>,
        else_: Option<Id<Expr>>,
    ) -> Low<Scalar> {
        let operand = operand.map(|o| self.expr(o)).transpose()?;
        let mut out = Vec::new();
        for when in self.view.ast().list(whens) {
            let span = self.expr_span(when.when);
            let tested = self.expr(when.when)?;
            let condition = match &operand {
                Some(o) => coerce::compare(span, CmpOp::Eq, o.clone(), tested)?,
                None => tested,
            };
            let then = self.expr(when.then)?;
            out.push(CaseWhen {
                when: condition,
                then,
            });
        }
        let otherwise = else_.map(|e| self.expr(e)).transpose()?.map(Box::new);
        Ok(Scalar::Case {
            whens: out,
            otherwise,
        })
    }

    fn cast(&mut self, span: Span, treat: bool, operand: Id<Expr>, ty: Id<TypeRef>) -> Low<Scalar> {
        if treat {
            return Err(unsupported(span, "TREAT"));
        }
        let to = self.data_type(ty);
        match to {
            DataType::Unknown { reason } => Err(unknown_name(span, reason)),
            DataType::Other { name } => Err(unsupported(span, format!("a CAST to {name}"))),
            to => Ok(Scalar::Cast {
                operand: Box::new(self.expr(operand)?),
                to,
            }),
        }
    }

    /// `EXTRACT(field FROM x)` is the function `EXTRACT_<FIELD>`.
    fn extract(&mut self, span: Span, field: Ident, operand: Id<Expr>) -> Low<Scalar> {
        let field = self.view.ast().ident(field).to_string();
        match field.as_str() {
            "YEAR" | "MONTH" | "DAY" | "HOUR" | "MINUTE" | "SECOND" => Ok(Scalar::Call {
                function: format!("EXTRACT_{field}"),
                args: vec![self.expr(operand)?],
                ty: DataType::number(),
            }),
            _ => Err(not_lowered(span, format!("EXTRACT of {field}"))),
        }
    }
}

pub(super) fn cmp_op(op: CompareOp) -> CmpOp {
    match op {
        CompareOp::Eq => CmpOp::Eq,
        CompareOp::Ne => CmpOp::Ne,
        CompareOp::Lt => CmpOp::Lt,
        CompareOp::Le => CmpOp::Le,
        CompareOp::Gt => CmpOp::Gt,
        CompareOp::Ge => CmpOp::Ge,
    }
}

/// NOT, taken into the operators that have it: the same for true, false and unknown.
fn negated(s: Scalar) -> Scalar {
    match s {
        Scalar::Exists { query, not } => Scalar::Exists { query, not: !not },
        Scalar::InQuery {
            operands,
            query,
            not,
        } => Scalar::InQuery {
            operands,
            query,
            not: !not,
        },
        Scalar::IsNull { operand, not } => Scalar::IsNull { operand, not: !not },
        Scalar::InList {
            operand,
            items,
            not,
        } => Scalar::InList {
            operand,
            items,
            not: !not,
        },
        Scalar::Not { operand } => *operand,
        other => Scalar::Not {
            operand: Box::new(other),
        },
    }
}
