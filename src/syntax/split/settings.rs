//! What SET changes about reading: the substitution character and the two terminators.

/// No character: a byte that no UTF-8 text holds.
pub(in crate::syntax) const NONE: u8 = 0xff;

/// Settings of SQL*Plus that a script may change as it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syntax) struct Settings {
    /// Prefix of substitution variables; `NONE`: there are none.
    pub(in crate::syntax) define: u8,
    /// Ends a SQL statement beside `;` where it is the last character of a line; or `NONE`.
    pub(super) terminator: u8,
    /// A second cut of text in which some quote does not end: strings of several lines are doubted.
    pub(in crate::syntax) by_line: bool,
    /// Ends the buffer where it stands alone on a line, beside `.` and `/`; or `NONE`.
    pub(super) block: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            define: b'&',
            terminator: NONE,
            by_line: false,
            block: NONE,
        }
    }
}

impl Settings {
    /// For a second cut.
    pub(in crate::syntax) fn by_line(self) -> Settings {
        Settings {
            by_line: true,
            ..self
        }
    }

    /// Follows the command line `line`, which may set several variables.
    pub(super) fn follow(&mut self, line: &str) {
        let mut words = line.split_ascii_whitespace();
        if words.next().is_none_or(|w| !w.eq_ignore_ascii_case("SET")) {
            return;
        }
        let mut name = "";
        for word in words {
            let value = word.trim_matches(['"', '\'']).trim_end_matches(';');
            if is(name, "DEFINE", 3) || is(name, "SCAN", 4) {
                self.define = character(value, b'&', self.define);
            } else if is(name, "SQLTERMINATOR", 4) {
                // A `;` goes on ending statements: scripts that turn it off end them with `/`.
                self.terminator = character(value, NONE, self.terminator);
            } else if is(name, "BLOCKTERMINATOR", 3) {
                self.block = character(value, NONE, self.block);
            }
            name = word;
        }
    }
}

/// The variable's name, or an abbreviation of at least `short` letters.
fn is(word: &str, full: &str, short: usize) -> bool {
    word.len() >= short
        && full
            .get(..word.len())
            .is_some_and(|f| f.eq_ignore_ascii_case(word))
}

fn character(value: &str, on: u8, was: u8) -> u8 {
    match value.as_bytes() {
        _ if value.eq_ignore_ascii_case("ON") => on,
        _ if value.eq_ignore_ascii_case("OFF") => NONE,
        [c] if c.is_ascii_punctuation() => *c,
        _ => was,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_is_followed() {
        let mut s = Settings::default();
        s.follow("set echo on define ^ verify off");
        assert_eq!(s.define, b'^');
        s.follow("SET DEF OFF");
        assert_eq!(s.define, NONE);
        s.follow("SET SCAN ON SQLT '#' BLO \"!\"");
        assert_eq!((s.define, s.terminator, s.block), (b'&', b'#', b'!'));
        s.follow("PROMPT SET DEFINE OFF");
        assert_eq!(s.define, b'&');
    }
}
