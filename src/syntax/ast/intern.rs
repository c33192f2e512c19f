//! Interned names of one unit: one text, one open-addressing table, no allocation a name.
//! Upper case is taken eight bytes at a time, because every identifier of a source passes here.

use super::Name;

/// The names of one unit.
#[derive(Debug, Default)]
pub(super) struct Interner {
    text: String,
    ends: Vec<u32>,
    /// Slots hold a name's index plus one; 0 is free. The length is a power of two.
    table: Vec<u32>,
}

impl Interner {
    /// The text of a name.
    pub(super) fn text(&self, name: Name) -> &str {
        let i = name.index() as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start as usize..self.ends[i] as usize]
    }

    /// Interns a text as it is.
    pub(super) fn intern(&mut self, text: &str) -> Name {
        let hash = hash_with(text.as_bytes(), |x| x);
        self.find(text, hash, |stored, raw| stored == raw)
    }

    /// Interns a word in upper case.
    pub(super) fn intern_word(&mut self, word: &str) -> Name {
        if !word.is_ascii() && word.chars().any(|c| !c.is_ascii() && c.is_lowercase()) {
            return self.intern(&word.to_uppercase());
        }
        let hash = hash_with(word.as_bytes(), upper8);
        let name = self.find(word, hash, |stored, raw| {
            stored.len() == raw.len()
                && stored
                    .iter()
                    .zip(raw)
                    .all(|(s, r)| *s == r.to_ascii_uppercase())
        });
        // A new name was stored as written: put it into upper case in place.
        let at = name.index() as usize;
        if at + 1 == self.ends.len() {
            let start = if at == 0 { 0 } else { self.ends[at - 1] };
            if let Some(new) = self.text.get_mut(start as usize..) {
                new.make_ascii_uppercase();
            }
        }
        name
    }

    fn find(&mut self, text: &str, hash: u64, same: impl Fn(&[u8], &[u8]) -> bool) -> Name {
        if self.ends.len() * 2 >= self.table.len() {
            self.grow();
        }
        let mask = self.table.len() - 1;
        let mut slot = hash as usize & mask;
        while let Some(index) = self.table[slot].checked_sub(1) {
            if same(self.text(Name::at(index)).as_bytes(), text.as_bytes()) {
                return Name::at(index);
            }
            slot = (slot + 1) & mask;
        }
        let name = Name::at(self.ends.len() as u32);
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        self.table[slot] = name.index() + 1;
        name
    }

    fn grow(&mut self) {
        let size = (self.table.len() * 2).max(64);
        let mut table = vec![0u32; size];
        for i in 0..self.ends.len() as u32 {
            let mut slot =
                hash_with(self.text(Name::at(i)).as_bytes(), |x| x) as usize & (size - 1);
            while table[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            table[slot] = i + 1;
        }
        self.table = table;
    }
}

/// Fx-like hash over chunks of eight bytes, each mapped first.
fn hash_with(bytes: &[u8], map: impl Fn(u64) -> u64) -> u64 {
    const K: u64 = 0x517c_c1b7_2722_0a95;
    let mut hash = bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    let mut mix = |x: u64| hash = (hash.rotate_left(5) ^ map(x)).wrapping_mul(K);
    for c in &mut chunks {
        let mut eight = [0u8; 8];
        eight.copy_from_slice(c);
        mix(u64::from_le_bytes(eight));
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let mut eight = [0u8; 8];
        eight[..rest.len()].copy_from_slice(rest);
        mix(u64::from_le_bytes(eight));
    }
    hash ^ (hash >> 32)
}

/// ASCII upper case of eight bytes at once; other bytes stay.
fn upper8(x: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let low7 = x & (0x7f * ONES);
    let above_z = low7 + (0x7f - b'z' as u64) * ONES;
    let from_a = low7 + (0x80 - b'a' as u64) * ONES;
    let lower = (from_a ^ above_z) & !x & (0x80 * ONES);
    x - (lower >> 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_meet_in_upper_case_and_quoted_names_stay() {
        let mut i = Interner::default();
        let a = i.intern_word("order_Lines_2");
        assert_eq!(i.intern("ORDER_LINES_2"), a);
        assert_eq!(i.intern_word("ORDER_LINES_2"), a);
        assert_ne!(i.intern("order_lines_2"), a);
        assert_eq!(i.text(a), "ORDER_LINES_2");
        let j = i.intern_word("日別売上");
        assert_eq!(i.text(j), "日別売上");
        let e = i.intern_word("été");
        assert_eq!(i.text(e), "ÉTÉ");
    }

    #[test]
    fn many_names_stay_apart() {
        let mut i = Interner::default();
        let names: Vec<_> = (0..5000)
            .map(|n| i.intern_word(&format!("col_{n}")))
            .collect();
        for (n, name) in names.iter().enumerate() {
            assert_eq!(i.text(*name), format!("COL_{n}"));
            assert_eq!(i.intern(&format!("COL_{n}")), *name);
        }
    }

    #[test]
    fn upper_eight_at_once_is_upper_byte_by_byte() {
        let all: Vec<u8> = (0..=255).collect();
        for c in all.chunks_exact(8) {
            let mut eight = [0u8; 8];
            eight.copy_from_slice(c);
            let up = upper8(u64::from_le_bytes(eight)).to_le_bytes();
            assert_eq!(up.to_vec(), c.to_ascii_uppercase());
        }
    }
}
