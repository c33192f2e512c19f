//! Expressions of the plan over the columns of one row. Compiled before the first row: what needs another row, a
//! clock, a session or a function that is not known here is refused then, not in the middle of a load.

use std::cmp::Ordering;

use super::ConvertError;
use super::derived::{Find, failed, start_of};
use super::forms::TextForms;
use super::reject::Refusal;
use super::through;
use crate::rel::{ArithOp, CmpOp, DataType, Literal, PeriodUnit, Scalar};
use crate::run::row::RowBatch;
use crate::value::function;
use crate::value::moment::Moment;
use crate::value::{Number, Value, add_days, days_between};

/// Nesting beyond this is refused.
const MAX_DEPTH: usize = 200;

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Program {
    root: Node,
    columns: Vec<Input>,
    forms: TextForms,
}

#[derive(Clone, Debug)]
struct Input {
    name: String,
    index: usize,
    ty: DataType,
}

/// Conditions are nodes too: their value is 1, 0 or NULL.
#[derive(Clone, Debug)]
enum Node {
    Column(usize),
    Constant(Value),
    Arith(ArithOp, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    Concat(Vec<Node>),
    Compare {
        cmp: CmpOp,
        padded: bool,
        left: Box<Node>,
        right: Box<Node>,
    },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    IsNull(Box<Node>),
    Like {
        operand: Box<Node>,
        pattern: Box<Node>,
        escape: Option<Box<Node>>,
    },
    Case(Vec<(Node, Node)>, Option<Box<Node>>),
    Call(String, Vec<Node>),
    PeriodOf(Box<Node>, PeriodUnit),
}

impl Program {
    /// Compiles an expression for the derived column `target`.
    pub fn compile(
        target: &str,
        expr: &Scalar,
        find: &Find<'_>,
        forms: &TextForms,
    ) -> Result<Program, ConvertError> {
        let mut compiler = Compiler {
            target,
            find,
            columns: Vec::new(),
        };
        let root = compiler.node(expr, 0)?;
        Ok(Program {
            root,
            columns: compiler.columns,
            forms: forms.clone(),
        })
    }

    /// The value for a row.
    pub fn run(&self, batch: &RowBatch, row: usize) -> Result<Value, Refusal> {
        let read = |c: &Input| match batch.cell(row, c.index) {
            None => Ok(Value::Null),
            Some(text) => through::read(&c.name, &c.ty, &self.forms, text),
        };
        let values = self
            .columns
            .iter()
            .map(read)
            .collect::<Result<Vec<_>, _>>()?;
        eval(&self.root, &values)
    }
}

struct Compiler<'a> {
    target: &'a str,
    find: &'a Find<'a>,
    columns: Vec<Input>,
}

impl Compiler<'_> {
    fn refuse<T>(&self, what: impl Into<String>) -> Result<T, ConvertError> {
        Err(ConvertError::Expression {
            column: self.target.into(),
            what: what.into(),
        })
    }

    fn boxed(&mut self, s: &Scalar, depth: usize) -> Result<Box<Node>, ConvertError> {
        Ok(Box::new(self.node(s, depth)?))
    }

    fn all(&mut self, items: &[Scalar], depth: usize) -> Result<Vec<Node>, ConvertError> {
        items.iter().map(|s| self.node(s, depth)).collect()
    }

    fn node(&mut self, s: &Scalar, depth: usize) -> Result<Node, ConvertError> {
        if depth > MAX_DEPTH {
            return self.refuse("an expression nested this deeply");
        }
        let d = depth + 1;
        Ok(match s {
            Scalar::Column(c) => self.column(&c.name)?,
            Scalar::Literal(l) => Node::Constant(self.literal(l)?),
            Scalar::Arith { arith, left, right } => {
                Node::Arith(*arith, self.boxed(left, d)?, self.boxed(right, d)?)
            }
            Scalar::Negate { operand } => Node::Negate(self.boxed(operand, d)?),
            Scalar::Concat { items } => Node::Concat(self.all(items, d)?),
            Scalar::Compare { cmp, left, right } => self.compare(*cmp, left, right, d)?,
            Scalar::And { items } => Node::And(self.all(items, d)?),
            Scalar::Or { items } => Node::Or(self.all(items, d)?),
            Scalar::Not { operand } => Node::Not(self.boxed(operand, d)?),
            Scalar::IsNull { operand, not } => negated(*not, Node::IsNull(self.boxed(operand, d)?)),
            Scalar::Between {
                operand,
                low,
                high,
                not,
            } => {
                let both = vec![
                    self.compare(CmpOp::Ge, operand, low, d)?,
                    self.compare(CmpOp::Le, operand, high, d)?,
                ];
                negated(*not, Node::And(both))
            }
            Scalar::InList {
                operand,
                items,
                not,
            } => {
                let any = items.iter().map(|i| self.compare(CmpOp::Eq, operand, i, d));
                negated(*not, Node::Or(any.collect::<Result<_, _>>()?))
            }
            Scalar::Like {
                operand,
                pattern,
                escape,
                not,
            } => {
                let like = Node::Like {
                    operand: self.boxed(operand, d)?,
                    pattern: self.boxed(pattern, d)?,
                    escape: escape.as_ref().map(|e| self.boxed(e, d)).transpose()?,
                };
                negated(*not, like)
            }
            Scalar::Case { whens, otherwise } => self.case(whens, otherwise.as_deref(), d)?,
            Scalar::Cast { operand, to } => self.cast(operand, to, d)?,
            Scalar::Call { function, args, .. } => {
                if !function::is_known(function, args.len()) {
                    return self.refuse(format!("the function {function}"));
                }
                Node::Call(function.clone(), self.all(args, d)?)
            }
            Scalar::PeriodOf { operand, unit } => Node::PeriodOf(self.boxed(operand, d)?, *unit),
            Scalar::Exists { .. } | Scalar::InQuery { .. } | Scalar::ScalarQuery { .. } => {
                return self.refuse("a subquery");
            }
            Scalar::EventTime { .. } => return self.refuse("the time of the change"),
            Scalar::EventUser => return self.refuse("the user of the change"),
        })
    }

    fn column(&mut self, name: &str) -> Result<Node, ConvertError> {
        if let Some(at) = self.columns.iter().position(|c| c.name == name) {
            return Ok(Node::Column(at));
        }
        let (index, ty) = (self.find)(name)?;
        self.columns.push(Input {
            name: name.into(),
            index,
            ty,
        });
        Ok(Node::Column(self.columns.len() - 1))
    }

    /// CHAR is compared without its blanks.
    fn compare(
        &mut self,
        cmp: CmpOp,
        left: &Scalar,
        right: &Scalar,
        depth: usize,
    ) -> Result<Node, ConvertError> {
        let is_char = |s: &Scalar| matches!(s.ty(), DataType::Char { .. });
        let constant = |s: &Scalar| matches!(s, Scalar::Literal(_));
        let padded = (is_char(left) || constant(left)) && (is_char(right) || constant(right));
        Ok(Node::Compare {
            cmp,
            padded,
            left: self.boxed(left, depth)?,
            right: self.boxed(right, depth)?,
        })
    }

    fn case(
        &mut self,
        whens: &[crate::rel::CaseWhen],
        otherwise: Option<&Scalar>,
        depth: usize,
    ) -> Result<Node, ConvertError> {
        let branches = whens
            .iter()
            .map(|w| Ok((self.node(&w.when, depth)?, self.node(&w.then, depth)?)));
        let branches = branches.collect::<Result<Vec<_>, ConvertError>>()?;
        let otherwise = otherwise.map(|e| self.boxed(e, depth)).transpose()?;
        Ok(Node::Case(branches, otherwise))
    }

    /// Casts that lose nothing and ask no session.
    fn cast(
        &mut self,
        operand: &Scalar,
        to: &DataType,
        depth: usize,
    ) -> Result<Node, ConvertError> {
        let node = self.node(operand, depth)?;
        let from = operand.ty();
        Ok(match to {
            DataType::Number {
                precision: None, ..
            } => Node::Call("TO_NUMBER".into(), vec![node]),
            DataType::Number { scale, .. } => {
                let places = Value::Number(Number::from(i64::from(scale.unwrap_or(0))));
                let number = Node::Call("TO_NUMBER".into(), vec![node]);
                Node::Call("ROUND".into(), vec![number, Node::Constant(places)])
            }
            DataType::Varchar { .. } if from.is_text() || from.is_numeric() => {
                Node::Call("TO_CHAR".into(), vec![node])
            }
            DataType::Date | DataType::Timestamp { .. } if from.is_datetime() => node,
            _ => return self.refuse(format!("a cast to {to:?}")),
        })
    }

    fn literal(&self, literal: &Literal) -> Result<Value, ConvertError> {
        let time = |text: &str| {
            let m = Moment::parse_iso(text.as_bytes()).ok();
            m.and_then(|m| through::naive(&m).ok())
        };
        let value = match literal {
            Literal::Null => Some(Value::Null),
            Literal::Number(n) => n.parse().ok().map(Value::Number),
            Literal::Text(t) => Some(Value::text(t.clone())),
            Literal::Date(t) => time(t).map(Value::Date),
            Literal::Timestamp(t) => time(t).map(Value::Timestamp),
            Literal::Boolean(b) => Some(truth(Some(*b))),
        };
        match value {
            Some(value) => Ok(value),
            None => self.refuse(format!("the constant {literal:?}")),
        }
    }
}

fn negated(not: bool, node: Node) -> Node {
    if not { Node::Not(Box::new(node)) } else { node }
}

/// A condition's value.
fn truth(value: Option<bool>) -> Value {
    value.map_or(Value::Null, |b| Value::Number(Number::from(i64::from(b))))
}

fn holds(value: &Value) -> Option<bool> {
    match value {
        Value::Number(n) => Some(!n.is_zero()),
        Value::Null | Value::Text(_) | Value::Date(_) | Value::Timestamp(_) | Value::Bytes(_) => {
            None
        }
    }
}

fn eval(node: &Node, row: &[Value]) -> Result<Value, Refusal> {
    Ok(match node {
        Node::Column(i) => row[*i].clone(),
        Node::Constant(v) => v.clone(),
        Node::Arith(op, a, b) => arith(*op, &eval(a, row)?, &eval(b, row)?)?,
        Node::Negate(x) => match eval(x, row)? {
            Value::Null => Value::Null,
            value => Value::Number(as_number(&value)?.neg()),
        },
        Node::Concat(items) => {
            let mut all = String::new();
            for item in items {
                all.push_str(&as_text(&eval(item, row)?)?);
            }
            Value::text(all)
        }
        Node::Compare {
            cmp,
            padded,
            left,
            right,
        } => compare(*cmp, *padded, &eval(left, row)?, &eval(right, row)?)?,
        Node::And(items) => connect(items, row, false)?,
        Node::Or(items) => connect(items, row, true)?,
        Node::Not(x) => truth(holds(&eval(x, row)?).map(|b| !b)),
        Node::IsNull(x) => truth(Some(eval(x, row)?.is_null())),
        Node::Like {
            operand,
            pattern,
            escape,
        } => {
            let escape = escape.as_ref().map(|e| eval(e, row)).transpose()?;
            like(&eval(operand, row)?, &eval(pattern, row)?, escape.as_ref())?
        }
        Node::Case(whens, otherwise) => case(whens, otherwise.as_deref(), row)?,
        Node::Call(name, args) => {
            let args = args
                .iter()
                .map(|a| eval(a, row))
                .collect::<Result<Vec<_>, _>>()?;
            function::call(name, &args).map_err(|e| failed(e.to_string()))?
        }
        Node::PeriodOf(x, unit) => match eval(x, row)? {
            Value::Null => Value::Null,
            Value::Date(t) | Value::Timestamp(t) => {
                Value::Date(through::naive(&start_of(through::moment(&t), *unit))?)
            }
            Value::Number(_) | Value::Text(_) | Value::Bytes(_) => {
                return Err(failed("a period of something that is no date"));
            }
        },
    })
}

fn case(whens: &[(Node, Node)], otherwise: Option<&Node>, row: &[Value]) -> Result<Value, Refusal> {
    for (when, then) in whens {
        if holds(&eval(when, row)?) == Some(true) {
            return eval(then, row);
        }
    }
    otherwise.map_or(Ok(Value::Null), |e| eval(e, row))
}

/// AND and OR: one decisive item settles it, a NULL leaves it open.
fn connect(items: &[Node], row: &[Value], decisive: bool) -> Result<Value, Refusal> {
    let mut open = false;
    for item in items {
        match holds(&eval(item, row)?) {
            Some(b) if b == decisive => return Ok(truth(Some(decisive))),
            Some(_) => {}
            None => open = true,
        }
    }
    Ok(truth((!open).then_some(!decisive)))
}

fn as_number(value: &Value) -> Result<Number, Refusal> {
    match value {
        Value::Number(n) => Ok(n.clone()),
        Value::Text(t) => t.parse().map_err(|_| failed("the text is no number")),
        Value::Null | Value::Date(_) | Value::Timestamp(_) | Value::Bytes(_) => {
            Err(failed("a number is wanted"))
        }
    }
}

fn as_text(value: &Value) -> Result<String, Refusal> {
    match value {
        Value::Null => Ok(String::new()),
        Value::Text(t) => Ok(t.clone()),
        Value::Number(n) => Ok(n.to_oracle_text()),
        Value::Date(_) | Value::Timestamp(_) | Value::Bytes(_) => Err(failed(
            "a date or bytes as text: Oracle would convert by the session's settings",
        )),
    }
}

fn arith(op: ArithOp, a: &Value, b: &Value) -> Result<Value, Refusal> {
    use Value::{Date, Null, Timestamp};
    match (op, a, b) {
        (_, Null, _) | (_, _, Null) => Ok(Null),
        (ArithOp::Sub, Date(a), Date(b)) => Ok(Value::Number(days_between(*a, *b))),
        (ArithOp::Add | ArithOp::Sub, Date(t), days) => {
            let days = as_number(days)?;
            let days = if op == ArithOp::Sub { days.neg() } else { days };
            let moved = add_days(*t, &days);
            moved.map(Date).ok_or_else(|| failed("beyond the calendar"))
        }
        (ArithOp::Add, _, Date(_)) => arith(op, b, a),
        (_, Date(_) | Timestamp(_), _) | (_, _, Date(_) | Timestamp(_)) => {
            Err(failed("this arithmetic on times is not evaluated"))
        }
        _ => {
            let (a, b) = (as_number(a)?, as_number(b)?);
            let result = match op {
                ArithOp::Add => a.add(&b),
                ArithOp::Sub => a.sub(&b),
                ArithOp::Mul => a.mul(&b),
                ArithOp::Div => a.div(&b),
            };
            result.map(Value::Number).map_err(|e| failed(e.to_string()))
        }
    }
}

fn compare(cmp: CmpOp, padded: bool, a: &Value, b: &Value) -> Result<Value, Refusal> {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    let order = match (a, b) {
        (Value::Number(_), Value::Text(_)) | (Value::Text(_), Value::Number(_)) => {
            Some(as_number(a)?.cmp(&as_number(b)?))
        }
        _ if padded => a.compare_padded(b),
        _ => a.compare(b),
    };
    let order = order.ok_or_else(|| failed("values of different kinds are compared"))?;
    Ok(truth(Some(match cmp {
        CmpOp::Eq => order == Ordering::Equal,
        CmpOp::Ne => order != Ordering::Equal,
        CmpOp::Lt => order == Ordering::Less,
        CmpOp::Le => order != Ordering::Greater,
        CmpOp::Gt => order == Ordering::Greater,
        CmpOp::Ge => order != Ordering::Less,
    })))
}

fn like(operand: &Value, pattern: &Value, escape: Option<&Value>) -> Result<Value, Refusal> {
    if operand.is_null() || pattern.is_null() || escape.is_some_and(Value::is_null) {
        return Ok(Value::Null);
    }
    let escape = escape.map(as_text).transpose()?;
    let escape = match escape
        .as_ref()
        .map(|e| (e.chars().next(), e.chars().count()))
    {
        Some((Some(c), 1)) => Some(c),
        Some(_) => return Err(failed("ESCAPE is one character")),
        None => None,
    };
    let parts = like_parts(&as_text(pattern)?, escape)?;
    let text: Vec<char> = as_text(operand)?.chars().collect();
    Ok(truth(Some(like_match(&text, &parts))))
}

/// One element of a LIKE pattern.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Any,
    One,
    Exactly(char),
}

fn like_parts(pattern: &str, escape: Option<char>) -> Result<Vec<Part>, Refusal> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            c if Some(c) == escape => match chars.next() {
                Some(n) if n == '%' || n == '_' || Some(n) == escape => Part::Exactly(n),
                Some(_) | None => return Err(failed("ESCAPE stands before %, _ or itself")),
            },
            '%' => Part::Any,
            '_' => Part::One,
            c => Part::Exactly(c),
        });
    }
    Ok(parts)
}

/// Greedy with one point to come back to: linear in practice, never recursive.
fn like_match(text: &[char], parts: &[Part]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match parts.get(p) {
            Some(Part::Any) => {
                back = Some((p, t));
                p += 1;
            }
            Some(Part::One) => (t, p) = (t + 1, p + 1),
            Some(Part::Exactly(c)) if *c == text[t] => (t, p) = (t + 1, p + 1),
            Some(Part::Exactly(_)) | None => match back {
                Some((any, from)) => {
                    back = Some((any, from + 1));
                    (t, p) = (from + 1, any + 1);
                }
                None => return false,
            },
        }
    }
    parts[p..].iter().all(|part| *part == Part::Any)
}
