//! Collections: elements, methods, constructors.

use super::super::code::{CollOp, Ex, Lv, Method};
use super::super::stop::{Res, Stop};
use super::super::val::{Coll, CollKind, Ty, Val};
use super::assign::null_key;
use super::{Env, Machine};
use crate::value::Value;

/// Elements that one collection may have.
const MOST: usize = 20_000_000;

fn missing() -> Stop {
    Stop::ora(1403, "no data found")
}

impl<'e> Machine<'e> {
    /// The value of a variable, field or element in place; None where the expression must be computed.
    pub(super) fn place(&mut self, ex: &Ex, env: &Env<'_>) -> Res<Option<&Val>> {
        match ex {
            Ex::Var(slot) => {
                if let super::super::code::Slot::Global { package, .. } = slot {
                    self.initialise(*package)?;
                }
                Ok(self.slot(*slot))
            }
            Ex::Field(base, at) => match self.place(base, env)? {
                Some(Val::Rec(fields)) => Ok(fields.get(*at)),
                Some(_) | None => Ok(None),
            },
            Ex::Elem(base, index) => {
                let key = self.value(index, env)?;
                let number = || -> Res<i64> {
                    let n = key.number()?.ok_or_else(null_key)?;
                    n.round(0).to_i64().ok_or_else(missing)
                };
                let nls = self.nls.clone();
                match self.place(base, env)? {
                    Some(Val::Coll(c)) => Ok(Some(lookup(c, &key, number, &nls)?)),
                    Some(_) | None => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    pub(super) fn element(&mut self, base: &Ex, index: &Ex, env: &Env<'_>) -> Res<Val> {
        let whole = Ex::Elem(Box::new(base.clone()), Box::new(index.clone()));
        if let Some(v) = self.place(&whole, env)? {
            return Ok(v.clone());
        }
        let key = self.value(index, env)?;
        let nls = self.nls.clone();
        let Val::Coll(c) = self.eval(base, env)? else {
            return Err(Stop::ora(6531, "Reference to uninitialized collection"));
        };
        let number = || -> Res<i64> {
            let n = key.number()?.ok_or_else(null_key)?;
            n.round(0).to_i64().ok_or_else(missing)
        };
        lookup(&c, &key, number, &nls).cloned()
    }

    pub(super) fn method(&mut self, m: Method, base: &Ex, args: &[Ex], env: &Env<'_>) -> Res<Val> {
        let arg = match args.first() {
            Some(a) => Some(self.value(a, env)?),
            None => None,
        };
        let nls = self.nls.clone();
        let computed;
        let coll = match self.place(base, env)? {
            Some(Val::Coll(c)) => c,
            Some(_) => return Err(Stop::ora(6531, "Reference to uninitialized collection")),
            None => {
                computed = self.eval(base, env)?;
                match &computed {
                    Val::Coll(c) => c,
                    _ => return Err(Stop::ora(6531, "Reference to uninitialized collection")),
                }
            }
        };
        if !coll.ready && m != Method::Exists {
            return Err(Stop::ora(6531, "Reference to uninitialized collection"));
        }
        let key = arg.as_ref();
        let int = |k: Option<&Value>| -> Res<i64> {
            let n = k
                .map(Value::number)
                .transpose()?
                .flatten()
                .ok_or_else(null_key)?;
            n.round(0).to_i64().ok_or_else(null_key)
        };
        let text = |k: Option<&Value>| -> Res<String> {
            let t = k.map(|k| k.to_text(&nls)).transpose()?.flatten();
            t.ok_or_else(null_key)
        };
        let by_text = coll.kind == CollKind::ByText;
        let number = |n: Option<i64>| n.map_or(Val::NULL, Val::from);
        let word = |k: Option<&String>| k.map_or(Val::NULL, |k| Val::S(Value::text(k.clone())));
        Ok(match m {
            Method::Count => Val::from(coll.len() as i64),
            Method::Limit => Val::NULL,
            Method::First if by_text => word(coll.by_text.keys().next()),
            Method::Last if by_text => word(coll.by_text.keys().next_back()),
            Method::Next if by_text => {
                let after = (
                    std::ops::Bound::Excluded(text(key)?),
                    std::ops::Bound::Unbounded,
                );
                word(coll.by_text.range(after).next().map(|(k, _)| k))
            }
            Method::Prior if by_text => {
                word(coll.by_text.range(..text(key)?).next_back().map(|(k, _)| k))
            }
            Method::First => number(coll.by_int.keys().next().copied()),
            Method::Last => number(coll.by_int.keys().next_back().copied()),
            Method::Next => {
                let after = (
                    std::ops::Bound::Excluded(int(key)?),
                    std::ops::Bound::Unbounded,
                );
                number(coll.by_int.range(after).next().map(|(k, _)| *k))
            }
            Method::Prior => number(coll.by_int.range(..int(key)?).next_back().map(|(k, _)| *k)),
            Method::Exists if key.is_none_or(Value::is_null) => Val::Bool(false),
            Method::Exists if by_text => Val::Bool(coll.by_text.contains_key(&text(key)?)),
            Method::Exists => Val::Bool(coll.by_int.contains_key(&int(key)?)),
        })
    }

    /// A constructor.
    pub(super) fn make(&mut self, ty: &Ty, args: &[Ex], env: &Env<'_>) -> Res<Val> {
        let mut values = Vec::new();
        for a in args {
            values.push(self.eval(a, env)?);
        }
        match ty {
            Ty::Coll(c) => {
                let items: Res<Vec<Val>> = values
                    .into_iter()
                    .map(|v| self.coerce(v, &c.elem, false))
                    .collect();
                Ok(Val::Coll(Box::new(Coll::of(c.kind, items?))))
            }
            Ty::Rec(r) if values.len() == r.fields.len() => {
                self.coerce(Val::Rec(values), ty, false)
            }
            _ if values.len() == 1 => self.coerce(values.swap_remove(0), ty, false),
            _ => Err(Stop::ora(
                6553,
                "PLS-306: wrong number or types of arguments in a constructor",
            )),
        }
    }

    /// EXTEND, TRIM, DELETE.
    pub(super) fn collection(
        &mut self,
        op: CollOp,
        lv: &Lv,
        args: &[Ex],
        env: &Env<'_>,
    ) -> Res<()> {
        let elem = match lv.ty() {
            Ty::Coll(c) => c.elem.empty(),
            _ => Val::NULL,
        };
        let limit = match lv.ty() {
            Ty::Coll(c) if c.kind == CollKind::Varray => c.limit.map(i64::from),
            _ => None,
        };
        let keys = self.values(args, env)?;
        let nls = self.nls.clone();
        let Val::Coll(c) = self.place_mut(lv, env)? else {
            return Err(Stop::ora(6531, "Reference to uninitialized collection"));
        };
        if !c.ready {
            return Err(Stop::ora(6531, "Reference to uninitialized collection"));
        }
        let number = |i: usize| -> Res<Option<i64>> {
            let n = keys.get(i).map(Value::number).transpose()?.flatten();
            Ok(n.and_then(|n| n.round(0).to_i64()))
        };
        match op {
            CollOp::Extend => {
                let count = number(0)?.unwrap_or(1).max(0);
                let copy = match number(1)? {
                    Some(i) => c
                        .by_int
                        .get(&i)
                        .cloned()
                        .ok_or_else(|| Stop::ora(6533, "Subscript beyond count"))?,
                    None => elem,
                };
                let top = c.top.saturating_add(count);
                if limit.is_some_and(|l| top > l) {
                    return Err(Stop::ora(6532, "Subscript outside of limit"));
                }
                if top as usize > MOST {
                    return Err(Stop::refuse(
                        super::super::stop::Why::Memory,
                        "a collection of more than 20 million elements",
                    ));
                }
                for i in c.top + 1..=top {
                    c.by_int.insert(i, copy.clone());
                }
                c.top = top;
            }
            CollOp::Trim => {
                let count = number(0)?.unwrap_or(1).max(0);
                if count > c.top {
                    return Err(Stop::ora(6533, "Subscript beyond count"));
                }
                let top = c.top - count;
                c.by_int.split_off(&(top + 1));
                c.top = top;
            }
            CollOp::Delete => delete(c, &keys, &nls, number(0)?, number(1)?)?,
        }
        Ok(())
    }
}

fn delete(
    c: &mut Coll,
    keys: &[Value],
    nls: &crate::value::Nls,
    from: Option<i64>,
    to: Option<i64>,
) -> Res<()> {
    if keys.is_empty() {
        c.by_int.clear();
        c.by_text.clear();
        c.top = 0;
        return Ok(());
    }
    if c.kind == CollKind::ByText {
        let texts: Result<Vec<Option<String>>, _> = keys.iter().map(|k| k.to_text(nls)).collect();
        match texts?.as_slice() {
            [Some(k)] => {
                c.by_text.remove(k);
            }
            [Some(a), Some(b)] => c.by_text.retain(|k, _| !(a <= k && k <= b)),
            _ => {}
        }
        return Ok(());
    }
    match (keys.len(), from, to) {
        (1, Some(i), _) => {
            c.by_int.remove(&i);
        }
        (_, Some(a), Some(b)) => c.by_int.retain(|k, _| !(a <= *k && *k <= b)),
        _ => {}
    }
    Ok(())
}

fn lookup<'c>(
    c: &'c Coll,
    key: &Value,
    number: impl FnOnce() -> Res<i64>,
    nls: &crate::value::Nls,
) -> Res<&'c Val> {
    if !c.ready {
        return Err(Stop::ora(6531, "Reference to uninitialized collection"));
    }
    if c.kind == CollKind::ByText {
        let key = key.to_text(nls)?.ok_or_else(null_key)?;
        return c.by_text.get(&key).ok_or_else(missing);
    }
    let at = number()?;
    if let Some(v) = c.by_int.get(&at) {
        return Ok(v);
    }
    Err(match c.kind {
        CollKind::ByInt | CollKind::ByText => missing(),
        CollKind::Nested | CollKind::Varray if at >= 1 && at <= c.top => missing(),
        CollKind::Nested | CollKind::Varray if at < 1 => {
            Stop::ora(6532, "Subscript outside of limit")
        }
        CollKind::Nested | CollKind::Varray => Stop::ora(6533, "Subscript beyond count"),
    })
}
