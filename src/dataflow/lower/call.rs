//! Calls: aggregates, analytic functions, Oracle's scalar functions, own functions that can be inlined.

use super::super::cx::{not_lowered, obstacle, unsupported};
use super::super::env::VarKey;
use super::function::Body;
use super::literal::number;
use super::{Low, Lowerer, coerce, types};
use crate::catalog::model::RoutineId;
use crate::catalog::resolve::{Callee, NameMeaning};
use crate::dataflow::model::ObstacleKind;
use crate::rel::{
    AggFunction, CaseWhen, CmpOp, DataType, Literal, NamedAgg, NamedWindow, PeriodUnit, Scalar,
    SortKey, WindowFunction,
};
use crate::source::Span;
use crate::syntax::ast::{
    Arg, CallRest, Expr, ExprKind, Id, Keep, List, OrderItem, TokSpan, WindowSpec,
};

/// The parts of a call.
#[derive(Clone, Copy)]
struct Parts {
    span: Span,
    args: List<Arg>,
    distinct: bool,
    within: List<OrderItem>,
    keep: Option<Id<Keep>>,
    tail: TokSpan,
}

impl Lowerer<'_, '_> {
    pub(super) fn call(&mut self, e: Id<Expr>) -> Low<Scalar> {
        let ast = self.view.ast();
        let span = self.expr_span(e);
        let ExprKind::Call {
            callee,
            args,
            distinct,
            rest,
        } = ast[e].kind
        else {
            return Err(not_lowered(span, "this call"));
        };
        let CallRest {
            within,
            keep,
            over,
            tail,
            ..
        } = ast.rest(rest);
        let parts = Parts {
            span,
            args,
            distinct,
            within,
            keep,
            tail,
        };
        let ExprKind::Name(name) = ast[callee].kind else {
            return self.element(e, span);
        };
        let path: Vec<String> = ast
            .parts(ast[name].parts)
            .into_iter()
            .map(String::from)
            .collect();
        if !ast[name].link.is_empty() {
            return Err(super::names::db_link(span, &path.join(".")));
        }
        if let [single] = path.as_slice() {
            if let Some(window) = over {
                return self.window(single, &parts, window);
            }
            if aggregate(single).is_some() && !self.own_routine(single, args.len()) {
                return self.aggregate(single, &parts);
            }
        }
        self.plain_call(e, &path, &parts)
    }

    fn own_routine(&self, name: &str, args: usize) -> bool {
        matches!(
            self.cx
                .resolver
                .callee_by_name(self.scope, &[name], &untyped(args), &[]),
            Callee::Routine(_)
        )
    }

    fn plain_call(&mut self, e: Id<Expr>, path: &[String], parts: &Parts) -> Low<Scalar> {
        let refs: Vec<&str> = path.iter().map(String::as_str).collect();
        match self
            .cx
            .resolver
            .callee_by_name(self.scope, &refs, &untyped(parts.args.len()), &[])
        {
            Callee::Routine(id) => {
                let args = self.args(parts.args)?;
                self.inline(parts.span, id, &args)
            }
            Callee::Builtin(name) => self.builtin(&name, parts),
            Callee::Value(found) => match found.meaning {
                NameMeaning::Variable(_)
                | NameMeaning::Parameter(..)
                | NameMeaning::CursorParameter(..)
                | NameMeaning::LoopIndex(..)
                | NameMeaning::LoopRecord(..) => self.element(e, parts.span),
                NameMeaning::Cursor(_)
                | NameMeaning::Type(..)
                | NameMeaning::Exception(_)
                | NameMeaning::Routine(_)
                | NameMeaning::Sequence(_)
                | NameMeaning::SchemaType(_)
                | NameMeaning::Builtin(_)
                | NameMeaning::Unknown(_) => {
                    Err(not_lowered(parts.span, format!("`{}(..)`", path.join("."))))
                }
            },
            Callee::Unknown(reason) => Err(obstacle(
                ObstacleKind::UnknownCallee,
                parts.span,
                format!("`{}` is called and not known: {reason}", path.join(".")),
                "add its source to the input",
            )),
        }
    }

    /// An element of a collection.
    fn element(&mut self, e: Id<Expr>, span: Span) -> Low<Scalar> {
        match self.key_of(e) {
            Some(key) => {
                let text = self.view.text(self.view.ast()[e].span).to_string();
                self.value(span, key, &[], &[&text])
            }
            None => Err(not_lowered(span, "a call through an expression")),
        }
    }

    fn args(&mut self, args: List<Arg>) -> Low<Vec<(Option<String>, Scalar)>> {
        let list = self.view.ast().list(args);
        let mut out = Vec::new();
        for a in list {
            let name = a.name.map(|n| self.view.ast().ident(n).to_string());
            out.push((name, self.expr(a.value)?));
        }
        Ok(out)
    }

    fn builtin(&mut self, name: &str, parts: &Parts) -> Low<Scalar> {
        if name.contains('.') {
            return self.package_call(name, parts);
        }
        let args: Vec<Scalar> = self.args(parts.args)?.into_iter().map(|(_, v)| v).collect();
        if !parts.tail.is_empty() || parts.keep.is_some() || !parts.within.is_empty() {
            return Err(not_lowered(parts.span, format!("this form of {name}")));
        }
        match (name, args.as_slice()) {
            ("DECODE", [_, _, ..]) => decode(parts.span, args),
            ("TRUNC", [x]) if x.ty().is_datetime() => Ok(period_of(x.clone(), PeriodUnit::Day)),
            ("TRUNC", [x, Scalar::Literal(Literal::Text(format))]) => match unit(format) {
                Some(unit) => Ok(period_of(x.clone(), unit)),
                None => Err(not_lowered(parts.span, format!("TRUNC to `{format}`"))),
            },
            ("ROUND", [x, ..]) if x.ty().is_datetime() => {
                Err(not_lowered(parts.span, "ROUND of a date"))
            }
            ("LNNVL", [x]) => Ok(not_true(x.clone())),
            ("CONCAT", [a, b]) => {
                let items = vec![
                    coerce::text(parts.span, a.clone())?,
                    coerce::text(parts.span, b.clone())?,
                ];
                Ok(Scalar::Concat { items })
            }
            ("SYS_CONTEXT" | "USERENV" | "SYS_GUID", _) => Ok(self.run_opaque(
                parts.span,
                &format!("`{name}`"),
                DataType::Varchar { length: 256 },
            )),
            ("SQLERRM", _) => {
                Ok(self.run_opaque(parts.span, "SQLERRM", DataType::Varchar { length: 512 }))
            }
            ("NUMTODSINTERVAL", [n, Scalar::Literal(Literal::Text(unit))]) => {
                days(parts.span, n.clone(), unit)
            }
            _ => self.known(name, args, parts.span),
        }
    }

    fn known(&mut self, name: &str, args: Vec<Scalar>, span: Span) -> Low<Scalar> {
        match types::function(name, &args) {
            Some(ty) => Ok(Scalar::Call {
                function: name.into(),
                args,
                ty,
            }),
            None => Err(not_lowered(span, format!("the function {name}"))),
        }
    }

    fn package_call(&mut self, name: &str, parts: &Parts) -> Low<Scalar> {
        let package = name.split('.').next().unwrap_or(name);
        match package {
            "DBMS_RANDOM" => Err(obstacle(
                ObstacleKind::NonDeterministic,
                parts.span,
                format!("{name} is random"),
                "take a value that depends on the row",
            )),
            "DBMS_ASSERT" => {
                let mut args = self.args(parts.args)?;
                args.pop()
                    .map(|(_, v)| v)
                    .ok_or_else(|| not_lowered(parts.span, name))
            }
            _ => {
                self.args(parts.args)?;
                Ok(self.run_opaque(
                    parts.span,
                    &format!("the result of {name}"),
                    DataType::Varchar { length: 4000 },
                ))
            }
        }
    }

    /// A function of the input whose body is one RETURN: its expression over the arguments.
    pub(super) fn inline(
        &mut self,
        span: Span,
        id: RoutineId,
        args: &[(Option<String>, Scalar)],
    ) -> Low<Scalar> {
        let routine = self.cx.routine(id);
        let name = routine.qualified();
        let refuse = |why: &str| {
            obstacle(
                ObstacleKind::NotLowered,
                span,
                format!("the function {name} cannot be put in place of its call: {why}"),
                "write its expression in the statement, or reduce the function to one RETURN",
            )
        };
        if self.shared.depth > 20 {
            return Err(refuse("it is recursive, or calls go too deep"));
        }
        let Some(body) = routine.body else {
            return Err(refuse("its body is not in the input"));
        };
        let mut env = super::super::env::Env::default();
        for (i, p) in routine.params.iter().enumerate() {
            let given = args.iter().enumerate().find(|(at, (n, _))| match n {
                Some(n) => *n == p.name,
                None => *at == i,
            });
            match (given, p.default) {
                (Some((_, (_, v))), _) => env.set(VarKey::Param(id, i), v.clone()),
                (None, Some(_)) => return Err(refuse("a parameter has a default value")),
                (None, None) => return Err(refuse("an argument is missing")),
            }
        }
        self.shared.depth += 1;
        let out = Body::new(self.cx, id, span, self.shared).value(body, env);
        self.shared.depth -= 1;
        out
    }

    fn aggregate(&mut self, name: &str, parts: &Parts) -> Low<Scalar> {
        let Some(function) = aggregate(name) else {
            return Err(not_lowered(parts.span, name));
        };
        if parts.keep.is_some() {
            return Err(not_lowered(parts.span, "KEEP (DENSE_RANK ..)"));
        }
        let Some(mut outer) = self.collected.take() else {
            return Err(not_lowered(
                parts.span,
                format!("the aggregate {name} inside another or outside a select list"),
            ));
        };
        let agg = self.aggregate_call(function, name, parts);
        let agg = match agg {
            Ok(agg) => agg,
            Err(e) => {
                self.collected = Some(outer);
                return Err(e);
            }
        };
        let same = |a: &&NamedAgg| {
            (a.function, a.distinct, &a.arg, &a.separator, &a.order_by)
                == (
                    agg.function,
                    agg.distinct,
                    &agg.arg,
                    &agg.separator,
                    &agg.order_by,
                )
        };
        let (found, ty) = (
            outer.aggs.iter().find(same).map(|a| a.name.clone()),
            agg.ty.clone(),
        );
        let name = found.unwrap_or_else(|| {
            let name = format!("A{}", outer.aggs.len() + 1);
            outer.aggs.push(NamedAgg {
                name: name.clone(),
                ..agg
            });
            name
        });
        self.collected = Some(outer);
        let nullable = !matches!(function, AggFunction::Count | AggFunction::CountStar);
        Ok(Scalar::column("", &name, ty, nullable))
    }

    fn aggregate_call(
        &mut self,
        function: AggFunction,
        name: &str,
        parts: &Parts,
    ) -> Low<NamedAgg> {
        let ast = self.view.ast();
        let list = ast.list(parts.args);
        let star = matches!(list, [a] if matches!(ast[a.value].kind, ExprKind::Star(_)));
        let function = match (function, star) {
            (AggFunction::Count, true) => AggFunction::CountStar,
            (f, _) => f,
        };
        let arg = match list.first() {
            Some(a) if !star => Some(self.expr(a.value)?),
            _ => None,
        };
        // COUNT of a constant counts rows.
        let constant = matches!(&arg, Some(Scalar::Literal(l)) if *l != Literal::Null);
        let (function, arg) = match (function, constant) {
            (AggFunction::Count, true) => (AggFunction::CountStar, None),
            other => (other.0, arg),
        };
        let separator = match (function, list.get(1)) {
            (AggFunction::Listagg, Some(a)) => match self.expr(a.value)? {
                Scalar::Literal(Literal::Text(t)) => Some(t),
                Scalar::Literal(Literal::Null) => None,
                _ => {
                    return Err(not_lowered(
                        parts.span,
                        "LISTAGG with a separator that is no constant",
                    ));
                }
            },
            (_, Some(_)) => {
                return Err(not_lowered(parts.span, format!("{name} of two arguments")));
            }
            (_, None) => None,
        };
        let order_by = self.sort_keys(parts.within)?;
        let of = arg.as_ref().map_or(DataType::integer(19), Scalar::ty);
        let ty = match function {
            AggFunction::Sum => types::sum(&of),
            AggFunction::Avg => DataType::number(),
            AggFunction::Count | AggFunction::CountStar => DataType::integer(19),
            AggFunction::Min | AggFunction::Max => of,
            AggFunction::Listagg => DataType::Varchar { length: 4000 },
        };
        Ok(NamedAgg {
            name: String::new(),
            function,
            distinct: parts.distinct,
            arg,
            separator,
            order_by,
            ty,
        })
    }

    pub(super) fn sort_keys(&mut self, items: List<OrderItem>) -> Low<Vec<SortKey>> {
        let list = self.view.ast().list(items);
        let mut out = Vec::new();
        for i in list {
            let nulls_first = i.nulls_first.unwrap_or(i.desc);
            out.push(SortKey {
                expr: self.expr(i.expr)?,
                desc: i.desc,
                nulls_first,
            });
        }
        Ok(out)
    }

    fn window(&mut self, name: &str, parts: &Parts, window: Id<WindowSpec>) -> Low<Scalar> {
        let spec = self.view.ast()[window];
        let Some(function) = window_function(name) else {
            return Err(unsupported(parts.span, format!("{name} OVER")));
        };
        let plain = spec.name.is_none()
            && spec.frame.is_empty()
            && parts.tail.is_empty()
            && !parts.distinct;
        if !plain {
            return Err(not_lowered(
                parts.span,
                format!("{name} OVER with a frame, a named window or IGNORE NULLS"),
            ));
        }
        if self.collected.is_none() {
            return Err(not_lowered(
                parts.span,
                "an analytic function outside a select list",
            ));
        }
        let ast = self.view.ast();
        let star = |a: &Arg| matches!(ast[a.value].kind, ExprKind::Star(_));
        let list: Vec<_> = ast
            .list(parts.args)
            .iter()
            .filter(|a| !star(a))
            .map(|a| a.value)
            .collect();
        let args = list
            .into_iter()
            .map(|a| self.expr(a))
            .collect::<Low<Vec<_>>>()?;
        let partition_by = self.list(spec.partition_by)?;
        let order_by = self.sort_keys(spec.order_by)?;
        let of = args.first().map_or(DataType::integer(19), Scalar::ty);
        let ty = match function {
            WindowFunction::RowNumber
            | WindowFunction::Rank
            | WindowFunction::DenseRank
            | WindowFunction::Count => DataType::integer(19),
            WindowFunction::Sum => types::sum(&of),
            WindowFunction::Avg => DataType::number(),
            WindowFunction::Lag
            | WindowFunction::Lead
            | WindowFunction::FirstValue
            | WindowFunction::LastValue
            | WindowFunction::Min
            | WindowFunction::Max => of,
        };
        let Some(collected) = self.collected.as_mut() else {
            return Err(not_lowered(
                parts.span,
                "an analytic function outside a select list",
            ));
        };
        let name = format!("W{}", collected.windows.len() + 1);
        collected.windows.push(NamedWindow {
            name: name.clone(),
            function,
            args,
            partition_by,
            order_by,
            ty: ty.clone(),
        });
        Ok(Scalar::column("", &name, ty, true))
    }
}

/// So many arguments of types that do not matter.
pub(crate) fn untyped(count: usize) -> Vec<DataType> {
    vec![super::super::env::no_type("argument"); count]
}

fn aggregate(name: &str) -> Option<AggFunction> {
    Some(match name {
        "SUM" => AggFunction::Sum,
        "COUNT" => AggFunction::Count,
        "MIN" => AggFunction::Min,
        "MAX" => AggFunction::Max,
        "AVG" => AggFunction::Avg,
        "LISTAGG" => AggFunction::Listagg,
        _ => return None,
    })
}

fn window_function(name: &str) -> Option<WindowFunction> {
    Some(match name {
        "ROW_NUMBER" => WindowFunction::RowNumber,
        "RANK" => WindowFunction::Rank,
        "DENSE_RANK" => WindowFunction::DenseRank,
        "LAG" => WindowFunction::Lag,
        "LEAD" => WindowFunction::Lead,
        "FIRST_VALUE" => WindowFunction::FirstValue,
        "LAST_VALUE" => WindowFunction::LastValue,
        "SUM" => WindowFunction::Sum,
        "COUNT" => WindowFunction::Count,
        "MIN" => WindowFunction::Min,
        "MAX" => WindowFunction::Max,
        "AVG" => WindowFunction::Avg,
        _ => return None,
    })
}

/// DECODE compares with NULL equal to NULL.
fn decode(span: Span, mut args: Vec<Scalar>) -> Low<Scalar> {
    let operand = args.remove(0);
    let otherwise = if args.len() % 2 == 1 {
        args.pop().map(Box::new)
    } else {
        None
    };
    let mut whens = Vec::new();
    let mut pairs = args.into_iter();
    while let (Some(value), Some(then)) = (pairs.next(), pairs.next()) {
        let when = if value == Scalar::Literal(Literal::Null) {
            is_null(operand.clone())
        } else if matches!(value, Scalar::Literal(_)) {
            coerce::compare(span, CmpOp::Eq, operand.clone(), value)?
        } else {
            let both = Scalar::all([is_null(operand.clone()), is_null(value.clone())]);
            let equal = coerce::compare(span, CmpOp::Eq, operand.clone(), value)?;
            Scalar::Or {
                items: both.into_iter().chain([equal]).collect(),
            }
        };
        whens.push(CaseWhen { when, then });
    }
    Ok(Scalar::Case { whens, otherwise })
}

fn is_null(s: Scalar) -> Scalar {
    Scalar::IsNull {
        operand: Box::new(s),
        not: false,
    }
}

/// True where a condition is false or unknown.
pub(crate) fn not_true(condition: Scalar) -> Scalar {
    if never_null(&condition) {
        return Scalar::Not {
            operand: Box::new(condition),
        };
    }
    let then = |n| number(n);
    let flag = Scalar::Case {
        whens: vec![CaseWhen {
            when: condition,
            then: then(1),
        }],
        otherwise: Some(Box::new(then(0))),
    };
    Scalar::Compare {
        cmp: CmpOp::Eq,
        left: Box::new(flag),
        right: Box::new(then(0)),
    }
}

/// A condition that is true or false, never unknown.
pub(crate) fn never_null(s: &Scalar) -> bool {
    match s {
        Scalar::Literal(l) => *l != Literal::Null,
        Scalar::IsNull { .. } | Scalar::Exists { .. } => true,
        Scalar::And { items } | Scalar::Or { items } => items.iter().all(never_null),
        Scalar::Not { operand } => never_null(operand),
        Scalar::Compare { left, right, .. } => value_never_null(left) && value_never_null(right),
        Scalar::Between {
            operand, low, high, ..
        } => [operand, low, high]
            .into_iter()
            .all(|s| value_never_null(s)),
        Scalar::InList { operand, items, .. } => {
            value_never_null(operand) && items.iter().all(value_never_null)
        }
        Scalar::Like {
            operand, pattern, ..
        } => value_never_null(operand) && value_never_null(pattern),
        Scalar::Column(_)
        | Scalar::Arith { .. }
        | Scalar::Negate { .. }
        | Scalar::Concat { .. }
        | Scalar::Case { .. }
        | Scalar::Cast { .. }
        | Scalar::Call { .. }
        | Scalar::PeriodOf { .. }
        | Scalar::InQuery { .. }
        | Scalar::ScalarQuery { .. }
        | Scalar::EventTime { .. }
        | Scalar::EventUser => false,
    }
}

/// A value that no row leaves NULL.
pub(crate) fn value_never_null(s: &Scalar) -> bool {
    match s {
        Scalar::Column(c) => !c.nullable,
        Scalar::Literal(l) => *l != Literal::Null,
        Scalar::EventTime { .. } | Scalar::EventUser => true,
        Scalar::Negate { operand }
        | Scalar::Cast { operand, .. }
        | Scalar::PeriodOf { operand, .. } => value_never_null(operand),
        Scalar::Arith { left, right, .. } => value_never_null(left) && value_never_null(right),
        Scalar::Concat { .. }
        | Scalar::Compare { .. }
        | Scalar::And { .. }
        | Scalar::Or { .. }
        | Scalar::Not { .. }
        | Scalar::IsNull { .. }
        | Scalar::Between { .. }
        | Scalar::InList { .. }
        | Scalar::Like { .. }
        | Scalar::Case { .. }
        | Scalar::Call { .. }
        | Scalar::Exists { .. }
        | Scalar::InQuery { .. }
        | Scalar::ScalarQuery { .. } => false,
    }
}

fn period_of(x: Scalar, unit: PeriodUnit) -> Scalar {
    Scalar::PeriodOf {
        operand: Box::new(x),
        unit,
    }
}

/// Units of TRUNC on dates; weeks that depend on NLS settings or on the first of January have none.
pub(crate) fn unit(format: &str) -> Option<PeriodUnit> {
    Some(match format.to_ascii_uppercase().as_str() {
        "DD" | "DDD" | "J" => PeriodUnit::Day,
        "MM" | "MON" | "MONTH" | "RM" => PeriodUnit::Month,
        "Y" | "YY" | "YYY" | "YYYY" | "YEAR" | "SYYYY" | "SYEAR" => PeriodUnit::Year,
        "Q" => PeriodUnit::Quarter,
        "HH" | "HH12" | "HH24" => PeriodUnit::Hour,
        "MI" => PeriodUnit::Minute,
        "IW" => PeriodUnit::Week,
        _ => return None,
    })
}

/// `NUMTODSINTERVAL(n, 'HOUR')` beside a DATE is a number of days.
fn days(span: Span, n: Scalar, unit: &str) -> Low<Scalar> {
    let per_day = match unit.to_ascii_uppercase().as_str() {
        "DAY" => return Ok(n),
        "HOUR" => 24,
        "MINUTE" => 1440,
        "SECOND" => 86400,
        _ => return Err(unsupported(span, format!("NUMTODSINTERVAL in `{unit}`"))),
    };
    Ok(coerce::arith(crate::rel::ArithOp::Div, n, number(per_day)))
}
