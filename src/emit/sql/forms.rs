//! Function forms: parsed once as expressions with holes `$1`, `$2`, ... (`$0` in a call: all
//! arguments); arguments are put in as trees, so no
//! text is ever spliced. The kinds of node that a form may use are a closed set.

use std::collections::BTreeMap;

use sqlparser::ast::{
    DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, InTarget, Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::Dialect;
use super::build::{atom, unnest};
use crate::emit::EmitError;
use crate::plan::model::FunctionForm;

/// Parsed forms of one engine.
#[derive(Clone, Debug, Default)]
pub struct Forms {
    by_arity: BTreeMap<(String, Option<usize>), Form>,
}

#[derive(Clone, Debug)]
struct Form {
    /// None where the engine has no form.
    expr: Option<Expr>,
    caveat: Option<String>,
}

impl Forms {
    /// Parses the plan's forms.
    pub fn of(dialect: &dyn Dialect, rows: &[FunctionForm]) -> Result<Self, EmitError> {
        let mut by_arity = BTreeMap::new();
        for row in rows {
            let expr = match dialect.form(row) {
                Some(text) => Some(parse(dialect, row, text)?),
                None => None,
            };
            let form = Form {
                expr,
                caveat: row.caveat.clone(),
            };
            by_arity.insert((row.function.clone(), row.arity), form);
        }
        Ok(Self { by_arity })
    }

    /// The call as an expression, and the caveat; None where the engine has no form.
    pub fn apply(&self, function: &str, args: &[Expr]) -> Option<(Expr, Option<&str>)> {
        let exact = (function.to_string(), Some(args.len()));
        let form = self
            .by_arity
            .get(&exact)
            .or_else(|| self.by_arity.get(&(exact.0, None)))?;
        let mut expr = form.expr.clone()?;
        fill(&mut expr, args).ok()?;
        Some((expr, form.caveat.as_deref()))
    }
}

fn parse(dialect: &dyn Dialect, row: &FunctionForm, text: &str) -> Result<Expr, EmitError> {
    let bad = |what: String| EmitError::Inconsistent {
        emitter: dialect.name(),
        item: format!("function {} of rule {}", row.function, row.rule),
        what,
    };
    let mut parser = Parser::new(&GenericDialect {})
        .try_with_sql(text)
        .map_err(|e| bad(format!("`{text}`: {e}")))?;
    let mut expr = parser
        .parse_expr()
        .map_err(|e| bad(format!("`{text}`: {e}")))?;
    if parser.peek_token().token != sqlparser::tokenizer::Token::EOF {
        return Err(bad(format!("`{text}` goes on after the expression")));
    }
    // a dry run finds nodes outside the closed set
    let probe = vec![Expr::value(Value::Null); 32];
    let copy = expr.clone();
    fill(&mut expr, &probe).map_err(|what| bad(format!("`{text}`: {what}")))?;
    Ok(copy)
}

/// Puts arguments into the holes.
fn fill(expr: &mut Expr, args: &[Expr]) -> Result<(), String> {
    if let Some(n) = hole(expr) {
        let arg = args
            .get(n - 1)
            .ok_or_else(|| format!("${n} without an argument"))?;
        *expr = atom(arg.clone());
        return Ok(());
    }
    match &mut *expr {
        Expr::Function(f) => match &mut f.args {
            FunctionArguments::List(list) => {
                spread(&mut list.args, args);
                for a in &mut list.args {
                    fill_argument(a, args)?;
                }
            }
            FunctionArguments::None => {}
            FunctionArguments::Subquery(_) => return Err("subqueries are not allowed".into()),
        },
        other => {
            for child in children(other)? {
                fill(child, args)?;
            }
        }
    }
    if let Some(plain) = integer_cast(expr) {
        *expr = plain;
    }
    Ok(())
}

/// `CAST(2 AS INT)` is 2.
fn integer_cast(expr: &Expr) -> Option<Expr> {
    let Expr::Cast {
        expr: inner,
        data_type: DataType::Int(None),
        ..
    } = expr
    else {
        return None;
    };
    match &**inner {
        Expr::Value(v) => match &v.value {
            Value::Number(n, _) if n.bytes().all(|b| b.is_ascii_digit()) => {
                Some(Expr::Value(v.clone()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// `$0` as an argument of a call stands for all arguments, in order.
fn spread(list: &mut Vec<FunctionArg>, args: &[Expr]) {
    let is_all = |a: &FunctionArg| matches!(a, FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) if placeholder(e) == Some(0));
    let Some(at) = list.iter().position(is_all) else {
        return;
    };
    let numbered = (1..=args.len()).map(|n| {
        let hole = Expr::value(Value::Placeholder(format!("${n}")));
        FunctionArg::Unnamed(FunctionArgExpr::Expr(hole))
    });
    list.splice(at..=at, numbered);
}

fn fill_argument(arg: &mut FunctionArg, args: &[Expr]) -> Result<(), String> {
    let FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) = arg else {
        return Err("named arguments and wildcards are not allowed".into());
    };
    let is_hole = hole(e).is_some();
    fill(e, args)?;
    if is_hole {
        *e = unnest(e.clone()); // the call's own brackets are enough
    }
    Ok(())
}

fn hole(expr: &Expr) -> Option<usize> {
    placeholder(expr).filter(|n| *n > 0)
}

fn placeholder(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(v) => match &v.value {
            Value::Placeholder(p) => p.strip_prefix('$')?.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// Direct operands of the nodes that forms may use.
fn children(expr: &mut Expr) -> Result<Vec<&mut Expr>, String> {
    Ok(match expr {
        Expr::Identifier(_) | Expr::Value(_) | Expr::TypedString(_) => vec![],
        Expr::BinaryOp { left, right, .. } => vec![left, right],
        Expr::IsNotDistinctFrom(left, right) | Expr::IsDistinctFrom(left, right) => {
            vec![left, right]
        }
        Expr::UnaryOp { expr, .. }
        | Expr::Cast { expr, .. }
        | Expr::Ceil { expr, .. }
        | Expr::Floor { expr, .. }
        | Expr::Extract { expr, .. }
        | Expr::Nested(expr)
        | Expr::IsNull(expr)
        | Expr::IsNotNull(expr) => vec![expr],
        Expr::Position { expr, r#in } => vec![expr, r#in],
        Expr::Between {
            expr, low, high, ..
        } => vec![expr, low, high],
        Expr::Like { expr, pattern, .. } => vec![expr, pattern],
        Expr::In {
            expr,
            target: InTarget::List(list),
            ..
        } => {
            let mut all: Vec<&mut Expr> = vec![expr];
            all.extend(list.iter_mut());
            all
        }
        Expr::Substring {
            expr,
            substring_from,
            substring_for,
            ..
        } => {
            let mut all: Vec<&mut Expr> = vec![expr];
            all.extend(substring_from.iter_mut().map(|b| &mut **b));
            all.extend(substring_for.iter_mut().map(|b| &mut **b));
            all
        }
        Expr::Trim {
            trim_what, expr, ..
        } => {
            let mut all: Vec<&mut Expr> = vec![expr];
            all.extend(trim_what.iter_mut().map(|b| &mut **b));
            all
        }
        Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => {
            let mut all: Vec<&mut Expr> = Vec::new();
            all.extend(operand.iter_mut().map(|b| &mut **b));
            for c in conditions {
                all.push(&mut c.condition);
                all.push(&mut c.result);
            }
            all.extend(else_result.iter_mut().map(|b| &mut **b));
            all
        }
        // foreign enum: a form that needs more must be added above
        other => {
            return Err(format!(
                "`{other}` is not a kind of node that forms may use"
            ));
        }
    })
}
