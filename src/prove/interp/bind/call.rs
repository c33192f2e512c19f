//! Calls: functions of the language, methods of collections, routines of the estate, and targets of assignments.

use super::super::code::{ArgCode, Call, Ex, Lv, Method};
use super::super::prog::{ParamSym, Sym};
use super::super::stop::{Res, Stop};
use super::super::val::{CollTy, Ty, Val};
use super::expr::common;
use super::native::{in_text_order, lob, native};
use super::{Cx, T};
use crate::syntax::ast::{Arg, CursorAttr, Expr, ExprKind, Id, List, ParamMode};
use crate::value::Value;
use crate::value::func::{Function, Gives};

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// `f(x)`: a call, an index or a constructor.
    pub(super) fn call_expr(&mut self, id: Id<Expr>) -> Res<T> {
        let e = self.view.ast()[id];
        let ExprKind::Call { callee, args, .. } = e.kind else {
            return self.unsupported("a call", e.span);
        };
        match self.view.ast()[callee].kind {
            ExprKind::Name(name) => {
                if !self.view.ast()[name].link.is_empty() {
                    return self.unsupported("a database link", e.span);
                }
                let parts = self.parts(name);
                if let Some(t) = self.aggregate(&parts, id)? {
                    return Ok(t);
                }
                self.call_named(&parts, args)
            }
            ExprKind::CursorAttr {
                attr: CursorAttr::BulkRowCount,
                ..
            } => {
                let index = self.one_arg(args)?;
                Ok((Ex::BulkRowCount(Box::new(index)), Ty::NUMBER))
            }
            ExprKind::Field { base, name } => {
                let base = self.expr(base)?;
                let name = self.ident(name);
                self.method_or_index(base, &name, args)
            }
            _ => {
                let base = self.expr(callee)?;
                self.index(base, args)
            }
        }
    }

    fn one_arg(&mut self, args: List<Arg>) -> Res<Ex> {
        match self.view.ast().list(args) {
            [only] => self.expr(only.value).map(|t| t.0),
            _ => Err(Stop::unsupported("an index of several values")),
        }
    }

    fn index(&mut self, (ex, ty): T, args: List<Arg>) -> Res<T> {
        let Ty::Coll(c) = &ty else {
            return Err(Stop::missing("something that is no collection is indexed"));
        };
        let elem = c.elem.clone();
        let at = self.one_arg(args)?;
        Ok((Ex::Elem(Box::new(ex), Box::new(at)), elem))
    }

    fn method_or_index(&mut self, (ex, ty): T, name: &str, args: List<Arg>) -> Res<T> {
        if let Ty::Coll(c) = &ty {
            return self.method(ex, &c.clone(), name, args);
        }
        let field = self.members((ex, ty), &[name.to_string()])?;
        self.index(field, args)
    }

    fn method(&mut self, ex: Ex, ty: &CollTy, name: &str, args: List<Arg>) -> Res<T> {
        let method = match name {
            "COUNT" => Method::Count,
            "FIRST" => Method::First,
            "LAST" => Method::Last,
            "LIMIT" => Method::Limit,
            "NEXT" => Method::Next,
            "PRIOR" => Method::Prior,
            "EXISTS" => Method::Exists,
            _ => return Err(Stop::missing(format!("component {name} is not declared"))),
        };
        let args: Vec<Ex> = self.args(args)?.into_iter().map(|t| t.0).collect();
        let by_text = ty.kind == super::super::val::CollKind::ByText;
        let ty = match method {
            Method::Exists => Ty::Bool,
            Method::Count | Method::Limit => Ty::NUMBER,
            Method::First | Method::Last | Method::Next | Method::Prior => {
                if by_text {
                    Ty::TEXT
                } else {
                    Ty::NUMBER
                }
            }
        };
        Ok((Ex::Method(method, Box::new(ex), args), ty))
    }

    pub(super) fn args(&mut self, args: List<Arg>) -> Res<Vec<T>> {
        let list: Vec<Arg> = self.view.ast().list(args).to_vec();
        list.iter().map(|a| self.expr(a.value)).collect()
    }

    /// A call by name.
    fn call_named(&mut self, parts: &[String], args: List<Arg>) -> Res<T> {
        if let Some((sym, used)) = self.find(parts)? {
            let rest = &parts[used..];
            match sym {
                Sym::Var {
                    level, slot, ty, ..
                } => {
                    let base = (Ex::Var(self.seen(slot, level)), ty);
                    let Some((last, fields)) = rest.split_last() else {
                        return self.index(base, args);
                    };
                    let base = self.members(base, fields)?;
                    return self.method_or_index(base, last, args);
                }
                Sym::Routines(ids) if rest.is_empty() => {
                    return self.routine_call(&ids, &parts[used - 1], args);
                }
                Sym::Type(ty) if rest.is_empty() => return self.construct(ty, args),
                Sym::Routines(_) | Sym::Type(_) | Sym::Cursor { .. } | Sym::Exc(_) => {}
            }
        }
        if let Some(base) = self.column(parts)? {
            return self.index(base, args);
        }
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        if let [name] | ["STANDARD", name] | ["SYS", "STANDARD", name] = words.as_slice()
            && let Some(t) = self.built_in(name, args)?
        {
            return Ok(t);
        }
        let bound = self.native_args(&words, args)?;
        if let Some(t) = self.native(&words, bound)? {
            return Ok(t);
        }
        match self.schema_type(parts)? {
            Some(ty) => self.construct(ty, args),
            None => Err(Stop::missing(format!(
                "{} is not declared",
                parts.join(".")
            ))),
        }
    }

    /// Arguments of a built-in routine, bound only if it is one.
    fn native_args(&mut self, words: &[&str], args: List<Arg>) -> Res<Vec<Ex>> {
        if native(words).is_none() && lob(words).is_none() {
            return Ok(Vec::new());
        }
        Ok(self.args(args)?.into_iter().map(|t| t.0).collect())
    }

    fn construct(&mut self, ty: Ty, args: List<Arg>) -> Res<T> {
        let args = self.args(args)?.into_iter().map(|t| t.0).collect();
        Ok((Ex::Make(ty.clone(), args), ty))
    }

    /// A function of the language.
    fn built_in(&mut self, name: &str, args: List<Arg>) -> Res<Option<T>> {
        if name == "DECODE" {
            let args = self.args(args)?;
            let types: Vec<Ty> = args
                .iter()
                .skip(2)
                .step_by(2)
                .map(|t| t.1.clone())
                .collect();
            let exs = args.into_iter().map(|t| t.0).collect();
            return Ok(Some((Ex::Decode(exs), common(&types))));
        }
        if name == "REGEXP_LIKE" {
            let exs = self.args(args)?.into_iter().map(|t| t.0).collect();
            return Ok(Some((Ex::RegexpLike(exs), Ty::Bool)));
        }
        if name == "SYS_CONNECT_BY_PATH" {
            return self.connect_path(args).map(Some);
        }
        if name == "GROUPING" {
            let key = self.one_arg(args)?;
            let Some(scope) = self.queries.last_mut() else {
                return Err(Stop::missing("GROUPING outside a query"));
            };
            scope.grouping.push(key);
            let at = scope.grouping.len() as u16 - 1;
            return Ok(Some((Ex::Grouping(at), Ty::NUMBER)));
        }
        let Some(f) = Function::find(name) else {
            return Ok(None);
        };
        let args = self.args(args)?;
        if name == "NVL" && args.iter().any(|(_, t)| *t == Ty::Bool) && args.len() == 2 {
            let test = Ex::IsNull(Box::new(args[0].0.clone()), false);
            let otherwise = Box::new(args[0].0.clone());
            return Ok(Some((
                Ex::Case(vec![(test, args[1].0.clone())], Some(otherwise)),
                Ty::Bool,
            )));
        }
        let kind = |i: usize| {
            args.get(i)
                .map_or(Ty::Unknown, |t| common(std::slice::from_ref(&t.1)))
        };
        let ty = match f.gives {
            Gives::Number => Ty::NUMBER,
            Gives::Text => Ty::TEXT,
            Gives::Date => Ty::Date,
            Gives::Timestamp => Ty::Ts(9),
            Gives::Raw => Ty::Raw,
            Gives::First => match kind(0) {
                Ty::Unknown => kind(1),
                Ty::Ts(_) if matches!(name, "TRUNC" | "ROUND") => Ty::Date,
                known => known,
            },
            Gives::Second => kind(1),
        };
        let exs = args.into_iter().map(|t| t.0).collect();
        Ok(Some((Ex::Call(f, exs), ty)))
    }

    fn connect_path(&mut self, args: List<Arg>) -> Res<T> {
        let mut args = self.args(args)?.into_iter();
        let (Some((x, _)), Some((Ex::Const(Val::S(Value::Text(separator))), _))) =
            (args.next(), args.next())
        else {
            return Err(Stop::unsupported(
                "SYS_CONNECT_BY_PATH with a computed separator",
            ));
        };
        let Some(scope) = self.queries.last_mut() else {
            return Err(Stop::missing("SYS_CONNECT_BY_PATH outside a query"));
        };
        scope.paths.push((x, separator));
        Ok((Ex::Path(scope.paths.len() as u16 - 1), Ty::TEXT))
    }

    /// A function of a built-in package.
    pub(super) fn native(&mut self, words: &[&str], args: Vec<Ex>) -> Res<Option<T>> {
        if let Some((name, ty)) = lob(words) {
            let f = Function::find(name).ok_or_else(|| Stop::missing(name))?;
            return Ok(Some((Ex::Call(f, in_text_order(words, args)), ty)));
        }
        Ok(native(words).map(|(n, ty)| (Ex::Native(n, args), ty)))
    }

    /// A call of one of the routines.
    pub(super) fn routine_call(&mut self, ids: &[usize], name: &str, args: List<Arg>) -> Res<T> {
        let call = self.call_code(ids, name, args)?;
        let returns = self.prog.routines[call.routine].returns.clone();
        Ok((Ex::Routine(Box::new(call)), returns.unwrap_or(Ty::Unknown)))
    }

    /// Chooses the routine that fits the arguments, and binds them.
    pub(super) fn call_code(&mut self, ids: &[usize], name: &str, args: List<Arg>) -> Res<Call> {
        let list: Vec<Arg> = self.view.ast().list(args).to_vec();
        let mut fitting: Vec<(usize, Vec<Option<usize>>)> = Vec::new();
        for id in ids {
            let params = self.prog.routines[*id].params.clone();
            if let Some(order) = self.matched(&params, &list) {
                fitting.push((*id, order));
            }
        }
        let best = match fitting.len() {
            0 => {
                return Err(Stop::missing(format!(
                    "wrong number or types of arguments in call to {name}"
                )));
            }
            1 => fitting.swap_remove(0),
            _ => self.best(fitting, &list)?,
        };
        let (id, order) = best;
        let params = self.prog.routines[id].params.clone();
        let mut codes = Vec::new();
        for (p, at) in params.iter().zip(order) {
            codes.push(match at {
                None => ArgCode::Default,
                Some(at) => self.arg(p, list[at].value)?,
            });
        }
        let up = self.prog.routines[id].nested_in.map(|l| self.level - l);
        Ok(Call {
            routine: id,
            up,
            args: codes,
        })
    }

    fn arg(&mut self, p: &ParamSym, value: Id<Expr>) -> Res<ArgCode> {
        Ok(match p.mode {
            ParamMode::In => ArgCode::In(self.expr(value)?.0),
            ParamMode::Out => ArgCode::Out(self.target(value)?),
            ParamMode::InOut => ArgCode::InOut(self.target(value)?),
        })
    }

    /// For each parameter the argument that goes there; None if the call does not fit.
    fn matched(&self, params: &[ParamSym], args: &[Arg]) -> Option<Vec<Option<usize>>> {
        let mut order = vec![None; params.len()];
        for (i, a) in args.iter().enumerate() {
            let at = match a.name {
                Some(n) => {
                    let name = self.ident(n);
                    params.iter().position(|p| p.name == name)?
                }
                None => i,
            };
            let place = order.get_mut(at)?;
            if place.is_some() {
                return None;
            }
            *place = Some(i);
        }
        let complete = params
            .iter()
            .zip(&order)
            .all(|(p, o)| o.is_some() || p.default);
        complete.then_some(order)
    }

    /// The overload whose parameter types are nearest to the arguments'.
    fn best(
        &mut self,
        fitting: Vec<(usize, Vec<Option<usize>>)>,
        args: &[Arg],
    ) -> Res<(usize, Vec<Option<usize>>)> {
        let mut types = Vec::new();
        for a in args {
            types.push(self.expr(a.value)?.1);
        }
        let score = |(id, order): &(usize, Vec<Option<usize>>)| {
            let params = &self.prog.routines[*id].params;
            let each = params.iter().zip(order).map(|(p, at)| match at {
                Some(at) => nearness(&p.ty, &types[*at]),
                None => Some(0),
            });
            each.sum::<Option<u32>>()
        };
        let scored: Vec<Option<u32>> = fitting.iter().map(score).collect();
        let best = scored.iter().flatten().max().copied();
        let mut winners = scored
            .iter()
            .enumerate()
            .filter(|(_, s)| s.is_some() && **s == best);
        match (winners.next(), winners.next()) {
            (Some((at, _)), None) => Ok(fitting[at].clone()),
            _ => Err(Stop::unsupported(
                "a call that fits several overloads equally",
            )),
        }
    }

    /// Something that can be assigned to.
    pub(super) fn target(&mut self, id: Id<Expr>) -> Res<Lv> {
        let e = self.view.ast()[id];
        let target = match e.kind {
            ExprKind::Name(name) => {
                let parts = self.parts(name);
                self.named_target(&parts)
            }
            ExprKind::Paren(inner) => self.target(inner),
            ExprKind::Bind(parts) => {
                let names: Vec<String> = self
                    .view
                    .ast()
                    .list(parts)
                    .iter()
                    .map(|i| self.ident(*i))
                    .collect();
                let (lv, rest) = self.bind_target(&names)?;
                fields(lv, rest)
            }
            ExprKind::Field { base, name } => {
                let base = self.target(base)?;
                let name = self.ident(name);
                fields(base, &[name])
            }
            ExprKind::Call { callee, args, .. } => {
                let base = self.target(callee)?;
                let Ty::Coll(c) = base.ty() else {
                    return Err(Stop::missing(
                        "an element of something that is no collection",
                    ));
                };
                let elem = c.elem.clone();
                let at = self.one_arg(args)?;
                Ok(Lv::Elem(Box::new(base), at, elem))
            }
            _ => Err(Stop::missing("an expression cannot be assigned to")),
        };
        target.map_err(|s| s.at(self.span(e.span)))
    }

    pub(super) fn named_target(&mut self, parts: &[String]) -> Res<Lv> {
        match self.find(parts)? {
            Some((
                Sym::Var {
                    level,
                    slot,
                    ty,
                    constant,
                    not_null,
                },
                used,
            )) => {
                if constant {
                    return Err(Stop::missing(format!(
                        "{} cannot be assigned to",
                        parts.join(".")
                    )));
                }
                fields(
                    Lv::Var(self.seen(slot, level), ty, not_null),
                    &parts[used..],
                )
            }
            _ => Err(Stop::missing(format!(
                "{} is not declared",
                parts.join(".")
            ))),
        }
    }
}

/// Fields of a target.
fn fields(base: Lv, parts: &[String]) -> Res<Lv> {
    let mut at = base;
    for part in parts {
        let Ty::Rec(r) = at.ty() else {
            return Err(Stop::missing(format!("component {part} is not declared")));
        };
        let Some((i, t)) = r.field(part) else {
            return Err(Stop::missing(format!("component {part} is not declared")));
        };
        let t = t.clone();
        at = Lv::Field(Box::new(at), i, t);
    }
    Ok(at)
}

/// How well an argument fits a parameter; None if it cannot be converted.
fn nearness(param: &Ty, arg: &Ty) -> Option<u32> {
    #[derive(PartialEq)]
    enum Kind {
        Number,
        Text,
        Date,
        Bool,
        Other,
        Any,
    }
    let kind = |t: &Ty| match t {
        Ty::Number { .. } | Ty::Int => Kind::Number,
        Ty::Text { .. } | Ty::Char { .. } | Ty::Clob => Kind::Text,
        Ty::Date | Ty::Ts(_) => Kind::Date,
        Ty::Bool => Kind::Bool,
        Ty::Unknown => Kind::Any,
        Ty::Raw
        | Ty::Ym
        | Ty::Ds
        | Ty::Rec(_)
        | Ty::Coll(_)
        | Ty::Cursor(_)
        | Ty::File
        | Ty::Foreign(_) => Kind::Other,
    };
    if param == arg {
        return Some(8);
    }
    match (kind(param), kind(arg)) {
        (Kind::Any, _) | (_, Kind::Any) => Some(2),
        (Kind::Other, _) | (_, Kind::Other) | (Kind::Bool, _) | (_, Kind::Bool) => None,
        (Kind::Number, Kind::Number) if matches!(param, Ty::Int) == matches!(arg, Ty::Int) => {
            Some(7)
        }
        (a, b) if a == b => Some(6),
        _ => Some(1),
    }
}
