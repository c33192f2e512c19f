//! What sets of columns determine, for many questions about the same rows: columns are numbers here, sets are bits.

use std::collections::HashMap;

use super::columns::{Col, Known, Set};

/// The equalities, constants and dependencies of some rows.
pub(super) struct Closure<'k> {
    columns: Vec<&'k Col>,
    numbers: HashMap<&'k Col, usize>,
    /// For every column those that equal it.
    equal: Vec<Vec<usize>>,
    /// Left and right sides.
    determines: Vec<(Vec<usize>, Vec<usize>)>,
    constants: Vec<usize>,
}

/// Columns that are in a set.
type Bits = Vec<bool>;

impl<'k> Closure<'k> {
    /// Numbers the columns of what is known. Hash maps are asked by column only.
    pub fn of(known: &'k Known) -> Self {
        let mut c = Closure {
            columns: Vec::new(),
            numbers: HashMap::new(),
            equal: Vec::new(),
            determines: Vec::new(),
            constants: Vec::new(),
        };
        for (a, b) in &known.equal {
            let (a, b) = (c.number(a), c.number(b));
            c.equal[a].push(b);
            c.equal[b].push(a);
        }
        for (left, right) in &known.determines {
            let left = left.iter().map(|x| c.number(x)).collect();
            let right = right.iter().map(|x| c.number(x)).collect();
            c.determines.push((left, right));
        }
        for x in known.constants.keys() {
            let n = c.number(x);
            c.constants.push(n);
        }
        c
    }

    fn number(&mut self, column: &'k Col) -> usize {
        if let Some(n) = self.numbers.get(column) {
            return *n;
        }
        let n = self.columns.len();
        self.numbers.insert(column, n);
        self.columns.push(column);
        self.equal.push(Vec::new());
        n
    }

    /// Everything that `from` determines; what is known of nothing determines itself alone.
    pub fn close(&self, from: &Set) -> Set {
        let mut out = from.clone();
        out.extend(self.set(&self.closed(from)));
        out
    }

    /// `from` determines all of `wanted`.
    pub fn determines(&self, from: &Set, wanted: &Set) -> bool {
        let bits = self.closed(from);
        wanted.iter().all(|w| match self.numbers.get(w) {
            Some(n) => bits[*n],
            None => from.contains(w),
        })
    }

    /// What equals a column, itself included.
    pub fn equals(&self, column: &Col) -> Set {
        let mut bits = vec![false; self.columns.len()];
        let mut queue: Vec<usize> = self.numbers.get(column).copied().into_iter().collect();
        while let Some(n) = queue.pop() {
            if !std::mem::replace(&mut bits[n], true) {
                queue.extend(&self.equal[n]);
            }
        }
        let mut out = self.set(&bits);
        out.insert(column.clone());
        out
    }

    fn closed(&self, from: &Set) -> Bits {
        let mut bits = vec![false; self.columns.len()];
        let own = from.iter().filter_map(|x| self.numbers.get(x).copied());
        let mut queue: Vec<usize> = own.chain(self.constants.iter().copied()).collect();
        let mut open: Vec<bool> = vec![true; self.determines.len()];
        loop {
            while let Some(n) = queue.pop() {
                if !std::mem::replace(&mut bits[n], true) {
                    queue.extend(&self.equal[n]);
                }
            }
            for (i, (left, right)) in self.determines.iter().enumerate() {
                if open[i] && left.iter().all(|n| bits[*n]) {
                    open[i] = false;
                    queue.extend(right.iter().filter(|n| !bits[**n]));
                }
            }
            if queue.is_empty() {
                return bits;
            }
        }
    }

    fn set(&self, bits: &Bits) -> Set {
        let columns = self.columns.iter().zip(bits);
        columns
            .filter(|(_, held)| **held)
            .map(|(c, _)| (*c).clone())
            .collect()
    }
}
