//! A text read by a mask, element by element, as leniently as TO_DATE does.

use super::super::moment::{Moment, MomentError, ZoneText, fraction, zone};
use super::{Item, MONTHS, ROMAN, WEEKDAYS};

/// A text being read by a mask.
pub(super) struct Reading<'a> {
    text: &'a [u8],
    at: usize,
    m: Moment,
    exact: bool,
    year: i32,
    before_christ: bool,
    half: Option<bool>,
    of_year: Option<u16>,
    julian: Option<i64>,
    second_of_day: Option<u32>,
    offset: Option<(bool, i16, i16)>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        let lead = text.iter().take_while(|b| **b == b' ').count();
        Reading {
            text,
            at: lead,
            m: Moment::day(1, 1, 1),
            exact: false,
            year: 1,
            before_christ: false,
            half: None,
            of_year: None,
            julian: None,
            second_of_day: None,
            offset: None,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Up to `most` digits, and how many there were.
    fn number(&mut self, most: usize) -> Result<(u32, usize), MomentError> {
        let rest = self.rest();
        let digits = rest
            .iter()
            .take(most)
            .take_while(|b| b.is_ascii_digit())
            .count();
        if digits == 0 || (self.exact && digits < most) {
            return Err(MomentError::Form);
        }
        self.at += digits;
        let value = rest[..digits]
            .iter()
            .fold(0u32, |v, b| v * 10 + u32::from(b - b'0'));
        Ok((value, digits))
    }

    fn small(&mut self) -> Result<u8, MomentError> {
        Ok(self.number(2)?.0 as u8)
    }

    /// One of the words, in any case; its index.
    fn word(&mut self, words: &[&str]) -> Option<usize> {
        let rest = self.rest();
        let fits = |w: &str| {
            rest.get(..w.len())
                .is_some_and(|t| t.eq_ignore_ascii_case(w.as_bytes()))
        };
        // The longest: VIII before VII.
        let found = (0..words.len())
            .filter(|i| fits(words[*i]))
            .max_by_key(|i| words[*i].len())?;
        self.at += words[found].len();
        Some(found)
    }

    pub(super) fn item(&mut self, item: &Item) -> Result<(), MomentError> {
        match item {
            Item::Year(_) | Item::SignedYear | Item::RoundYear(_) => self.year(item),
            Item::Month => self.month(),
            Item::MonthName { .. } => self.month_name(),
            Item::RomanMonth => self.named(&ROMAN),
            Item::Day => self.small().map(|v| self.m.day = v),
            Item::DayOfYear => self.number(3).map(|(v, _)| self.of_year = Some(v as u16)),
            Item::Julian => self
                .number(7)
                .map(|(v, _)| self.julian = Some(i64::from(v))),
            Item::Weekday { full } => self.weekday(*full),
            Item::Era { .. } => self.era(),
            Item::Hour24 | Item::Hour12 => self.hour(item),
            Item::Minute => self.small().map(|v| self.m.minute = v),
            Item::Second => self.small().map(|v| self.m.second = v),
            Item::SecondOfDay => self.number(5).map(|(v, _)| self.second_of_day = Some(v)),
            Item::Fraction(_) => self.fraction(),
            Item::Meridian { .. } => self.meridian(),
            Item::ZoneHour => self.zone_hour(),
            Item::ZoneMinute => self.zone_minute(),
            Item::ZoneRegion => self.region(),
            Item::Exact(on) => {
                self.exact = *on;
                Ok(())
            }
            Item::Literal(text) => self.literal(text.as_bytes()),
            Item::Punctuation(text) => self.punctuation(text),
            Item::Fill(_) | Item::Quarter | Item::Week | Item::IsoWeek | Item::Century => Ok(()),
        }
    }

    fn year(&mut self, item: &Item) -> Result<(), MomentError> {
        let minus = *item == Item::SignedYear && self.rest().first() == Some(&b'-');
        if *item == Item::SignedYear && matches!(self.rest().first(), Some(b'-' | b'+' | b' ')) {
            self.at += 1;
        }
        self.before_christ |= minus;
        self.year = match item {
            Item::Year(5) => {
                let (thousands, _) = self.number(1)?;
                self.punctuation(",")?;
                (thousands * 1000 + self.number(3)?.0) as i32
            }
            Item::Year(digits @ 1..=3) => 2000 + self.number(usize::from(*digits))?.0 as i32,
            Item::RoundYear(most) => match self.number(usize::from(*most))? {
                (v, 1 | 2) if v < 50 => 2000 + v as i32,
                (v, 1 | 2) => 1900 + v as i32,
                (v, _) => v as i32,
            },
            _ => self.number(4)?.0 as i32,
        };
        Ok(())
    }

    /// MM also takes a name, as Oracle does.
    fn month(&mut self) -> Result<(), MomentError> {
        if self.rest().first().is_some_and(u8::is_ascii_digit) {
            self.m.month = self.small()?;
            return Ok(());
        }
        self.month_name()
    }

    fn month_name(&mut self) -> Result<(), MomentError> {
        if self.rest().first().is_some_and(u8::is_ascii_digit) {
            self.m.month = self.small()?;
            // "11月"; without the sign it is the number, which MON takes too.
            self.take("月".as_bytes());
            return Ok(());
        }
        if let Some(i) = self.word(&MONTHS) {
            self.m.month = i as u8 + 1;
            self.blanks();
            return Ok(());
        }
        let short: Vec<&str> = MONTHS.iter().map(|m| &m[..3]).collect();
        self.named(&short)
    }

    fn named(&mut self, names: &[&str]) -> Result<(), MomentError> {
        let found = self.word(names).ok_or(MomentError::Form)?;
        self.m.month = found as u8 + 1;
        self.blanks();
        Ok(())
    }

    /// MONTH and DAY pad with blanks.
    fn blanks(&mut self) {
        let run = self.rest().iter().take_while(|b| **b == b' ').count();
        let joint = self.rest().get(run).is_some_and(u8::is_ascii_punctuation);
        // One stays for the mask's own blank.
        self.at += if joint { run } else { run.saturating_sub(1) };
    }

    fn weekday(&mut self, full: bool) -> Result<(), MomentError> {
        let short: Vec<&str> = WEEKDAYS.iter().map(|d| &d[..3]).collect();
        let found = if full { self.word(&WEEKDAYS) } else { None };
        let found = found.or_else(|| self.word(&short));
        self.blanks();
        found.map(|_| ()).ok_or(MomentError::Form)
    }

    fn era(&mut self) -> Result<(), MomentError> {
        let found = self
            .word(&["A.D.", "AD", "B.C.", "BC"])
            .ok_or(MomentError::Form)?;
        self.before_christ = found >= 2;
        Ok(())
    }

    fn hour(&mut self, item: &Item) -> Result<(), MomentError> {
        self.m.hour = self.small()?;
        if *item == Item::Hour12 && !(1..=12).contains(&self.m.hour) {
            return Err(MomentError::Range);
        }
        Ok(())
    }

    fn meridian(&mut self) -> Result<(), MomentError> {
        let words = ["A.M.", "AM", "午前", "P.M.", "PM", "午後"];
        let found = self.word(&words).ok_or(MomentError::Form)?;
        self.half = Some(found >= 3);
        Ok(())
    }

    fn fraction(&mut self) -> Result<(), MomentError> {
        let (nano, used) = fraction(self.rest());
        if used == 0 {
            return Err(MomentError::Form);
        }
        self.m.nano = nano;
        self.at += used;
        Ok(())
    }

    fn zone_hour(&mut self) -> Result<(), MomentError> {
        let minus = self.rest().first() == Some(&b'-');
        if matches!(self.rest().first(), Some(b'+' | b'-')) {
            self.at += 1;
        }
        self.offset = Some((minus, i16::from(self.small()?), 0));
        Ok(())
    }

    fn zone_minute(&mut self) -> Result<(), MomentError> {
        let minutes = i16::from(self.small()?);
        let (minus, hours, _) = self.offset.unwrap_or_default();
        self.offset = Some((minus, hours, minutes));
        Ok(())
    }

    /// A region or an offset, up to the next blank.
    fn region(&mut self) -> Result<(), MomentError> {
        let end = self
            .rest()
            .iter()
            .position(|b| *b == b' ')
            .unwrap_or(self.rest().len());
        let end = self.at + end;
        self.m.zone = zone(&self.text[..end], self.at)?;
        self.at = end;
        Ok(())
    }

    fn take(&mut self, text: &[u8]) -> bool {
        let there = self.rest().starts_with(text);
        if there {
            self.at += text.len();
        }
        there
    }

    fn literal(&mut self, text: &[u8]) -> Result<(), MomentError> {
        if self.take(text) {
            Ok(())
        } else {
            Err(MomentError::Form)
        }
    }

    /// Any punctuation stands for any other; it may be missing unless FX asks for it.
    fn punctuation(&mut self, wanted: &str) -> Result<(), MomentError> {
        if self.take(wanted.as_bytes()) {
            return Ok(());
        }
        match self.rest().first() {
            Some(b) if b.is_ascii_punctuation() || *b == b' ' => {
                self.at += 1;
                if self.exact {
                    Err(MomentError::Form)
                } else {
                    Ok(())
                }
            }
            Some(_) if !self.exact => Ok(()),
            Some(_) | None => Err(MomentError::Form),
        }
    }

    pub(super) fn finish(mut self) -> Result<Moment, MomentError> {
        if !self.rest().trim_ascii().is_empty() {
            return Err(MomentError::Trailing);
        }
        if self.year == 0 {
            return Err(MomentError::Year);
        }
        self.m.year = if self.before_christ {
            1 - self.year
        } else {
            self.year
        };
        if let Some(afternoon) = self.half {
            self.m.hour = self.m.hour % 12 + if afternoon { 12 } else { 0 };
        }
        if let Some((minus, hours, minutes)) = self.offset {
            if hours > 15 || minutes > 59 {
                return Err(MomentError::Range);
            }
            let total = hours * 60 + minutes;
            self.m.zone = ZoneText::Offset(if minus { -total } else { total });
        }
        self.from_counts()?;
        self.m.checked()
    }

    /// J, DDD and SSSSS instead of date and time of day.
    fn from_counts(&mut self) -> Result<(), MomentError> {
        let keep = self.m;
        let day = match (self.julian, self.of_year) {
            // Julian day 2,440,588 is 1970-01-01.
            (Some(j), _) => Some(j - 2_440_588),
            (None, Some(n)) if n >= 1 => {
                let first = Moment::day(self.m.year, 1, 1).epoch_day();
                let last = Moment::day(self.m.year, 12, 31).epoch_day();
                let day = first + i64::from(n) - 1;
                if day > last {
                    return Err(MomentError::Range);
                }
                Some(day)
            }
            (None, Some(_)) => return Err(MomentError::Range),
            (None, None) => None,
        };
        if let Some(day) = day {
            let date = Moment::of_epoch_day(day);
            self.m = Moment {
                year: date.year,
                month: date.month,
                day: date.day,
                ..keep
            };
        }
        if let Some(s) = self.second_of_day {
            if s > 86_399 {
                return Err(MomentError::Range);
            }
            (self.m.hour, self.m.minute, self.m.second) =
                ((s / 3600) as u8, (s / 60 % 60) as u8, (s % 60) as u8);
        }
        Ok(())
    }
}
