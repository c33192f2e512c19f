//! Small constructors over sqlparser's tree, and parentheses: its printer adds none, so an operand that
//! binds weaker than its operator is nested here.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType as SqlType, DuplicateTreatment, Expr, Function,
    FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName,
    UnaryOperator, Value,
};

use super::{Dialect, Kind};

/// An expression and its engine type.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Expression.
    pub expr: Expr,
    /// Type.
    pub kind: Kind,
}

impl Node {
    /// Both.
    pub fn new(expr: Expr, kind: Kind) -> Self {
        Self { expr, kind }
    }
}

/// Text that is written as it is. sqlparser's own literals and quoted names are printed by a guess whether
/// they are escaped already; ours are escaped once, by the dialect.
pub fn verbatim(text: impl Into<String>) -> Expr {
    Expr::value(Value::Placeholder(text.into()))
}

/// A quoted name.
pub fn ident(dialect: &dyn Dialect, name: &str) -> Ident {
    Ident::new(dialect.quote(name))
}

/// `alias.column`.
pub fn qualified(dialect: &dyn Dialect, relation: &str, column: &str) -> Expr {
    Expr::CompoundIdentifier(vec![ident(dialect, relation), ident(dialect, column)])
}

/// A number; negative ones are nested, so that `1 - -1` cannot become a comment.
pub fn lit_number(text: &str) -> Expr {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let number = Expr::value(Value::Number(plain.into(), false));
    if plain.len() == text.len() {
        return number;
    }
    Expr::Nested(Box::new(Expr::UnaryOp {
        op: UnaryOperator::Minus,
        expr: Box::new(number),
    }))
}

/// `f(args)`.
pub fn call(name: &str, args: Vec<Expr>) -> Expr {
    Expr::Function(function(name, args))
}

/// A function call to be completed with DISTINCT, OVER and the like.
pub fn function(name: &str, args: Vec<Expr>) -> Function {
    let args = args
        .into_iter()
        .map(|a| FunctionArg::Unnamed(FunctionArgExpr::Expr(a)))
        .collect();
    Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: Vec::new(),
        }),
        within_group: Vec::new(),
        filter: None,
        null_treatment: None,
        over: None,
    }
}

/// `COUNT(*)`.
pub fn count_star() -> Function {
    let mut f = function("COUNT", Vec::new());
    if let FunctionArguments::List(list) = &mut f.args {
        list.args
            .push(FunctionArg::Unnamed(FunctionArgExpr::Wildcard));
    }
    f
}

/// `f(DISTINCT args)`.
pub fn distinct(mut f: Function) -> Function {
    if let FunctionArguments::List(list) = &mut f.args {
        list.duplicate_treatment = Some(DuplicateTreatment::Distinct);
    }
    f
}

/// CAST.
pub fn cast(expr: Expr, data_type: SqlType) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(unnest(expr)),
        data_type,
        format: None,
    }
}

/// A typed NULL.
pub fn null_of(data_type: SqlType) -> Expr {
    cast(Expr::value(Value::Null), data_type)
}

/// Searched CASE.
pub fn case(whens: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    let conditions = whens
        .into_iter()
        .map(|(condition, result)| CaseWhen { condition, result })
        .collect();
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions,
        else_result: otherwise.map(Box::new),
    }
}

/// A binary operator with the parentheses that it needs.
pub fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    let level = operator_level(&op);
    Expr::BinaryOp {
        left: Box::new(nested_below(left, level)),
        // the right operand of an equal level is nested: a - (b - c)
        right: Box::new(nested_below(right, level + 1)),
        op,
    }
}

/// AND or OR over any number of operands; None for none.
pub fn chain(op: BinaryOperator, items: Vec<Expr>) -> Option<Expr> {
    let level = operator_level(&op);
    items.into_iter().reduce(|left, right| Expr::BinaryOp {
        left: Box::new(nested_below(left, level)),
        op: op.clone(),
        right: Box::new(nested_below(right, level + 1)),
    })
}

/// NOT.
pub fn not(expr: Expr) -> Expr {
    Expr::UnaryOp {
        op: UnaryOperator::Not,
        expr: Box::new(nested_below(expr, ATOM)),
    }
}

/// Unary minus.
pub fn minus(expr: Expr) -> Expr {
    Expr::Nested(Box::new(Expr::UnaryOp {
        op: UnaryOperator::Minus,
        expr: Box::new(atom(expr)),
    }))
}

/// Nested unless nothing can tear it apart.
pub fn atom(expr: Expr) -> Expr {
    nested_below(expr, ATOM)
}

/// Operand of a comparison, BETWEEN, IN or LIKE.
pub fn compared(expr: Expr) -> Expr {
    nested_below(expr, COMPARE + 1)
}

/// Without outer parentheses, where the context has some.
pub fn unnest(expr: Expr) -> Expr {
    match expr {
        Expr::Nested(inner) => *inner,
        other => other,
    }
}

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const ADD: u8 = 5;
const MULTIPLY: u8 = 6;
const ATOM: u8 = 8;

fn nested_below(expr: Expr, level: u8) -> Expr {
    if expr_level(&expr) < level {
        return Expr::Nested(Box::new(expr));
    }
    expr
}

fn operator_level(op: &BinaryOperator) -> u8 {
    match op {
        BinaryOperator::Or => OR,
        BinaryOperator::And => AND,
        BinaryOperator::Plus | BinaryOperator::Minus => ADD,
        BinaryOperator::Multiply | BinaryOperator::Divide => MULTIPLY,
        // foreign enum: everything else that we build compares
        _ => COMPARE,
    }
}

fn expr_level(expr: &Expr) -> u8 {
    match expr {
        Expr::BinaryOp { op, .. } => operator_level(op),
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            ..
        } => NOT,
        Expr::Between { .. }
        | Expr::In { .. }
        | Expr::Like { .. }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..) => COMPARE,
        Expr::UnaryOp { .. } => MULTIPLY,
        // foreign enum: what is left is closed by its own brackets or keywords
        _ => ATOM,
    }
}
