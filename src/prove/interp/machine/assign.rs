//! Assignment to variables, fields and elements; INTO.

use super::super::code::{IntoCode, Lv, Slot};
use super::super::stop::{Res, Stop};
use super::super::val::{Coll, CollKind, Row, Ty, Val};
use super::{Env, Machine};

/// A step from a variable to the place that is assigned.
enum Step {
    Field(usize),
    Int(i64),
    Text(String),
}

impl<'e> Machine<'e> {
    /// Sets a slot.
    pub(super) fn set_slot(&mut self, slot: Slot, v: Val) -> Res<()> {
        *self.slot_mut(slot)? = v;
        Ok(())
    }

    fn slot_mut(&mut self, slot: Slot) -> Res<&mut Val> {
        let place = match slot {
            Slot::Local { up, at } => {
                let frame = self.frame_of(up);
                self.frames
                    .get_mut(frame)
                    .and_then(|f| f.slots.get_mut(at as usize))
            }
            Slot::Global { package, at } => {
                self.initialise(package)?;
                self.globals.get_mut(at as usize)
            }
        };
        place.ok_or_else(|| Stop::unsupported("a variable without a place"))
    }

    /// `target := value`.
    pub(super) fn assign(&mut self, lv: &Lv, v: Val, env: &Env<'_>) -> Res<()> {
        let v = self.coerce(v, lv.ty(), false)?;
        if let Lv::Var(slot, _, not_null) = lv {
            if *not_null && v.is_null() {
                return Err(Stop::ora(
                    6502,
                    "PL/SQL: numeric or value error: NULL value",
                ));
            }
            return self.set_slot(*slot, v);
        }
        *self.place_mut(lv, env)? = v;
        Ok(())
    }

    /// The place that a target stands for; elements of associative arrays are made.
    pub(super) fn place_mut(&mut self, lv: &Lv, env: &Env<'_>) -> Res<&mut Val> {
        let mut steps = Vec::new();
        let mut at = lv;
        let mut types = Vec::new();
        let slot = loop {
            match at {
                Lv::Var(slot, ..) => break *slot,
                Lv::Field(base, i, ty) => {
                    steps.push(Step::Field(*i));
                    types.push(ty);
                    at = base;
                }
                Lv::Elem(base, index, ty) => {
                    let by_text = matches!(base.ty(), Ty::Coll(c) if c.kind == CollKind::ByText);
                    steps.push(if by_text {
                        let key = self.value(index, env)?.to_text(&self.nls)?;
                        Step::Text(key.ok_or_else(null_key)?)
                    } else {
                        Step::Int(self.index(index, env)?)
                    });
                    types.push(ty);
                    at = base;
                }
            }
        };
        let mut place = self.slot_mut(slot)?;
        for (step, ty) in steps.iter().rev().zip(types.iter().rev()) {
            place = go(place, step, ty)?;
        }
        Ok(place)
    }

    /// INTO of one row.
    pub(super) fn into_row(&mut self, into: &IntoCode, row: &Row, env: &Env<'_>) -> Res<()> {
        match into {
            IntoCode::Each(targets) => {
                for (t, v) in targets.iter().zip(row.iter()) {
                    self.assign(t, Val::S(v.clone()), env)?;
                }
                Ok(())
            }
            IntoCode::Record(t) => self.assign(t, record_of(row, t.ty())?, env),
            IntoCode::BulkEach(_) | IntoCode::BulkRecord(_) => {
                self.into_bulk(into, std::slice::from_ref(row), env)
            }
        }
    }

    /// BULK COLLECT INTO.
    pub(super) fn into_bulk(&mut self, into: &IntoCode, rows: &[Row], env: &Env<'_>) -> Res<()> {
        match into {
            IntoCode::BulkEach(targets) => {
                for (i, t) in targets.iter().enumerate() {
                    let Ty::Coll(c) = t.ty() else {
                        return Err(Stop::missing(
                            "BULK COLLECT into something that is no collection",
                        ));
                    };
                    let mut items = Vec::new();
                    for row in rows {
                        let v = Val::S(row.get(i).cloned().unwrap_or(crate::value::Value::Null));
                        items.push(self.coerce(v, &c.elem, false)?);
                    }
                    self.assign(t, Val::Coll(Box::new(Coll::of(c.kind, items))), env)?;
                }
                Ok(())
            }
            IntoCode::BulkRecord(t) => {
                let Ty::Coll(c) = t.ty() else {
                    return Err(Stop::missing(
                        "BULK COLLECT into something that is no collection",
                    ));
                };
                let mut items = Vec::new();
                for row in rows {
                    let v = record_of(row, &c.elem)?;
                    items.push(self.coerce(v, &c.elem, false)?);
                }
                self.assign(t, Val::Coll(Box::new(Coll::of(c.kind, items))), env)
            }
            IntoCode::Each(_) | IntoCode::Record(_) => match rows {
                [row] => self.into_row(into, row, env),
                _ => Err(Stop::missing("several rows for one")),
            },
        }
    }
}

/// A row as a record of this type.
pub(super) fn record_of(row: &Row, ty: &Ty) -> Res<Val> {
    let Ty::Rec(r) = ty else {
        return Err(Stop::missing("a record was expected"));
    };
    if row.len() < r.fields.len() {
        return Err(Stop::ora(
            6504,
            "PL/SQL: return types of result set variables do not match",
        ));
    }
    Ok(Val::Rec(
        row.iter()
            .take(r.fields.len())
            .cloned()
            .map(Val::S)
            .collect(),
    ))
}

pub(super) fn null_key() -> Stop {
    Stop::ora(
        6502,
        "PL/SQL: numeric or value error: NULL index table key value",
    )
}

fn go<'v>(place: &'v mut Val, step: &Step, ty: &Ty) -> Res<&'v mut Val> {
    match (place, step) {
        (Val::Rec(fields), Step::Field(i)) => {
            fields.get_mut(*i).ok_or_else(|| Stop::missing("a field"))
        }
        (Val::Coll(c), Step::Int(i)) => {
            if !c.ready {
                return Err(Stop::ora(6531, "Reference to uninitialized collection"));
            }
            if c.is_associative() {
                return Ok(c.by_int.entry(*i).or_insert_with(|| ty.empty()));
            }
            if *i < 1 || *i > c.top {
                let code = if *i < 1 { 6532 } else { 6533 };
                let message = if *i < 1 {
                    "Subscript outside of limit"
                } else {
                    "Subscript beyond count"
                };
                return Err(Stop::ora(code, message));
            }
            Ok(c.by_int.entry(*i).or_insert_with(|| ty.empty()))
        }
        (Val::Coll(c), Step::Text(k)) => {
            Ok(c.by_text.entry(k.clone()).or_insert_with(|| ty.empty()))
        }
        _ => Err(Stop::ora(6530, "Reference to uninitialized composite")),
    }
}
