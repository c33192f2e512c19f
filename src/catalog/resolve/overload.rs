//! Overloads: of several routines of one name the one that takes the arguments, by their number, names and types.

use super::super::model::{Param, RoutineId};
use super::name::NameMeaning;
use super::{Callee, Resolver, ValueType};
use crate::rel::{DataType, TableName};

/// An argument of a call.
#[derive(Clone, Copy)]
pub(super) enum ArgRef<'n> {
    At(usize),
    Named(&'n str),
}

/// The arguments of a call; types are asked for only where number and names leave a choice.
pub(super) struct Arguments<'g> {
    pub positional: usize,
    pub named: &'g [&'g str],
    pub ty: &'g dyn Fn(ArgRef<'_>) -> ValueType,
}

impl Resolver<'_> {
    /// The one candidate that takes the arguments.
    pub(super) fn choose(
        &self,
        candidates: &[RoutineId],
        parts: &[&str],
        arguments: &Arguments<'_>,
    ) -> Callee {
        let dotted = || parts.join(".");
        let takes = |id: &RoutineId| takes(self.formal(*id), arguments);
        let fitting: Vec<_> = candidates.iter().copied().filter(takes).collect();
        match (fitting.as_slice(), candidates) {
            ([one], _) => Callee::Routine(*one),
            ([], [one]) => {
                let r = &self.catalog.routines[one.0 as usize];
                Callee::Unknown(format!(
                    "{} does not take these arguments ({} parameters)",
                    r.qualified(),
                    r.params.len()
                ))
            }
            ([], _) => Callee::Unknown(format!(
                "no overload of `{}` takes these arguments",
                dotted()
            )),
            (several, _) => match self.cheapest(several, arguments) {
                Some(id) => Callee::Routine(id),
                None => Callee::Unknown(format!(
                    "several overloads of `{}` take these arguments",
                    dotted()
                )),
            },
        }
    }

    /// Parameters that a call names; a method's SELF is not among them.
    fn formal(&self, id: RoutineId) -> &[Param] {
        let r = &self.catalog.routines[id.0 as usize];
        match r.params.split_first() {
            Some((first, rest)) if first.name == "SELF" && self.is_method(id) => rest,
            _ => &r.params,
        }
    }

    fn is_method(&self, id: RoutineId) -> bool {
        let r = &self.catalog.routines[id.0 as usize];
        let owner = r.package.as_ref().map(|p| TableName::new(&r.schema, p));
        owner.is_some_and(|o| self.catalog.types.contains_key(&o))
    }

    /// The candidate whose parameters need the least conversion; None if several do.
    fn cheapest(&self, candidates: &[RoutineId], arguments: &Arguments<'_>) -> Option<RoutineId> {
        let mut best: Option<(u32, RoutineId)> = None;
        let mut tie = false;
        for id in candidates {
            let Some(cost) = self.cost(*id, arguments) else {
                continue;
            };
            match best {
                Some((least, _)) if cost > least => {}
                Some((least, _)) if cost == least => tie = true,
                _ => {
                    best = Some((cost, *id));
                    tie = false;
                }
            }
        }
        best.filter(|_| !tie).map(|(_, id)| id)
    }

    /// How much conversion a call of this routine takes; None if an argument cannot be converted.
    fn cost(&self, id: RoutineId, arguments: &Arguments<'_>) -> Option<u32> {
        let formal = self.formal(id);
        let hidden = self.catalog.routines[id.0 as usize].params.len() - formal.len();
        let mut total = 0;
        for (i, param) in formal.iter().enumerate() {
            let arg = if i < arguments.positional {
                ArgRef::At(i)
            } else if arguments.named.contains(&param.name.as_str()) {
                ArgRef::Named(&param.name)
            } else {
                continue;
            };
            let wanted = self.type_of(&NameMeaning::Parameter(id, i + hidden));
            total += conversion(&wanted, &(arguments.ty)(arg))?;
        }
        Some(total)
    }
}

/// Whether a call with these arguments gives every parameter a value, and none twice.
fn takes(params: &[Param], arguments: &Arguments<'_>) -> bool {
    let Some(rest) = params.get(arguments.positional..) else {
        return false;
    };
    let known = |n: &str| rest.iter().any(|p| p.name == n);
    let filled = |p: &Param| p.default.is_some() || arguments.named.contains(&p.name.as_str());
    arguments.named.iter().all(|n| known(n)) && rest.iter().all(filled)
}

/// What it costs to give a value of type `given` to a parameter of type `wanted`; None if Oracle refuses.
fn conversion(wanted: &ValueType, given: &ValueType) -> Option<u32> {
    if wanted == given {
        return Some(0);
    }
    match (wanted, given) {
        (ValueType::Scalar(w), ValueType::Scalar(g)) => scalar_conversion(w, g),
        (ValueType::Record(w), ValueType::Record(g)) => {
            let same = w.len() == g.len();
            same.then_some(2)
        }
        (ValueType::Collection(w), ValueType::Collection(g)) => {
            conversion(w, g).filter(|c| *c < 3).map(|c| c + 1)
        }
        (ValueType::Scalar(open), _) | (_, ValueType::Scalar(open)) => is_open(open).then_some(2),
        _ => None,
    }
}

fn is_open(ty: &DataType) -> bool {
    matches!(ty, DataType::Unknown { .. } | DataType::Other { .. })
}

fn scalar_conversion(wanted: &DataType, given: &DataType) -> Option<u32> {
    if is_open(wanted) || is_open(given) {
        return Some(2);
    }
    let (w, g) = (family(wanted)?, family(given)?);
    match (w, g) {
        _ if w == g => Some(1),
        (Family::Text, Family::Lob)
        | (Family::Lob, Family::Text)
        | (Family::Binary, Family::Blob)
        | (Family::Blob, Family::Binary) => Some(2),
        (Family::Text, Family::Number | Family::Time | Family::Interval | Family::Binary)
        | (Family::Number | Family::Time | Family::Interval | Family::Binary, Family::Text)
        | (Family::Lob, Family::Number | Family::Time) => Some(3),
        _ => None,
    }
}

/// Types that Oracle tells apart between overloads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Number,
    Text,
    Time,
    Interval,
    Boolean,
    Binary,
    Lob,
    Blob,
    Document,
}

fn family(ty: &DataType) -> Option<Family> {
    match ty {
        DataType::Number { .. }
        | DataType::Float { .. }
        | DataType::BinaryFloat
        | DataType::BinaryDouble => Some(Family::Number),
        DataType::Varchar { .. } | DataType::Char { .. } => Some(Family::Text),
        DataType::Clob => Some(Family::Lob),
        DataType::Date
        | DataType::Timestamp { .. }
        | DataType::TimestampTz { .. }
        | DataType::TimestampLtz { .. } => Some(Family::Time),
        DataType::IntervalYm | DataType::IntervalDs => Some(Family::Interval),
        DataType::Boolean => Some(Family::Boolean),
        DataType::Raw { .. } => Some(Family::Binary),
        DataType::Blob => Some(Family::Blob),
        DataType::Document => Some(Family::Document),
        DataType::Other { .. } | DataType::Unknown { .. } => None,
    }
}
