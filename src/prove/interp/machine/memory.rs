//! What variables hold, weighed from time to time: the more there is, the longer until it is weighed again.

use super::super::stop::Res;
use super::super::val::{Coll, Row, Val};
use super::Machine;
use crate::value::Value;

/// Steps between two weighings at least.
const STEPS: u64 = 20_000;

/// Bytes and parts.
#[derive(Default)]
struct Weight {
    bytes: usize,
    parts: u64,
}

impl Weight {
    fn text(&mut self, text: &str) {
        self.bytes += text.len() + 24;
        self.parts += 1;
    }

    fn value(&mut self, v: &Value) {
        self.bytes += std::mem::size_of::<Value>();
        self.parts += 1;
        match v {
            Value::Text(t) => self.bytes += t.len(),
            Value::Bytes(b) => self.bytes += b.len(),
            Value::Null | Value::Number(_) | Value::Date(_) | Value::Timestamp(_) => {}
        }
    }

    fn rows(&mut self, rows: &[Row]) {
        for v in rows.iter().flat_map(|r| r.iter()) {
            self.value(v);
        }
    }

    fn coll(&mut self, c: &Coll) {
        for v in c.by_int.values() {
            self.bytes += 16;
            self.val(v);
        }
        for (k, v) in &c.by_text {
            self.text(k);
            self.val(v);
        }
    }

    /// Types nest a few levels deep, and so do their values.
    fn val(&mut self, v: &Val) {
        match v {
            Val::S(v) => self.value(v),
            Val::Rec(fields) => fields.iter().for_each(|f| self.val(f)),
            Val::Coll(c) => self.coll(c),
            Val::Bool(_) | Val::Ym(_) | Val::Ds(_) | Val::Cursor(_) | Val::File(_) => {
                self.bytes += std::mem::size_of::<Val>();
            }
        }
    }
}

impl Machine<'_> {
    /// Refuses to go on when variables, cursors, output and files hold more than the limit.
    #[cold]
    pub(super) fn weigh(&mut self) -> Res<()> {
        let mut w = Weight::default();
        for f in &self.frames {
            f.slots.iter().chain(&f.piped).for_each(|v| w.val(v));
        }
        self.globals.iter().for_each(|v| w.val(v));
        for c in self.cursors.iter().flatten() {
            w.rows(&c.rows);
        }
        self.output.iter().for_each(|l| w.text(l));
        self.files.values().flatten().for_each(|l| w.text(l));
        self.weigh_at = self.fuel.saturating_sub(STEPS.max(w.parts * 4));
        self.fits_memory(w.bytes)
    }
}
