//! Aggregates, analytic functions, grouping.

use super::super::code::{AggCode, AggKind, Bound, Ex, Frame, SortCode, WinCode, WinKind};
use super::super::stop::{Res, Stop};
use super::super::val::Ty;
use super::expr::common;
use super::{Cx, T};
use crate::syntax::ast::{
    CallRest, Expr, ExprKind, GroupItem, Id, List, OrderItem, TokSpan, WindowSpec,
};

fn aggregate_kind(name: &str) -> Option<AggKind> {
    Some(match name {
        "COUNT" => AggKind::Count,
        "SUM" => AggKind::Sum,
        "AVG" => AggKind::Avg,
        "MIN" => AggKind::Min,
        "MAX" => AggKind::Max,
        "LISTAGG" | "WM_CONCAT" => AggKind::Listagg,
        "MEDIAN" => AggKind::Median,
        "VARIANCE" | "VAR_SAMP" => AggKind::Variance,
        "STDDEV" | "STDDEV_SAMP" => AggKind::Stddev,
        _ => return None,
    })
}

fn window_kind(name: &str) -> Option<WinKind> {
    Some(match name {
        "ROW_NUMBER" => WinKind::RowNumber,
        "RANK" => WinKind::Rank,
        "DENSE_RANK" => WinKind::DenseRank,
        "NTILE" => WinKind::Ntile,
        "LAG" => WinKind::Lag,
        "LEAD" => WinKind::Lead,
        "FIRST_VALUE" => WinKind::FirstValue,
        "LAST_VALUE" => WinKind::LastValue,
        "RATIO_TO_REPORT" => WinKind::Ratio,
        _ => WinKind::Agg(aggregate_kind(name)?),
    })
}

impl<'e, 'u> Cx<'_, 'e, 'u> {
    /// An aggregate or analytic function, if the call is one.
    pub(super) fn aggregate(&mut self, parts: &[String], id: Id<Expr>) -> Res<Option<T>> {
        let e = self.view.ast()[id];
        let (ExprKind::Call { rest, .. }, [name]) = (e.kind, parts) else {
            return Ok(None);
        };
        let over = self.view.ast().rest(rest).over;
        if self.queries.is_empty() {
            return Ok(None);
        }
        if let Some(over) = over {
            let Some(kind) = window_kind(name) else {
                return self.unsupported(format!("the analytic function {name}"), e.span);
            };
            return self.window(kind, id, over).map(Some);
        }
        match aggregate_kind(name) {
            Some(kind) => self.plain_aggregate(kind, id).map(Some),
            None => Ok(None),
        }
    }

    fn plain_aggregate(&mut self, kind: AggKind, id: Id<Expr>) -> Res<T> {
        let e = self.view.ast()[id];
        let ExprKind::Call {
            args,
            distinct,
            rest,
            ..
        } = e.kind
        else {
            return self.unsupported("an aggregate", e.span);
        };
        let CallRest {
            within, keep, tail, ..
        } = self.view.ast().rest(rest);
        if !self.view.text(tail).trim().is_empty() {
            return self.unsupported(
                format!("an aggregate with {}", self.view.text(tail)),
                e.span,
            );
        }
        let allowed = self
            .queries
            .last()
            .is_some_and(|s| s.aggs.is_some() && !s.inside_agg);
        if !allowed {
            return Err(Stop::ora(934, "group function is not allowed here").at(self.span(e.span)));
        }
        self.set_inside(true);
        let bound = self.aggregate_parts(kind, args, within);
        self.set_inside(false);
        let (kind, arg, ty, separator, order) = bound?;
        let keep = match keep {
            Some(k) => {
                let k = self.view.ast()[k];
                self.set_inside(true);
                let sort = self.sort(k.order_by);
                self.set_inside(false);
                Some((k.last, sort?))
            }
            None => None,
        };
        let code = AggCode {
            kind,
            distinct,
            arg,
            separator,
            order,
            keep,
        };
        let Some(aggs) = self.queries.last_mut().and_then(|s| s.aggs.as_mut()) else {
            return Err(Stop::ora(934, "group function is not allowed here"));
        };
        let at = aggs.iter().position(|a| *a == code).unwrap_or_else(|| {
            aggs.push(code);
            aggs.len() - 1
        });
        Ok((Ex::Agg(at as u16), ty))
    }

    fn set_inside(&mut self, inside: bool) {
        if let Some(s) = self.queries.last_mut() {
            s.inside_agg = inside;
        }
    }

    #[allow(clippy::type_complexity)]
    fn aggregate_parts(
        &mut self,
        kind: AggKind,
        args: List<crate::syntax::ast::Arg>,
        within: List<OrderItem>,
    ) -> Res<(AggKind, Option<Ex>, Ty, Option<Ex>, Vec<SortCode>)> {
        let list: Vec<Id<Expr>> = self.view.ast().list(args).iter().map(|a| a.value).collect();
        let star = list.len() == 1 && matches!(self.view.ast()[list[0]].kind, ExprKind::Star(_));
        if star && kind == AggKind::Count {
            return Ok((AggKind::CountAll, None, Ty::NUMBER, None, Vec::new()));
        }
        let Some(first) = list.first() else {
            return Err(Stop::ora(909, "invalid number of arguments"));
        };
        let (arg, ty) = self.expr(*first)?;
        let separator = match (kind, list.get(1)) {
            (AggKind::Listagg, Some(s)) => Some(self.expr(*s)?.0),
            (_, Some(_)) => return Err(Stop::unsupported("an aggregate of two arguments")),
            (_, None) => None,
        };
        let order = self.sort(within)?;
        let ty = match kind {
            AggKind::Min | AggKind::Max => ty,
            AggKind::Listagg => Ty::TEXT,
            AggKind::CountAll
            | AggKind::Count
            | AggKind::Sum
            | AggKind::Avg
            | AggKind::Median
            | AggKind::Variance
            | AggKind::Stddev => Ty::NUMBER,
        };
        Ok((kind, Some(arg), ty, separator, order))
    }

    fn sort(&mut self, list: List<OrderItem>) -> Res<Vec<SortCode>> {
        let mut out = Vec::new();
        for o in self.view.ast().list(list).to_vec() {
            out.push(SortCode {
                ex: self.expr(o.expr)?.0,
                desc: o.desc,
                nulls_first: o.nulls_first.unwrap_or(o.desc),
            });
        }
        Ok(out)
    }

    fn window(&mut self, kind: WinKind, id: Id<Expr>, over: Id<WindowSpec>) -> Res<T> {
        let e = self.view.ast()[id];
        let ExprKind::Call {
            args,
            distinct,
            rest,
            ..
        } = e.kind
        else {
            return self.unsupported("an analytic function", e.span);
        };
        let CallRest {
            tail, within, keep, ..
        } = self.view.ast().rest(rest);
        if !within.is_empty() || keep.is_some() {
            return self.unsupported("LISTAGG or KEEP as an analytic function", e.span);
        }
        if self.queries.last().is_none_or(|s| s.wins.is_none()) {
            return Err(Stop::ora(30483, "window functions are not allowed here"));
        }
        let words = self.view.text(tail).to_uppercase();
        let ignore_nulls = words.contains("IGNORE");
        let spec = self.view.ast()[over];
        if spec.name.is_some() {
            return self.unsupported("a named window", e.span);
        }
        let list: Vec<Id<Expr>> = self.view.ast().list(args).iter().map(|a| a.value).collect();
        let star = list.len() == 1 && matches!(self.view.ast()[list[0]].kind, ExprKind::Star(_));
        let kind = if star {
            WinKind::Agg(AggKind::CountAll)
        } else {
            kind
        };
        let mut bound = Vec::new();
        if !star {
            for a in list {
                bound.push(self.expr(a)?);
            }
        }
        let ty = window_type(kind, &bound);
        let mut partition = Vec::new();
        for p in spec.partition_by.ids() {
            partition.push(self.expr(p)?.0);
        }
        let order = self.sort(spec.order_by)?;
        let frame = self.frame(spec.frame, !order.is_empty())?;
        let code = WinCode {
            kind,
            args: bound.into_iter().map(|t| t.0).collect(),
            distinct,
            ignore_nulls,
            partition,
            order,
            frame,
        };
        let Some(wins) = self.queries.last_mut().and_then(|s| s.wins.as_mut()) else {
            return Err(Stop::ora(30483, "window functions are not allowed here"));
        };
        wins.push(code);
        Ok((Ex::Win(wins.len() as u16 - 1), ty))
    }

    /// The frame; by default everything up to the row and its peers, or all rows without an order.
    fn frame(&mut self, span: TokSpan, ordered: bool) -> Res<Frame> {
        let words: Vec<String> = (span.start..span.end)
            .map(|i| self.view.token(i).to_uppercase())
            .filter(|w| !w.trim().is_empty())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((unit, rest)) = words.split_first() else {
            return Ok(Frame {
                rows: false,
                low: Bound::First,
                high: if ordered { Bound::Current } else { Bound::Last },
            });
        };
        let rows = match *unit {
            "ROWS" => true,
            "RANGE" => false,
            _ => return self.unsupported("a GROUPS frame", span),
        };
        let bounds = match rest {
            ["BETWEEN", inner @ ..] => {
                let and = inner.iter().position(|w| *w == "AND");
                and.and_then(|a| Some((bound(&inner[..a])?, bound(&inner[a + 1..])?)))
            }
            single => bound(single).map(|b| (b, Bound::Current)),
        };
        let Some((low, high)) = bounds else {
            return self.unsupported("this frame", span);
        };
        let by = |b: &Bound| matches!(b, Bound::By(_));
        if !rows && (by(&low) || by(&high)) {
            return self.unsupported("a RANGE frame by value", span);
        }
        Ok(Frame { rows, low, high })
    }

    /// GROUP BY: all keys, and for each grouping set which of them group.
    pub(super) fn group_by(&mut self, list: List<GroupItem>) -> Res<(Vec<Ex>, Vec<Vec<bool>>)> {
        let mut keys: Vec<Ex> = Vec::new();
        let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
        for item in self.view.ast().list(list).to_vec() {
            let options = self.grouping_sets(item, &mut keys)?;
            let combined = sets.iter().flat_map(|s| {
                options
                    .iter()
                    .map(move |o| s.iter().chain(o).copied().collect())
            });
            sets = combined.collect();
            if sets.len() > 4096 {
                return Err(Stop::unsupported("more than 4096 grouping sets"));
            }
        }
        let flags = |s: &Vec<usize>| (0..keys.len()).map(|k| s.contains(&k)).collect();
        let sets = sets.iter().map(flags).collect();
        Ok((keys, sets))
    }

    fn key(&mut self, e: Id<Expr>, keys: &mut Vec<Ex>) -> Res<Vec<usize>> {
        if let ExprKind::Row(items) = self.view.ast()[e].kind {
            let mut out = Vec::new();
            for i in items.ids() {
                out.extend(self.key(i, keys)?);
            }
            return Ok(out);
        }
        let ex = self.expr(e)?.0;
        Ok(vec![keys.iter().position(|k| *k == ex).unwrap_or_else(
            || {
                keys.push(ex);
                keys.len() - 1
            },
        )])
    }

    fn grouping_sets(&mut self, item: GroupItem, keys: &mut Vec<Ex>) -> Res<Vec<Vec<usize>>> {
        Ok(match item {
            GroupItem::Expr(e) => vec![self.key(e, keys)?],
            GroupItem::Rollup(list) => {
                let parts = self.keys_of(list, keys)?;
                (0..=parts.len())
                    .rev()
                    .map(|n| parts[..n].concat())
                    .collect()
            }
            GroupItem::Cube(list) => {
                let parts = self.keys_of(list, keys)?;
                if parts.len() > 10 {
                    return Err(Stop::unsupported("CUBE of more than ten expressions"));
                }
                let subset = |bits: usize| {
                    let chosen = parts.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1);
                    chosen.flat_map(|(_, p)| p.clone()).collect()
                };
                (0..1usize << parts.len()).rev().map(subset).collect()
            }
            GroupItem::All => return Err(Stop::unsupported("GROUP BY ALL")),
            GroupItem::Sets(list) => {
                let mut out = Vec::new();
                for item in self.view.ast().list(list).to_vec() {
                    out.extend(self.deeper(|cx| cx.grouping_sets(item, keys))?);
                }
                out
            }
        })
    }

    fn keys_of(&mut self, list: List<Expr>, keys: &mut Vec<Ex>) -> Res<Vec<Vec<usize>>> {
        list.ids().map(|e| self.key(e, keys)).collect()
    }
}

fn window_type(kind: WinKind, args: &[T]) -> Ty {
    let first = || {
        args.first()
            .map_or(Ty::Unknown, |t| common(std::slice::from_ref(&t.1)))
    };
    match kind {
        WinKind::Lag | WinKind::Lead | WinKind::FirstValue | WinKind::LastValue => first(),
        WinKind::Agg(AggKind::Min | AggKind::Max) => first(),
        WinKind::Agg(AggKind::Listagg) => Ty::TEXT,
        WinKind::RowNumber
        | WinKind::Rank
        | WinKind::DenseRank
        | WinKind::Ntile
        | WinKind::Ratio
        | WinKind::Agg(
            AggKind::CountAll
            | AggKind::Count
            | AggKind::Sum
            | AggKind::Avg
            | AggKind::Median
            | AggKind::Variance
            | AggKind::Stddev,
        ) => Ty::NUMBER,
    }
}

fn bound(words: &[&str]) -> Option<Bound> {
    Some(match words {
        ["UNBOUNDED", "PRECEDING"] => Bound::First,
        ["UNBOUNDED", "FOLLOWING"] => Bound::Last,
        ["CURRENT", "ROW"] => Bound::Current,
        [n, "PRECEDING"] => Bound::By(-n.parse::<i64>().ok()?),
        [n, "FOLLOWING"] => Bound::By(n.parse().ok()?),
        _ => return None,
    })
}
