//! Sets of columns and what determines what: equalities, constants and functional dependencies, closed over each other.

use std::collections::{BTreeMap, BTreeSet};

use super::closure::Closure;
use crate::dataflow::keys::{date_length, lossless};
use crate::rel::{ColumnRef, DataType, Scalar};

/// A column of some operator, or an expression over its columns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Col {
    /// Relation and name.
    Column(String, String),
    /// An expression, by its text.
    Expr(String),
    /// A column of the operator below.
    Below(Box<Col>),
}

pub(super) type Set = BTreeSet<Col>;

impl Col {
    pub fn of(c: &ColumnRef) -> Col {
        Col::Column(c.relation.clone(), c.name.clone())
    }

    pub fn named(name: &str) -> Col {
        Col::Column(String::new(), name.into())
    }

    fn below(&self) -> Col {
        Col::Below(Box::new(self.clone()))
    }

    /// As a person reads it.
    pub fn text(&self) -> String {
        match self {
            Col::Column(r, n) if r.is_empty() => n.clone(),
            Col::Column(r, n) => format!("{r}.{n}"),
            Col::Expr(_) => "an expression".into(),
            Col::Below(c) => c.text(),
        }
    }
}

/// A set of columns that no two rows share, and what shows it.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub columns: Set,
    pub why: String,
}

/// What is known of the rows of an operator.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub outputs: Vec<Col>,
    pub keys: Vec<Key>,
    /// Right sides are functions of left sides.
    pub determines: Vec<(Set, Set)>,
    pub equal: Vec<(Col, Col)>,
    /// Columns with one value, with the literal where it is known.
    pub constants: BTreeMap<Col, Option<String>>,
    /// Texts that are equally long in all rows: dates written in digits.
    pub lengths: BTreeMap<Col, u32>,
}

impl Known {
    /// Everything that a set of columns determines.
    pub fn closure(&self, from: &Set) -> Set {
        Closure::of(self).close(from)
    }

    /// The key that a set of columns determines.
    pub fn key_in(&self, columns: &Set) -> Option<&Key> {
        let closure = Closure::of(self);
        self.keys
            .iter()
            .find(|k| closure.determines(columns, &k.columns))
    }

    /// Takes a set down to what is needed to determine `wanted`.
    pub fn smallest(&self, from: Set, wanted: &Set) -> Option<Set> {
        smallest(&Closure::of(self), from, wanted)
    }

    pub fn all(&self) -> Set {
        self.outputs.iter().cloned().collect()
    }

    /// Every key determines the whole row.
    pub fn keys_determine(&mut self) {
        let all = self.all();
        self.determines
            .extend(self.keys.iter().map(|k| (k.columns.clone(), all.clone())));
    }

    /// An expression as a column: itself, or named by its text and determined by its operands.
    pub fn column(&mut self, s: &Scalar) -> Col {
        if let Scalar::Column(c) = s {
            return Col::of(c);
        }
        if let Scalar::Cast { operand, to } = s
            && (lossless(&operand.ty(), to) || self.fits(operand, to))
        {
            return self.column(operand);
        }
        let mut operands = Set::new();
        let plain = plain(s);
        crate::dataflow::tree::columns_of(&plain, &mut |c| {
            operands.insert(Col::of(c));
        });
        let expr = Col::Expr(format!("{plain:?}"));
        self.determines.push((operands, Set::from([expr.clone()])));
        expr
    }

    /// A text of fixed length is neither cut off nor padded by a conversion that has room for it.
    fn fits(&self, s: &Scalar, to: &DataType) -> bool {
        let room = match to {
            DataType::Varchar { length } | DataType::Char { length } => *length,
            _ => return false,
        };
        self.length(s).is_some_and(|n| n <= room)
    }

    fn length(&self, s: &Scalar) -> Option<u32> {
        match s {
            Scalar::Column(c) => self.lengths.get(&Col::of(c)).copied(),
            other => date_length(other),
        }
    }

    /// The same facts seen from the operator above: all columns are below.
    fn sunk(&self) -> Known {
        let set = |s: &Set| s.iter().map(Col::below).collect::<Set>();
        Known {
            outputs: Vec::new(),
            keys: self
                .keys
                .iter()
                .map(|k| Key {
                    columns: set(&k.columns),
                    why: k.why.clone(),
                })
                .collect(),
            determines: self
                .determines
                .iter()
                .map(|(a, b)| (set(a), set(b)))
                .collect(),
            equal: self
                .equal
                .iter()
                .map(|(a, b)| (a.below(), b.below()))
                .collect(),
            constants: self
                .constants
                .iter()
                .map(|(c, v)| (c.below(), v.clone()))
                .collect(),
            lengths: BTreeMap::new(),
        }
    }

    /// What is known of new columns that are expressions over these.
    pub fn project(&mut self, items: &[(Col, Scalar)]) -> Known {
        let sources: Vec<Col> = items.iter().map(|(_, e)| self.column(e)).collect();
        let mut seen = self.sunk();
        for ((new, expr), source) in items.iter().zip(&sources) {
            seen.equal.push((new.clone(), source.below()));
            if let Scalar::Literal(l) = expr {
                seen.constants.insert(new.clone(), Some(format!("{l:?}")));
            }
        }
        seen.outputs = items.iter().map(|(c, _)| c.clone()).collect();
        let lengths = items
            .iter()
            .filter_map(|(c, e)| Some((c.clone(), self.length(e)?)));
        Known {
            lengths: lengths.collect(),
            ..seen.narrowed()
        }
    }

    /// Only what can be said with the outputs alone.
    fn narrowed(&self) -> Known {
        let all = self.all();
        let closure = Closure::of(self);
        let mut out = Known {
            outputs: self.outputs.clone(),
            ..Known::default()
        };
        for key in &self.keys {
            let columns = smallest(&closure, all.clone(), &key.columns);
            out.keys.extend(columns.map(|columns| Key {
                columns,
                why: key.why.clone(),
            }));
        }
        let equals: BTreeMap<&Col, Set> = self
            .outputs
            .iter()
            .map(|c| (c, closure.equals(c)))
            .collect();
        let fixed = closure.close(&Set::new());
        for c in all.intersection(&fixed) {
            let same = equals.get(c).into_iter().flatten();
            let value = same
                .into_iter()
                .find_map(|e| self.constants.get(e).cloned().flatten());
            out.constants.insert(c.clone(), value);
        }
        for (i, a) in self.outputs.iter().enumerate() {
            let same = &equals[a];
            out.equal.extend(
                self.outputs[i + 1..]
                    .iter()
                    .filter(|b| same.contains(*b))
                    .map(|b| (a.clone(), b.clone())),
            );
        }
        for (left, _) in &self.determines {
            if let Some(left) = self.named(&closure, left) {
                let right = closure.close(&left).intersection(&all).cloned().collect();
                out.determines.push((left, right));
            }
        }
        out
    }

    /// A set of columns by outputs that equal them.
    fn named(&self, closure: &Closure<'_>, set: &Set) -> Option<Set> {
        set.iter()
            .map(|c| {
                let same = closure.equals(c);
                self.outputs.iter().find(|o| same.contains(*o)).cloned()
            })
            .collect()
    }
}

fn smallest(closure: &Closure<'_>, mut from: Set, wanted: &Set) -> Option<Set> {
    if !closure.determines(&from, wanted) {
        return None;
    }
    for c in from.clone().iter().rev() {
        from.remove(c);
        if !closure.determines(&from, wanted) {
            from.insert(c.clone());
        }
    }
    Some(from)
}

/// Without what is known of NULLs, so that equal expressions have equal texts.
fn plain(s: &Scalar) -> Scalar {
    crate::dataflow::tree::map_scalar(s.clone(), &mut |n| match n {
        Scalar::Column(c) => Scalar::Column(ColumnRef {
            nullable: true,
            ..c
        }),
        other => other,
    })
}
