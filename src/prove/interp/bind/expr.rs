//! Expressions and conditions.

use std::str::FromStr;

use super::super::code::{Arith, Attr, Cmp, CurRef, Ex, Lv, Method, Native, Slot, Special};
use super::super::prog::Sym;
use super::super::stop::{Res, Stop, Why};
use super::super::val::{Ty, Val};
use super::super::walk::uses;
use super::{Binds, Cx, T};
use crate::syntax::ast::{
    BinaryOp, ChainOp, CompareOp, CursorAttr, Expr, ExprKind, Id, Ident, List, Quantifier, TokSpan,
    UnaryOp, When,
};
use crate::value::{Number, Value, from_moment, func::Function, moment::Moment};

/// A constant number.
pub(super) fn number(n: i64) -> Ex {
    Ex::Const(Val::from(n))
}

fn cmp(op: CompareOp) -> Cmp {
    match op {
        CompareOp::Eq => Cmp::Eq,
        CompareOp::Ne => Cmp::Ne,
        CompareOp::Lt => Cmp::Lt,
        CompareOp::Le => Cmp::Le,
        CompareOp::Gt => Cmp::Gt,
        CompareOp::Ge => Cmp::Ge,
    }
}

fn attr(a: CursorAttr) -> Option<Attr> {
    match a {
        CursorAttr::Found => Some(Attr::Found),
        CursorAttr::NotFound => Some(Attr::NotFound),
        CursorAttr::IsOpen => Some(Attr::IsOpen),
        CursorAttr::RowCount => Some(Attr::RowCount),
        CursorAttr::BulkRowCount | CursorAttr::BulkExceptions => None,
    }
}

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// An expression.
    pub(super) fn expr(&mut self, id: Id<Expr>) -> Res<T> {
        let span = self.view.ast()[id].span;
        self.deeper(|cx| cx.expr_kind(id))
            .map_err(|s| s.at(self.span(span)))
    }

    /// An expression for a variable of this type; what converts it is the assignment.
    pub(super) fn converted(&mut self, id: Id<Expr>, _ty: &Ty) -> Res<Ex> {
        self.expr(id).map(|t| t.0)
    }

    /// A condition.
    pub(super) fn cond(&mut self, id: Id<Expr>) -> Res<Ex> {
        self.expr(id).map(|t| t.0)
    }

    fn exprs(&mut self, list: List<Expr>) -> Res<Vec<T>> {
        list.ids().map(|e| self.expr(e)).collect()
    }

    fn expr_kind(&mut self, id: Id<Expr>) -> Res<T> {
        let e = self.view.ast()[id];
        let bool_ = |ex: Ex| Ok((ex, Ty::Bool));
        match e.kind {
            ExprKind::Null => Ok((Ex::Const(Val::NULL), Ty::Unknown)),
            ExprKind::Bool(b) => bool_(Ex::Const(Val::Bool(b))),
            ExprKind::Number => self.number_literal(id),
            ExprKind::String => {
                let text = self.view.string(id).unwrap_or_default();
                let len = text.chars().count() as u32;
                Ok((
                    Ex::Const(Val::S(Value::text(text))),
                    Ty::Char { len, chars: true },
                ))
            }
            ExprKind::DateLit | ExprKind::TimestampLit => self.moment_literal(id),
            ExprKind::IntervalLit => self.interval_literal(e.span),
            ExprKind::Name(name) => {
                if !self.view.ast()[name].link.is_empty() {
                    return self.unsupported("a database link", e.span);
                }
                let parts = self.parts(name);
                self.named(&parts)
            }
            ExprKind::Bind(parts) => self.bind_place(parts),
            ExprKind::CursorAttr { base, attr } => self.cursor_attr(base, attr),
            ExprKind::Call { .. } => self.call_expr(id),
            ExprKind::Field { base, name } => self.field(base, name),
            ExprKind::Unary { op, operand } => self.unary(op, operand, e.span),
            ExprKind::Binary { op, left, right } => self.binary(op, left, right, e.span),
            ExprKind::Chain { op, items } => self.chain(op, items),
            ExprKind::Compare {
                op,
                quantifier,
                left,
                right,
            } => self.compare(cmp(op), quantifier, left, right),
            ExprKind::Between {
                not,
                operand,
                low,
                high,
            } => {
                let (x, xt) = self.expr(operand)?;
                let (a, at) = self.expr(low)?;
                let (b, bt) = self.expr(high)?;
                let padded = xt.is_char() && (at.is_char() || bt.is_char());
                bool_(Ex::Between(Box::new((x, a, b)), not, padded))
            }
            ExprKind::InList {
                not,
                operand,
                items,
            } => self.in_list(not, operand, items),
            ExprKind::InQuery {
                not,
                operand,
                query,
            } => {
                let (operands, char_) = self.operands(operand)?;
                let q = self.subquery(query)?;
                let padded = char_ && q.cols.fields.first().is_some_and(|(_, t)| t.is_char());
                bool_(Ex::InQuery(operands, q, not, padded))
            }
            ExprKind::Like {
                not,
                operand,
                pattern,
                escape,
            } => {
                let x = self.expr(operand)?.0;
                let p = self.expr(pattern)?.0;
                let c = escape.map(|c| self.expr(c)).transpose()?;
                bool_(Ex::Like(Box::new((x, p, c.map(|c| c.0))), not))
            }
            ExprKind::IsNull { not, operand } => {
                let x = self.expr(operand)?.0;
                bool_(Ex::IsNull(Box::new(x), not))
            }
            ExprKind::Exists(q) => {
                let q = self.subquery(q)?;
                bool_(Ex::Exists(q))
            }
            ExprKind::Case {
                operand,
                whens,
                else_,
            } => self.case(operand, whens, else_),
            ExprKind::Cast {
                operand, ty, treat, ..
            } => {
                if treat {
                    return self.unsupported("TREAT", e.span);
                }
                let ty = self.ty(ty)?;
                let x = self.expr(operand)?.0;
                Ok((Ex::Cast(Box::new(x), ty.clone()), ty))
            }
            ExprKind::Extract { field, operand } => {
                let field = Ex::Const(Val::S(Value::text(self.ident(field))));
                let x = self.expr(operand)?.0;
                Ok((Ex::Native(Native::Extract, vec![field, x]), Ty::NUMBER))
            }
            ExprKind::Subquery(q) => {
                let q = self.subquery(q)?;
                let ty = q
                    .cols
                    .fields
                    .first()
                    .map_or(Ty::Unknown, |(_, t)| t.clone());
                Ok((Ex::Scalar(q), ty))
            }
            ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::Outer(inner) => {
                let t = self.expr(inner)?;
                if let Some(scope) = self.queries.last_mut() {
                    scope.optional |= uses(&t.0).srcs;
                }
                Ok(t)
            }
            ExprKind::Special(s) if self.ident(self.view.ast()[s].name) == "TRIM" => self.trim(id),
            ExprKind::Is { .. }
            | ExprKind::Subst
            | ExprKind::Star(_)
            | ExprKind::CursorQuery(_)
            | ExprKind::Row(_)
            | ExprKind::AtTimeZone { .. }
            | ExprKind::Multiset { .. }
            | ExprKind::Special(_)
            | ExprKind::Inquiry(_)
            | ExprKind::Type(_) => {
                let text: String = self.view.text(e.span).chars().take(60).collect();
                self.unsupported(format!("the expression {text}"), e.span)
            }
            ExprKind::Unparsed => Err(Stop::refuse(
                Why::Syntax,
                "an expression that could not be parsed",
            )),
        }
    }

    fn number_literal(&mut self, id: Id<Expr>) -> Res<T> {
        let text = self.view.number(id).unwrap_or("0");
        if text.ends_with(['f', 'F', 'd', 'D']) {
            return Err(Stop::unsupported("binary floating point"));
        }
        let n = Number::from_str(text)?;
        Ok((Ex::Const(Val::S(Value::Number(n))), Ty::NUMBER))
    }

    fn moment_literal(&mut self, id: Id<Expr>) -> Res<T> {
        let text = self.view.string(id).unwrap_or_default();
        let moment = Moment::parse_iso(text.trim().as_bytes());
        let date = moment.ok().and_then(|m| from_moment(&m));
        let Some(date) = date else {
            return Err(Stop::unsupported(format!("the literal '{text}'")));
        };
        Ok(match self.view.ast()[id].kind {
            ExprKind::DateLit => (Ex::Const(Val::S(Value::Date(date))), Ty::Date),
            _ => (Ex::Const(Val::S(Value::Timestamp(date))), Ty::Ts(9)),
        })
    }

    fn interval_literal(&mut self, span: TokSpan) -> Res<T> {
        let text = self.view.text(span);
        let mut pieces = text.split('\'');
        let (_, value, fields) = (
            pieces.next(),
            pieces.next().unwrap_or(""),
            pieces.next().unwrap_or(""),
        );
        let words: Vec<String> = fields
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter(|w| !w.is_empty())
            .map(str::to_ascii_uppercase)
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let bad = || Stop::unsupported(format!("the interval {text}"));
        if matches!(words.first(), Some(&"YEAR" | &"MONTH")) {
            let months = super::super::interval::months(value, &words).ok_or_else(bad)?;
            return Ok((Ex::Const(Val::Ym(months)), Ty::Ym));
        }
        let nanos = super::super::interval::nanos(value, &words).ok_or_else(bad)?;
        Ok((Ex::Const(Val::Ds(nanos)), Ty::Ds))
    }

    fn bind_place(&mut self, parts: List<Ident>) -> Res<T> {
        let names: Vec<String> = self
            .view
            .ast()
            .list(parts)
            .iter()
            .map(|i| self.ident(*i))
            .collect();
        match self.bind_target(&names)? {
            (Lv::Var(slot, ty, _), rest) => self.members((Ex::Var(slot), ty), rest),
            (Lv::Field(..) | Lv::Elem(..), _) => Err(Stop::unsupported("a bind of this form")),
        }
    }

    /// The variable behind a bind, and the parts that follow it.
    pub(super) fn bind_target<'n>(&mut self, names: &'n [String]) -> Res<(Lv, &'n [String])> {
        let Some(first) = names.first() else {
            return Err(Stop::missing("a bind without a name"));
        };
        let local = |at: u32| Slot::Local { up: 0, at };
        match &mut self.binds {
            Binds::Trigger(new, old, row) => {
                let slot = match first.as_str() {
                    "NEW" => *new,
                    "OLD" => *old,
                    _ => return Err(Stop::missing(format!("bind variable :{first}"))),
                };
                let ty = Ty::Rec(row.clone());
                Ok((Lv::Var(self.seen(slot, 0), ty, false), &names[1..]))
            }
            Binds::Positional(next) => {
                *next += 1;
                Ok((Lv::Var(local(*next - 1), Ty::Unknown, false), &names[1..]))
            }
            Binds::Named(known) => {
                let at = known.iter().position(|n| n == first).unwrap_or_else(|| {
                    known.push(first.clone());
                    known.len() - 1
                });
                let slot = self.seen(local(at as u32), 0);
                Ok((Lv::Var(slot, Ty::Unknown, false), &names[1..]))
            }
            Binds::None => Err(Stop::missing(format!(
                "bind variable :{first} has no value"
            ))),
        }
    }

    /// A dotted name.
    fn named(&mut self, parts: &[String]) -> Res<T> {
        if let Some(t) = self.column(parts)? {
            return Ok(t);
        }
        if let Some((sym, used)) = self.find(parts)? {
            let rest = &parts[used..];
            match sym {
                Sym::Var {
                    level, slot, ty, ..
                } => {
                    return self.members((Ex::Var(self.seen(slot, level)), ty), rest);
                }
                Sym::Routines(ids) => {
                    let call = self.routine_call(&ids, &parts[used - 1], List::empty())?;
                    return self.members(call, rest);
                }
                Sym::Type(ty) if rest.is_empty() => {
                    return Ok((Ex::Make(ty.clone(), Vec::new()), ty));
                }
                Sym::Cursor { .. } | Sym::Type(_) | Sym::Exc(_) => {}
            }
        }
        self.pseudo(parts)
    }

    /// Fields and methods without arguments.
    pub(super) fn members(&mut self, base: T, parts: &[String]) -> Res<T> {
        let mut at = base;
        for part in parts {
            at = self.member(at, part)?;
        }
        Ok(at)
    }

    fn member(&mut self, (ex, ty): T, part: &str) -> Res<T> {
        match &ty {
            Ty::Rec(r) => match r.field(part) {
                Some((at, t)) => Ok((Ex::Field(Box::new(ex), at), t.clone())),
                None => Err(Stop::missing(format!("component {part} is not declared"))),
            },
            Ty::Coll(_) => {
                let method = match part {
                    "COUNT" => Method::Count,
                    "FIRST" => Method::First,
                    "LAST" => Method::Last,
                    "LIMIT" => Method::Limit,
                    _ => return Err(Stop::missing(format!("component {part} is not declared"))),
                };
                Ok((Ex::Method(method, Box::new(ex), Vec::new()), Ty::NUMBER))
            }
            _ => Err(Stop::missing(format!("component {part} is not declared"))),
        }
    }

    /// What is a name without being declared: SYSDATE, sequences, ROWNUM.
    fn pseudo(&mut self, parts: &[String]) -> Res<T> {
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        let special = |s: Special, ty: Ty| Ok((Ex::Special(s), ty));
        match words.as_slice() {
            ["SYSDATE"] | ["CURRENT_DATE"] => special(Special::Sysdate, Ty::Date),
            ["SYSTIMESTAMP"] | ["LOCALTIMESTAMP"] | ["CURRENT_TIMESTAMP"] => {
                special(Special::Systimestamp, Ty::Ts(6))
            }
            ["USER"] => special(Special::User, Ty::TEXT),
            ["SQLCODE"] => special(Special::Sqlcode, Ty::NUMBER),
            ["SQLERRM"] => special(Special::Sqlerrm, Ty::TEXT),
            ["ROWNUM"] if !self.queries.is_empty() => Ok((Ex::Rownum, Ty::NUMBER)),
            ["LEVEL"] if !self.queries.is_empty() => Ok((Ex::Level, Ty::NUMBER)),
            ["CONNECT_BY_ISLEAF"] if !self.queries.is_empty() => Ok((Ex::Leaf, Ty::NUMBER)),
            [.., last @ ("NEXTVAL" | "CURRVAL")] => {
                let seq = self.prog.sequence(&words[..words.len() - 1], &self.schema);
                match seq {
                    Some(s) => Ok((Ex::Seq(s, *last == "NEXTVAL"), Ty::NUMBER)),
                    None => Err(Stop::missing(format!(
                        "sequence {} does not exist",
                        parts.join(".")
                    ))),
                }
            }
            _ => match self.native(&words, Vec::new())? {
                Some(t) => Ok(t),
                None => Err(Stop::missing(format!(
                    "{} is not declared",
                    parts.join(".")
                ))),
            },
        }
    }

    fn field(&mut self, base: Id<Expr>, name: Ident) -> Res<T> {
        let part = self.ident(name);
        if let ExprKind::CursorAttr {
            attr: CursorAttr::BulkExceptions,
            ..
        } = self.view.ast()[base].kind
            && part == "COUNT"
        {
            return Ok((Ex::BulkErrors, Ty::NUMBER));
        }
        if let ExprKind::Call { callee, args, .. } = self.view.ast()[base].kind
            && let ExprKind::CursorAttr {
                attr: CursorAttr::BulkExceptions,
                ..
            } = self.view.ast()[callee].kind
            && let Some(index) = self.view.ast().list(args).first().copied()
        {
            let index = self.expr(index.value)?.0;
            let is_index = part == "ERROR_INDEX";
            return Ok((Ex::BulkError(Box::new(index), is_index), Ty::NUMBER));
        }
        let base = self.expr(base)?;
        self.member(base, &part)
    }

    fn cursor_attr(&mut self, base: Id<Expr>, a: CursorAttr) -> Res<T> {
        let Some(a) = attr(a) else {
            return Err(Stop::unsupported("a bulk attribute without an index"));
        };
        let cursor = self.cursor(base)?;
        let ty = if a == Attr::RowCount {
            Ty::NUMBER
        } else {
            Ty::Bool
        };
        Ok((Ex::Attr(Box::new(cursor), a), ty))
    }

    /// A cursor by its name.
    pub(super) fn cursor(&mut self, id: Id<Expr>) -> Res<CurRef> {
        if let ExprKind::Name(name) = self.view.ast()[id].kind {
            let parts = self.parts(name);
            if parts == ["SQL"] {
                return Ok(CurRef::Sql);
            }
            if let Some((Sym::Cursor { level, slot, .. }, used)) = self.find(&parts)?
                && used == parts.len()
            {
                return Ok(CurRef::Declared(self.seen(slot, level)));
            }
        }
        let (ex, ty) = self.expr(id)?;
        match ty {
            Ty::Cursor(_) | Ty::Unknown => Ok(CurRef::Variable(ex)),
            _ => Err(Stop::missing("a cursor was expected")),
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: Id<Expr>, span: TokSpan) -> Res<T> {
        let (x, ty) = self.expr(operand)?;
        Ok(match op {
            UnaryOp::Plus => (x, ty),
            UnaryOp::Minus => (Ex::Neg(Box::new(x)), ty),
            UnaryOp::Not => (Ex::Not(Box::new(x)), Ty::Bool),
            UnaryOp::Prior => (Ex::Prior(Box::new(x)), ty),
            UnaryOp::ConnectByRoot => (Ex::Root(Box::new(x)), ty),
            UnaryOp::New | UnaryOp::Old => (x, ty),
            UnaryOp::Distinct => return self.unsupported("SET of a collection", span),
        })
    }

    fn binary(&mut self, op: BinaryOp, left: Id<Expr>, right: Id<Expr>, span: TokSpan) -> Res<T> {
        let (a, at) = self.expr(left)?;
        let (b, bt) = self.expr(right)?;
        let arith = |op, ty| Ok((Ex::Arith(op, Box::new((a.clone(), b.clone()))), ty));
        match op {
            BinaryOp::Sub => {
                let ty = match (&at, &bt) {
                    (Ty::Date, Ty::Date) => Ty::NUMBER,
                    (Ty::Ts(_), Ty::Ts(_) | Ty::Date) | (Ty::Date, Ty::Ts(_)) => Ty::Ds,
                    (Ty::Ts(_), Ty::Ds | Ty::Ym) | (Ty::Ds | Ty::Ym, _) => at.clone(),
                    (Ty::Date | Ty::Ts(_), _) => Ty::Date,
                    _ => Ty::NUMBER,
                };
                arith(Arith::Sub, ty)
            }
            BinaryOp::Div => arith(Arith::Div, if at == Ty::Ds { Ty::Ds } else { Ty::NUMBER }),
            BinaryOp::Power => arith(Arith::Power, Ty::NUMBER),
            BinaryOp::Mod => {
                let f = Function::find("MOD").ok_or_else(|| Stop::missing("MOD"))?;
                Ok((Ex::Call(f, vec![a, b]), Ty::NUMBER))
            }
            BinaryOp::Range | BinaryOp::Pair => self.unsupported("a range as a value", span),
        }
    }

    fn chain(&mut self, op: ChainOp, items: List<Expr>) -> Res<T> {
        let parts = self.exprs(items)?;
        let exs = |parts: Vec<T>| parts.into_iter().map(|t| t.0).collect::<Vec<Ex>>();
        Ok(match op {
            ChainOp::And => (Ex::And(exs(parts)), Ty::Bool),
            ChainOp::Or => (Ex::Or(exs(parts)), Ty::Bool),
            ChainOp::Concat => (Ex::Concat(exs(parts)), Ty::TEXT),
            ChainOp::Add | ChainOp::Mul => {
                let arith = if op == ChainOp::Add {
                    Arith::Add
                } else {
                    Arith::Mul
                };
                let fold = |(a, at): T, (b, bt): T| {
                    let ty = match (&at, &bt) {
                        (Ty::Ts(_), Ty::Ds | Ty::Ym) => at.clone(),
                        (Ty::Ds | Ty::Ym, Ty::Ts(_)) => bt.clone(),
                        (Ty::Date | Ty::Ts(_), _) | (_, Ty::Date | Ty::Ts(_)) => Ty::Date,
                        (Ty::Ds, _) | (_, Ty::Ds) => Ty::Ds,
                        _ => Ty::NUMBER,
                    };
                    (Ex::Arith(arith, Box::new((a, b))), ty)
                };
                let folded = parts.into_iter().reduce(fold);
                folded.ok_or_else(|| Stop::missing("an empty sum"))?
            }
        })
    }

    fn compare(
        &mut self,
        op: Cmp,
        quantifier: Option<Quantifier>,
        left: Id<Expr>,
        right: Id<Expr>,
    ) -> Res<T> {
        let ast = self.view.ast();
        if let Some(q) = quantifier {
            let all = q == Quantifier::All;
            let (x, xt) = self.expr(left)?;
            if let ExprKind::Subquery(query) = ast[right].kind {
                let query = self.subquery(query)?;
                let padded =
                    xt.is_char() && query.cols.fields.first().is_some_and(|(_, t)| t.is_char());
                return Ok((
                    Ex::Quantified(op, Box::new(x), query, all, padded),
                    Ty::Bool,
                ));
            }
            let items = match ast[right].kind {
                ExprKind::Row(items) => self.exprs(items)?,
                _ => vec![self.expr(right)?],
            };
            let tests = items
                .into_iter()
                .map(|(y, yt)| Ex::Cmp(op, Box::new((x.clone(), y)), xt.is_char() && yt.is_char()));
            let tests: Vec<Ex> = tests.collect();
            return Ok((if all { Ex::And(tests) } else { Ex::Or(tests) }, Ty::Bool));
        }
        if let (ExprKind::Row(_), ExprKind::Subquery(query)) = (ast[left].kind, ast[right].kind)
            && matches!(op, Cmp::Eq | Cmp::Ne)
        {
            let (operands, char_) = self.operands(left)?;
            let query = self.subquery(query)?;
            return Ok((Ex::InQuery(operands, query, op == Cmp::Ne, char_), Ty::Bool));
        }
        if let (ExprKind::Row(a), ExprKind::Row(b)) = (ast[left].kind, ast[right].kind)
            && matches!(op, Cmp::Eq | Cmp::Ne)
        {
            let equal = self.rows_equal(a, b)?;
            let test = if op == Cmp::Eq {
                equal
            } else {
                Ex::Not(Box::new(equal))
            };
            return Ok((test, Ty::Bool));
        }
        let (a, at) = self.expr(left)?;
        let (b, bt) = self.expr(right)?;
        let padded = at.is_char() && bt.is_char();
        Ok((Ex::Cmp(op, Box::new((a, b)), padded), Ty::Bool))
    }

    fn rows_equal(&mut self, a: List<Expr>, b: List<Expr>) -> Res<Ex> {
        if a.len() != b.len() {
            return Err(Stop::refuse(
                Why::Syntax,
                "rows of different lengths are compared",
            ));
        }
        let (a, b) = (self.exprs(a)?, self.exprs(b)?);
        let pairs = a.into_iter().zip(b);
        let tests = pairs.map(|((x, xt), (y, yt))| {
            Ex::Cmp(Cmp::Eq, Box::new((x, y)), xt.is_char() && yt.is_char())
        });
        Ok(Ex::And(tests.collect()))
    }

    /// One expression, or those of a row; true if the first is CHAR.
    fn operands(&mut self, id: Id<Expr>) -> Res<(Vec<Ex>, bool)> {
        let items = match self.view.ast()[id].kind {
            ExprKind::Row(items) => self.exprs(items)?,
            _ => vec![self.expr(id)?],
        };
        let char_ = items.first().is_some_and(|(_, t)| t.is_char());
        Ok((items.into_iter().map(|t| t.0).collect(), char_))
    }

    fn in_list(&mut self, not: bool, operand: Id<Expr>, items: List<Expr>) -> Res<T> {
        let ast = self.view.ast();
        if let ExprKind::Row(left) = ast[operand].kind {
            let mut tests = Vec::new();
            for item in items.ids() {
                let inner = match ast[item].kind {
                    ExprKind::Row(right) => right,
                    _ => return Err(Stop::unsupported("a row compared with a single value")),
                };
                tests.push(self.rows_equal(left, inner)?);
            }
            let any = Ex::Or(tests);
            return Ok((if not { Ex::Not(Box::new(any)) } else { any }, Ty::Bool));
        }
        let (x, xt) = self.expr(operand)?;
        let items = self.exprs(items)?;
        let padded = xt.is_char() && items.iter().all(|(_, t)| t.is_char());
        let items = items.into_iter().map(|t| t.0).collect();
        Ok((Ex::InList(Box::new(x), items, not, padded), Ty::Bool))
    }

    fn case(
        &mut self,
        operand: Option<Id<Expr>>,
        whens: List<When>,
        else_: Option<Id<Expr>>,
    ) -> Res<T> {
        let subject = operand.map(|o| self.expr(o)).transpose()?;
        if subject.as_ref().is_some_and(|(x, _)| uses(x).fixed) {
            return Err(Stop::unsupported("CASE over a call or subquery"));
        }
        let mut arms = Vec::new();
        let mut types = Vec::new();
        for w in self.view.ast().list(whens) {
            let (c, ct) = self.expr(w.when)?;
            let test = match &subject {
                Some((s, st)) => Ex::Cmp(
                    Cmp::Eq,
                    Box::new((s.clone(), c)),
                    st.is_char() && ct.is_char(),
                ),
                None => c,
            };
            let (t, tt) = self.expr(w.then)?;
            types.push(tt);
            arms.push((test, t));
        }
        let otherwise = else_.map(|e| self.expr(e)).transpose()?;
        types.extend(otherwise.as_ref().map(|t| t.1.clone()));
        Ok((
            Ex::Case(arms, otherwise.map(|t| Box::new(t.0))),
            common(&types),
        ))
    }

    fn trim(&mut self, id: Id<Expr>) -> Res<T> {
        let e = self.view.ast()[id];
        let ExprKind::Special(special) = e.kind else {
            return self.unsupported("TRIM", e.span);
        };
        let args = self.view.ast()[special].args;
        let side = ["LEADING", "TRAILING"]
            .into_iter()
            .find(|w| self.has_word(e.span, w));
        let mut exs = vec![Ex::Const(Val::S(Value::text(side.unwrap_or("BOTH"))))];
        let list: Vec<Id<Expr>> = self.view.ast().list(args).iter().map(|a| a.value).collect();
        if list.len() == 1 {
            exs.push(Ex::Const(Val::S(Value::text(" "))));
        }
        for a in list {
            exs.push(self.expr(a)?.0);
        }
        Ok((Ex::Native(Native::TrimOf, exs), Ty::TEXT))
    }
}

/// The type of a choice between values: texts of different length are VARCHAR2.
pub(super) fn common(types: &[Ty]) -> Ty {
    let known = types.iter().find(|t| **t != Ty::Unknown);
    match known {
        Some(Ty::Char { .. } | Ty::Text { .. }) => Ty::TEXT,
        Some(Ty::Number { .. } | Ty::Int) => Ty::NUMBER,
        Some(t) => t.clone(),
        None => Ty::Unknown,
    }
}
