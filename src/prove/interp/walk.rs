//! Which sources an expression refers to: decides where a condition is tested and whether a query can be kept.

use super::code::{Body, CurRef, Ex, From, Leaf, Query, Select};

/// What an expression depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Sources of the query itself, one bit each.
    pub srcs: u64,
    /// Queries further out.
    pub outer: bool,
    /// Routines, sequences, ROWNUM, LEVEL, subqueries: not to be moved.
    pub fixed: bool,
    /// Variables.
    pub vars: bool,
}

/// What an expression of a query depends on.
pub fn uses(ex: &Ex) -> Uses {
    let mut out = Uses::default();
    visit(ex, 0, &mut out);
    out
}

/// True if a query refers to nothing of the queries around it and to nothing that changes.
pub fn is_free(q: &Query) -> bool {
    let mut out = Uses::default();
    query(q, 0, &mut out);
    !out.outer && !out.vars
}

fn visit(ex: &Ex, depth: u16, out: &mut Uses) {
    match ex {
        Ex::Col { up, src, .. } => {
            if *up == depth {
                out.srcs |= 1 << src;
            }
            out.outer |= *up > depth;
        }
        Ex::Var(_) => out.vars = true,
        Ex::Routine(_) | Ex::Seq(..) | Ex::Native(..) | Ex::Method(..) | Ex::Attr(..) => {
            out.fixed = true;
            out.vars = true;
        }
        Ex::Special(_) | Ex::Refuse(_) | Ex::BulkErrors => out.vars = true,
        Ex::Rownum
        | Ex::Level
        | Ex::Leaf
        | Ex::Path(_)
        | Ex::Key(_)
        | Ex::Agg(_)
        | Ex::Win(_)
        | Ex::Grouping(_) => {
            out.fixed = true;
        }
        Ex::Prior(_) | Ex::Root(_) => out.fixed = true,
        Ex::InQuery(_, q, ..) | Ex::Quantified(_, _, q, ..) | Ex::Exists(q) | Ex::Scalar(q) => {
            out.fixed |= depth == 0;
            query(q, depth + 1, out);
        }
        _ => {}
    }
    for_each_child(ex, &mut |c| visit(c, depth, out));
}

/// Calls `f` on the direct operands.
pub fn for_each_child(ex: &Ex, f: &mut dyn FnMut(&Ex)) {
    match ex {
        Ex::Field(a, _)
        | Ex::Prior(a)
        | Ex::Root(a)
        | Ex::Neg(a)
        | Ex::Not(a)
        | Ex::IsNull(a, _)
        | Ex::Cast(a, _)
        | Ex::BulkRowCount(a)
        | Ex::BulkError(a, _)
        | Ex::Quantified(_, a, ..) => f(a),
        Ex::Elem(a, b) => {
            f(a);
            f(b);
        }
        Ex::Arith(_, p) | Ex::Cmp(_, p, _) => {
            f(&p.0);
            f(&p.1);
        }
        Ex::Between(p, ..) => {
            f(&p.0);
            f(&p.1);
            f(&p.2);
        }
        Ex::Like(p, _) => {
            f(&p.0);
            f(&p.1);
            p.2.iter().for_each(f);
        }
        Ex::Concat(v)
        | Ex::And(v)
        | Ex::Or(v)
        | Ex::RegexpLike(v)
        | Ex::Decode(v)
        | Ex::Call(_, v)
        | Ex::Make(_, v)
        | Ex::Native(_, v)
        | Ex::InQuery(v, ..) => v.iter().for_each(f),
        Ex::InList(a, v, ..) | Ex::Method(_, a, v) => {
            f(a);
            v.iter().for_each(f);
        }
        Ex::Case(whens, otherwise) => {
            for (w, t) in whens {
                f(w);
                f(t);
            }
            otherwise.iter().for_each(|o| f(o));
        }
        Ex::Routine(call) => {
            for a in &call.args {
                if let super::code::ArgCode::In(e) = a {
                    f(e);
                }
            }
        }
        Ex::Attr(c, _) => {
            if let CurRef::Variable(e) = &**c {
                f(e);
            }
        }
        Ex::Const(_)
        | Ex::Var(_)
        | Ex::Col { .. }
        | Ex::Key(_)
        | Ex::Agg(_)
        | Ex::Win(_)
        | Ex::Rownum
        | Ex::Level
        | Ex::Leaf
        | Ex::Path(_)
        | Ex::Grouping(_)
        | Ex::Exists(_)
        | Ex::Scalar(_)
        | Ex::Seq(..)
        | Ex::Special(_)
        | Ex::BulkErrors
        | Ex::Refuse(_) => {}
    }
}

fn query(q: &Query, depth: u16, out: &mut Uses) {
    body(&q.body, depth, out);
    let limits = q.offset.iter().chain(q.fetch.iter().map(|f| &f.0));
    limits.for_each(|e| visit(e, depth, out));
}

fn body(b: &Body, depth: u16, out: &mut Uses) {
    match b {
        Body::Select(s) => select(s, depth, out),
        Body::Set(_, a, b) => {
            body(a, depth, out);
            body(b, depth, out);
        }
        Body::Sub(q) => query(q, depth, out),
        Body::Recursive(..) => out.vars = true,
    }
}

fn select(s: &Select, depth: u16, out: &mut Uses) {
    from(&s.from, depth, out);
    let mut all: Vec<&Ex> = s.filters.iter().chain(&s.items).chain(&s.rownum).collect();
    if let Some(c) = &s.connect {
        all.extend(c.start.iter().chain([&c.by]).chain(&c.filters));
    }
    if let Some(g) = &s.group {
        all.extend(g.keys.iter().chain(&g.having));
        all.extend(g.aggs.iter().filter_map(|a| a.arg.as_ref()));
    }
    for w in &s.wins {
        all.extend(w.args.iter().chain(&w.partition));
        all.extend(w.order.iter().map(|o| &o.ex));
    }
    all.into_iter().for_each(|e| visit(e, depth, out));
}

fn from(f: &From, depth: u16, out: &mut Uses) {
    match f {
        From::Leaf(_, leaf, pre) => {
            pre.iter().for_each(|e| visit(e, depth, out));
            match leaf {
                // A subquery in FROM sees the sources of this query only where it is lateral.
                Leaf::Query(q) => query(q, depth + 1, out),
                Leaf::Collection(e, _) => {
                    visit(e, depth, out);
                    out.vars = true;
                }
                Leaf::Work(_) => out.vars = true,
                Leaf::Table(_) | Leaf::Dual => {}
            }
        }
        From::Join(j) => {
            from(&j.left, depth, out);
            from(&j.right, depth, out);
            let hash = j.hash.iter().flat_map(|(a, b, _)| [a, b]);
            hash.chain(&j.on).for_each(|e| visit(e, depth, out));
        }
    }
}

/// Replaces expressions from the outside in: where `f` gives one, its operands are not entered.
pub fn rewrite(ex: &mut Ex, f: &mut dyn FnMut(&Ex) -> Option<Ex>) {
    if let Some(new) = f(ex) {
        *ex = new;
        return;
    }
    match ex {
        Ex::Field(a, _)
        | Ex::Prior(a)
        | Ex::Root(a)
        | Ex::Neg(a)
        | Ex::Not(a)
        | Ex::IsNull(a, _)
        | Ex::Cast(a, _)
        | Ex::BulkRowCount(a)
        | Ex::BulkError(a, _)
        | Ex::Quantified(_, a, ..) => rewrite(a, f),
        Ex::Elem(a, b) => {
            rewrite(a, f);
            rewrite(b, f);
        }
        Ex::Arith(_, p) | Ex::Cmp(_, p, _) => {
            rewrite(&mut p.0, f);
            rewrite(&mut p.1, f);
        }
        Ex::Between(p, ..) => {
            rewrite(&mut p.0, f);
            rewrite(&mut p.1, f);
            rewrite(&mut p.2, f);
        }
        Ex::Like(p, _) => {
            rewrite(&mut p.0, f);
            rewrite(&mut p.1, f);
            p.2.iter_mut().for_each(|e| rewrite(e, f));
        }
        Ex::Concat(v)
        | Ex::And(v)
        | Ex::Or(v)
        | Ex::RegexpLike(v)
        | Ex::Decode(v)
        | Ex::Call(_, v)
        | Ex::Make(_, v)
        | Ex::Native(_, v)
        | Ex::InQuery(v, ..) => v.iter_mut().for_each(|e| rewrite(e, f)),
        Ex::InList(a, v, ..) | Ex::Method(_, a, v) => {
            rewrite(a, f);
            v.iter_mut().for_each(|e| rewrite(e, f));
        }
        Ex::Case(whens, otherwise) => {
            for (w, t) in whens {
                rewrite(w, f);
                rewrite(t, f);
            }
            otherwise.iter_mut().for_each(|o| rewrite(o, f));
        }
        Ex::Routine(call) => {
            for a in &mut call.args {
                if let super::code::ArgCode::In(e) = a {
                    rewrite(e, f);
                }
            }
        }
        Ex::Attr(..)
        | Ex::Const(_)
        | Ex::Var(_)
        | Ex::Col { .. }
        | Ex::Key(_)
        | Ex::Agg(_)
        | Ex::Win(_)
        | Ex::Rownum
        | Ex::Level
        | Ex::Leaf
        | Ex::Path(_)
        | Ex::Grouping(_)
        | Ex::Exists(_)
        | Ex::Scalar(_)
        | Ex::Seq(..)
        | Ex::Special(_)
        | Ex::BulkErrors
        | Ex::Refuse(_) => {}
    }
}
