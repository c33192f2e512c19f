//! Scalar expressions. Every arm keeps Oracle's meaning, or refuses.

use sqlparser::ast::{BinaryOperator, Expr, InTarget, Value};

use super::build::{
    Node, binary, call, case, cast, chain, compared, lit_number, minus, not, null_of, unnest,
    verbatim,
};
use super::decimal::{BARE_SCALE, Kind, arith, common};
use super::env::Env;
use super::{AddUnit, Compiler, rels};
use crate::emit::EmitError;
use crate::rel::{ArithOp, CaseWhen, CmpOp, DataType, Literal, Rel, Scalar};

type Out = Result<Node, EmitError>;

impl Compiler<'_> {
    /// Translates one expression.
    pub(super) fn scalar(&self, s: &Scalar, env: &Env<'_>) -> Out {
        stacker::maybe_grow(256 << 10, 4 << 20, || self.scalar_inner(s, env))
    }

    fn scalar_inner(&self, s: &Scalar, env: &Env<'_>) -> Out {
        match s {
            Scalar::Column(c) => env.find(c).cloned().ok_or_else(|| {
                self.unsupported(format!("column {}.{} is not in scope", c.relation, c.name))
            }),
            Scalar::Literal(l) => Ok(self.literal(l)),
            Scalar::Arith { arith, left, right } => self.arith(*arith, left, right, env),
            Scalar::Negate { operand } => {
                let n = self.numeric(operand, env)?;
                Ok(Node::new(minus(n.expr), n.kind))
            }
            Scalar::Concat { items } => self.concat(items, env),
            Scalar::Compare { cmp, left, right } => self.compare(*cmp, left, right, env),
            Scalar::And { items } => self.logic(BinaryOperator::And, items, env),
            Scalar::Or { items } => self.logic(BinaryOperator::Or, items, env),
            Scalar::Not { operand } => Ok(truth(not(self.scalar(operand, env)?.expr))),
            Scalar::IsNull {
                operand,
                not: negated,
            } => self.is_null(operand, *negated, env),
            Scalar::Between {
                operand,
                low,
                high,
                not,
            } => self.between([operand, low, high], *not, env),
            Scalar::InList {
                operand,
                items,
                not,
            } => self.in_list(operand, items, *not, env),
            Scalar::Like {
                operand,
                pattern,
                escape,
                not,
            } => self.like(operand, pattern, escape.as_deref(), *not, env),
            Scalar::Case { whens, otherwise } => self.case(whens, otherwise.as_deref(), env),
            Scalar::Cast { operand, to } => self.cast_to(operand, to, env),
            Scalar::Call { function, args, ty } => self.function(function, args, ty, env),
            Scalar::PeriodOf { operand, unit } => {
                let n = self.date(operand, env)?;
                Ok(Node::new(
                    self.dialect.period(n.expr, *unit),
                    Kind::Timestamp(3),
                ))
            }
            Scalar::Exists { query, not } => {
                let subquery = Box::new(rels::subquery(self, query, env)?);
                Ok(truth(Expr::Exists {
                    subquery,
                    negated: *not,
                }))
            }
            Scalar::InQuery {
                operands,
                query,
                not,
            } => self.in_query(operands, query, *not, env),
            Scalar::ScalarQuery { query } => {
                let q = rels::subquery(self, query, env)?;
                let ty = query.outputs().into_iter().next().map(|c| c.ty);
                let kind = ty.map_or(Kind::Other, |t| Kind::of_result(&t));
                Ok(Node::new(Expr::Subquery(Box::new(q)), kind))
            }
            Scalar::EventTime { ty } => {
                let now = self
                    .dialect
                    .now(ty)
                    .ok_or_else(|| self.unsupported(format!("the time of processing as {ty:?}")))?;
                Ok(Node::new(now, Kind::of(ty)))
            }
            Scalar::EventUser => Ok(Node::new(
                verbatim(self.dialect.text("ora2stream")),
                Kind::Text,
            )),
        }
    }

    fn literal(&self, l: &Literal) -> Node {
        match l {
            Literal::Null => Node::new(Expr::value(Value::Null), Kind::Other),
            Literal::Number(n) => {
                let plain = plain_number(n);
                let digits = plain.bytes().filter(u8::is_ascii_digit).count();
                let scale = plain.split_once('.').map_or(0, |(_, f)| f.len());
                let kind = match (scale, digits) {
                    (0, 0..=18) => Kind::Integer,
                    (s, d) => Kind::Decimal(d.clamp(1, 38) as u8, s.min(38) as u8),
                };
                Node::new(lit_number(&plain), kind)
            }
            Literal::Text(t) => Node::new(verbatim(self.dialect.text(t)), Kind::Text),
            Literal::Date(d) => Node::new(self.timestamp(d), Kind::Timestamp(3)),
            Literal::Timestamp(t) => {
                let digits = t.split_once('.').map_or(0, |(_, f)| f.len());
                let kind = Kind::Timestamp(digits.clamp(3, 9) as u8);
                Node::new(self.timestamp(t), kind)
            }
            Literal::Boolean(b) => truth(Expr::value(Value::Boolean(*b))),
        }
    }

    fn timestamp(&self, text: &str) -> Expr {
        verbatim(format!("TIMESTAMP {}", self.dialect.text(text)))
    }

    fn arith(&self, op: ArithOp, left: &Scalar, right: &Scalar, env: &Env<'_>) -> Out {
        match (left.ty().is_datetime(), right.ty().is_datetime()) {
            (true, true) => self.days_between(op, left, right, env),
            (true, false) => self.moved(op, left, right, env),
            (false, true) if op == ArithOp::Add => self.moved(op, right, left, env),
            (false, true) => Err(self.unsupported("a number minus a date")),
            (false, false) => self.number_arith(op, left, right, env),
        }
    }

    fn number_arith(&self, op: ArithOp, left: &Scalar, right: &Scalar, env: &Env<'_>) -> Out {
        let mut l = self.numeric(left, env)?;
        let r = self.numeric(right, env)?;
        if op == ArithOp::Div {
            l = self.dividend(l, left);
        }
        let (kind, lost) = arith(op, l.kind, r.kind);
        if let Some((want, kept)) = lost {
            self.note(format!(
                "A product or sum of wide decimals keeps {kept} digits after the point; Oracle keeps {want}."
            ));
        }
        if op == ArithOp::Div {
            self.note(kind.scale().map_or_else(|| "A quotient keeps fewer digits than Oracle's 38 significant ones.".into(), |s| format!("A quotient keeps {s} digits after the point; Oracle keeps about 38 significant ones.")));
        }
        let symbol = match op {
            ArithOp::Add => BinaryOperator::Plus,
            ArithOp::Sub => BinaryOperator::Minus,
            ArithOp::Mul => BinaryOperator::Multiply,
            ArithOp::Div => BinaryOperator::Divide,
        };
        Ok(Node::new(binary(l.expr, symbol, r.expr), kind))
    }

    /// Integers divide as integers in the engines: the dividend becomes a decimal.
    fn dividend(&self, node: Node, scalar: &Scalar) -> Node {
        let (p, s) = match node.kind {
            Kind::Decimal(..) | Kind::Double => return node,
            Kind::Integer => (19, 0),
            Kind::Number | Kind::Text | Kind::Timestamp(_) | Kind::Boolean | Kind::Other => {
                Kind::of(&scalar.ty())
                    .scale()
                    .map_or((38, BARE_SCALE), |s| (30.max(s), s))
            }
        };
        Node::new(
            cast(node.expr, self.dialect.decimal(p, s)),
            Kind::Decimal(p, s),
        )
    }

    /// DATE - DATE in days.
    fn days_between(&self, op: ArithOp, left: &Scalar, right: &Scalar, env: &Env<'_>) -> Out {
        let dates = left.ty() == DataType::Date && right.ty() == DataType::Date;
        if op != ArithOp::Sub || !dates {
            return Err(self.unsupported("arithmetic on two timestamps gives an INTERVAL"));
        }
        let (l, r) = (self.date(left, env)?, self.date(right, env)?);
        let seconds = cast(
            self.dialect.seconds_between(r.expr, l.expr),
            self.dialect.decimal(20, 0),
        );
        let days = binary(seconds, BinaryOperator::Divide, lit_number("86400"));
        let (kind, _) = arith(ArithOp::Div, Kind::Decimal(20, 0), Kind::Decimal(10, 0));
        Ok(Node::new(Expr::Nested(Box::new(days)), kind))
    }

    /// DATE +- a number of days.
    fn moved(&self, op: ArithOp, date: &Scalar, days: &Scalar, env: &Env<'_>) -> Out {
        let sign = match op {
            ArithOp::Add => false,
            ArithOp::Sub => true,
            ArithOp::Mul | ArithOp::Div => return Err(self.unsupported("a date times a number")),
        };
        let d = self.date(date, env)?;
        let n = self.numeric(days, env)?;
        let whole = matches!(n.kind, Kind::Integer | Kind::Decimal(_, 0));
        let (unit, n) = if whole {
            (AddUnit::Day, n.expr)
        } else {
            let seconds = binary(n.expr, BinaryOperator::Multiply, lit_number("86400"));
            let rounded = call("ROUND", vec![seconds, lit_number("0")]);
            (AddUnit::Second, rounded)
        };
        let n = if sign { minus(n) } else { n };
        let expr = self.dialect.add_units(unit, d.expr, unnest(n));
        Ok(Node::new(expr, Kind::Timestamp(3)))
    }

    fn date(&self, scalar: &Scalar, env: &Env<'_>) -> Out {
        let n = self.scalar(scalar, env)?;
        match n.kind {
            Kind::Timestamp(_) => Ok(n),
            _ => Err(self.unsupported(
                "a date is wanted where something else stands; convert with TO_DATE and a format",
            )),
        }
    }

    /// NULL operands vanish, and nothing at all is NULL.
    fn concat(&self, items: &[Scalar], env: &Env<'_>) -> Out {
        let mut args = vec![verbatim(self.dialect.text(""))];
        for item in items {
            if matches!(item, Scalar::Literal(Literal::Null)) {
                continue;
            }
            if pads(item) {
                return Err(self.unsupported("a CAST to CHAR inside ||, which pads with blanks"));
            }
            args.push(self.textual(item, env)?);
        }
        let joined = call("CONCAT_WS", args);
        let is_never_null = items
            .iter()
            .any(|i| matches!(i, Scalar::Literal(Literal::Text(_))));
        if is_never_null {
            return Ok(Node::new(joined, Kind::Text));
        }
        let empty = verbatim(self.dialect.text(""));
        Ok(Node::new(call("NULLIF", vec![joined, empty]), Kind::Text))
    }

    fn compare(&self, cmp: CmpOp, left: &Scalar, right: &Scalar, env: &Env<'_>) -> Out {
        if is_null(left) || is_null(right) {
            return Ok(self.unknown());
        }
        let op = match cmp {
            CmpOp::Eq => BinaryOperator::Eq,
            CmpOp::Ne => BinaryOperator::NotEq,
            CmpOp::Lt => BinaryOperator::Lt,
            CmpOp::Le => BinaryOperator::LtEq,
            CmpOp::Gt => BinaryOperator::Gt,
            CmpOp::Ge => BinaryOperator::GtEq,
        };
        let mut sides = self.comparable(&[left, right], env)?.into_iter();
        let (Some(l), Some(r)) = (sides.next(), sides.next()) else {
            return Err(self.unsupported("a comparison without two sides"));
        };
        Ok(truth(binary(l, op, r)))
    }

    /// A comparison with NULL is neither true nor false.
    fn unknown(&self) -> Node {
        truth(null_of(sqlparser::ast::DataType::Boolean))
    }

    fn logic(&self, op: BinaryOperator, items: &[Scalar], env: &Env<'_>) -> Out {
        let items = items
            .iter()
            .map(|i| Ok(self.scalar(i, env)?.expr))
            .collect::<Result<Vec<_>, EmitError>>()?;
        chain(op, items)
            .map(truth)
            .ok_or_else(|| self.unsupported("AND or OR without operands"))
    }

    fn is_null(&self, operand: &Scalar, negated: bool, env: &Env<'_>) -> Out {
        let e = Box::new(compared(self.scalar(operand, env)?.expr));
        Ok(truth(if negated {
            Expr::IsNotNull(e)
        } else {
            Expr::IsNull(e)
        }))
    }

    fn between(&self, operands: [&Scalar; 3], negated: bool, env: &Env<'_>) -> Out {
        if operands.iter().any(|o| is_null(o)) {
            return Ok(self.unknown());
        }
        let mut e = self.comparable(&operands, env)?.into_iter();
        let (Some(x), Some(low), Some(high)) = (e.next(), e.next(), e.next()) else {
            return Err(self.unsupported("BETWEEN without bounds"));
        };
        Ok(truth(Expr::Between {
            expr: Box::new(compared(x)),
            negated,
            low: Box::new(compared(low)),
            high: Box::new(compared(high)),
        }))
    }

    fn in_list(&self, operand: &Scalar, items: &[Scalar], negated: bool, env: &Env<'_>) -> Out {
        let has_null = items.iter().any(is_null);
        if has_null && negated {
            return Ok(self.unknown()); // NOT IN (.., NULL) is never true
        }
        let mut all: Vec<&Scalar> = vec![operand];
        all.extend(items.iter().filter(|i| !is_null(i)));
        if all.len() == 1 {
            return Ok(self.unknown());
        }
        let mut list = self.comparable(&all, env)?;
        let expr = Box::new(compared(list.remove(0)));
        Ok(truth(Expr::In {
            expr,
            target: InTarget::List(list),
            negated,
            global: false,
        }))
    }

    fn in_query(&self, operands: &[Scalar], query: &Rel, negated: bool, env: &Env<'_>) -> Out {
        let mut left = operands
            .iter()
            .map(|o| Ok(self.scalar(o, env)?.expr))
            .collect::<Result<Vec<_>, EmitError>>()?;
        let left = match left.len() {
            1 => compared(left.remove(0)),
            _ => Expr::Tuple(left),
        };
        let subquery = Box::new(rels::subquery(self, query, env)?);
        Ok(truth(Expr::In {
            expr: Box::new(left),
            target: InTarget::Subquery(subquery),
            negated,
            global: false,
        }))
    }

    fn like(
        &self,
        operand: &Scalar,
        pattern: &Scalar,
        escape: Option<&Scalar>,
        negated: bool,
        env: &Env<'_>,
    ) -> Out {
        if is_null(pattern) {
            return Ok(self.unknown());
        }
        let escape = match (escape, self.dialect.like_escape()) {
            (Some(e), _) => Some(Box::new(self.scalar(e, env)?.expr)),
            (None, Some(c)) => {
                let safe = matches!(pattern, Scalar::Literal(Literal::Text(t)) if !t.contains(c));
                if !safe {
                    return Err(self.unsupported(format!("LIKE with `{c}` in the pattern, or a pattern that is not a literal, without ESCAPE")));
                }
                None
            }
            (None, None) => None,
        };
        Ok(truth(Expr::Like {
            negated,
            any: false,
            expr: Box::new(compared(self.textual(operand, env)?)),
            pattern: Box::new(compared(self.textual(pattern, env)?)),
            escape_char: escape,
        }))
    }

    fn case(&self, whens: &[CaseWhen], otherwise: Option<&Scalar>, env: &Env<'_>) -> Out {
        let mut kind: Option<Kind> = None;
        let mut branch = |s: &Scalar| -> Result<Expr, EmitError> {
            let n = self.scalar(s, env)?;
            if !is_null(s) {
                kind = Some(kind.map_or(n.kind, |k| common(k, n.kind)));
            }
            Ok(n.expr)
        };
        let mut branches = Vec::new();
        for w in whens {
            branches.push((self.scalar(&w.when, env)?.expr, branch(&w.then)?));
        }
        let otherwise = otherwise.map(branch).transpose()?;
        let kind = kind.unwrap_or(Kind::Other);
        Ok(Node::new(case(branches, otherwise), kind))
    }

    fn cast_to(&self, operand: &Scalar, to: &DataType, env: &Env<'_>) -> Out {
        let target = Kind::of(to);
        let typed = |e: Expr| -> Out {
            let ty = self
                .dialect
                .cast_type(to)
                .ok_or_else(|| self.unsupported(format!("CAST to {to:?}")))?;
            Ok(Node::new(cast(e, ty), target))
        };
        if is_null(operand) {
            return typed(Expr::value(Value::Null));
        }
        let n = self.scalar(operand, env)?;
        match (n.kind, target) {
            (k, Kind::Decimal(..)) if k.is_number() && is_bare(to) => Ok(n),
            (_, Kind::Text) => Ok(Node::new(self.textual(operand, env)?, Kind::Text)),
            (k, Kind::Decimal(_, s)) if k.is_number() => Ok(self.rounded(n, to, s)),
            (Kind::Text, Kind::Decimal(..)) => typed(n.expr),
            (k, Kind::Double) if k.is_number() || k == Kind::Text => typed(n.expr),
            (Kind::Timestamp(0..=3), Kind::Timestamp(0..=3)) => Ok(n),
            (Kind::Timestamp(_), Kind::Timestamp(p)) if *to == DataType::Date => Ok(Node::new(
                self.dialect.to_second(n.expr),
                Kind::Timestamp(p),
            )),
            (Kind::Timestamp(_), Kind::Timestamp(_)) => typed(n.expr),
            (a, b) if a == b => Ok(n),
            (a, b) => Err(self.unsupported(format!(
                "CAST from {a:?} to {b:?}; convert with a function that names the format"
            ))),
        }
    }

    /// Rounds half away from zero to the scale of an Oracle NUMBER, and never narrows the integer digits: an
    /// engine would turn what does not fit into NULL.
    pub fn rounded(&self, node: Node, to: &DataType, scale: u8) -> Node {
        if let DataType::Number { scale: Some(s), .. } = to
            && *s < 0
        {
            let expr = call("ROUND", vec![unnest(node.expr), lit_number(&s.to_string())]);
            return Node::new(expr, Kind::Number);
        }
        match node.kind {
            Kind::Decimal(_, s) if s <= scale => node,
            Kind::Integer => node,
            Kind::Decimal(p, s) => {
                let places = lit_number(&scale.to_string());
                let kind = Kind::Decimal((p - s + scale + 1).min(38), scale);
                Node::new(call("ROUND", vec![unnest(node.expr), places]), kind)
            }
            Kind::Double
            | Kind::Number
            | Kind::Text
            | Kind::Timestamp(_)
            | Kind::Boolean
            | Kind::Other => {
                let places = lit_number(&scale.to_string());
                let wide = cast(node.expr, self.dialect.decimal(38, scale.max(BARE_SCALE)));
                let kind = Kind::Decimal(38, scale);
                Node::new(call("ROUND", vec![wide, places]), kind)
            }
        }
    }
}

/// NUMBER without precision or scale: nothing is rounded.
fn is_bare(ty: &DataType) -> bool {
    matches!(
        ty,
        DataType::Number {
            precision: None,
            scale: None
        } | DataType::Float { .. }
    )
}

/// A CAST that adds blanks.
fn pads(s: &Scalar) -> bool {
    matches!(s, Scalar::Cast { operand, to: DataType::Char { length } }
        if operand.ty() != DataType::Char { length: *length })
}

fn truth(expr: Expr) -> Node {
    Node::new(expr, Kind::Boolean)
}

/// The NULL literal, `''` included.
pub(super) fn is_null(s: &Scalar) -> bool {
    matches!(s, Scalar::Literal(Literal::Null))
}

/// Without an exponent, which would make an engine read a double.
fn plain_number(text: &str) -> String {
    if !text.contains(['e', 'E']) {
        return text.into();
    }
    text.parse::<bigdecimal::BigDecimal>()
        .map_or_else(|_| text.into(), |n| n.to_plain_string())
}
