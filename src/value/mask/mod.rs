//! Oracle's date format models, compiled once: TO_DATE and TO_CHAR masks. Source: SQL Language Reference, "Format
//! Models". The century of YY is 2000; RR follows Oracle's rule in the first half of it; names are English or
//! Japanese. Masks without year, month and day are refused where a date is to be read: Oracle would take the clock's.

mod read;
#[cfg(test)]
mod tests;
mod write;

use super::moment::{Moment, MomentError};
use read::Reading;
use write::write_item;

/// A compiled mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    items: Vec<Item>,
    text: String,
}

/// An element of a mask.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Year(u8),
    SignedYear,
    RoundYear(u8),
    Month,
    MonthName { full: bool },
    RomanMonth,
    Day,
    DayOfYear,
    Julian,
    Weekday { full: bool },
    Era { dots: bool },
    Hour24,
    Hour12,
    Minute,
    Second,
    SecondOfDay,
    Fraction(u8),
    Meridian { dots: bool },
    ZoneHour,
    ZoneMinute,
    ZoneRegion,
    Fill(bool),
    Exact(bool),
    Literal(String),
    Punctuation(String),
    Quarter,
    Week,
    IsoWeek,
    Century,
}

/// Why a mask is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaskError {
    /// Unknown element.
    #[error("`{0}` is no element of a date format model")]
    Unknown(String),
    /// Cannot be used to read.
    #[error(
        "the format model `{0}` does not say year, month and day: Oracle would take them from the clock"
    )]
    Incomplete(String),
    /// Only for TO_CHAR.
    #[error("the format model `{0}` holds an element that cannot be read back")]
    OutputOnly(String),
}

/// Longest spelling first where one begins another.
const ELEMENTS: &[(&str, Item)] = &[
    ("SYYYY", Item::SignedYear),
    ("Y,YYY", Item::Year(5)),
    ("YYYY", Item::Year(4)),
    ("YYY", Item::Year(3)),
    ("YY", Item::Year(2)),
    ("Y", Item::Year(1)),
    ("RRRR", Item::RoundYear(4)),
    ("RR", Item::RoundYear(2)),
    ("RM", Item::RomanMonth),
    ("MONTH", Item::MonthName { full: true }),
    ("MON", Item::MonthName { full: false }),
    ("MM", Item::Month),
    ("MI", Item::Minute),
    ("DDD", Item::DayOfYear),
    ("DD", Item::Day),
    ("DAY", Item::Weekday { full: true }),
    ("DY", Item::Weekday { full: false }),
    ("HH24", Item::Hour24),
    ("HH12", Item::Hour12),
    ("HH", Item::Hour12),
    ("SSSSS", Item::SecondOfDay),
    ("SS", Item::Second),
    ("TZH", Item::ZoneHour),
    ("TZM", Item::ZoneMinute),
    ("TZR", Item::ZoneRegion),
    ("A.D.", Item::Era { dots: true }),
    ("B.C.", Item::Era { dots: true }),
    ("AD", Item::Era { dots: false }),
    ("BC", Item::Era { dots: false }),
    ("A.M.", Item::Meridian { dots: true }),
    ("P.M.", Item::Meridian { dots: true }),
    ("AM", Item::Meridian { dots: false }),
    ("PM", Item::Meridian { dots: false }),
    ("CC", Item::Century),
    ("IW", Item::IsoWeek),
    ("WW", Item::Week),
    ("Q", Item::Quarter),
    ("J", Item::Julian),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const ROMAN: [&str; 12] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
];

impl Mask {
    /// Compiles a mask for TO_CHAR.
    pub fn compile(text: &str) -> Result<Mask, MaskError> {
        let upper = text.to_ascii_uppercase();
        let mut items = Vec::new();
        let mut at = 0;
        while at < text.len() {
            at += element(text, &upper, at, &mut items)?;
        }
        Ok(Mask {
            items,
            text: text.into(),
        })
    }

    /// Compiles a mask that must be able to read a whole date.
    pub fn for_reading(text: &str) -> Result<Mask, MaskError> {
        let mask = Mask::compile(text)?;
        let has = |f: fn(&Item) -> bool| mask.items.iter().any(f);
        let output_only = has(|i| {
            matches!(
                i,
                Item::Quarter | Item::Week | Item::IsoWeek | Item::Century
            )
        });
        if output_only {
            return Err(MaskError::OutputOnly(text.into()));
        }
        let year = has(|i| matches!(i, Item::Year(_) | Item::SignedYear | Item::RoundYear(_)));
        let month = has(|i| matches!(i, Item::Month | Item::MonthName { .. } | Item::RomanMonth));
        let day = has(|i| matches!(i, Item::Day));
        let of_year = has(|i| matches!(i, Item::DayOfYear));
        let julian = has(|i| matches!(i, Item::Julian));
        if julian || (year && (of_year || (month && day))) {
            return Ok(mask);
        }
        Err(MaskError::Incomplete(text.into()))
    }

    /// The mask as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// TO_DATE, TO_TIMESTAMP, TO_TIMESTAMP_TZ.
    pub fn parse(&self, text: &[u8]) -> Result<Moment, MomentError> {
        let mut r = Reading::new(text);
        for item in &self.items {
            r.item(item)?;
        }
        r.finish()
    }

    /// TO_CHAR.
    pub fn format(&self, m: &Moment) -> String {
        let mut out = String::new();
        let mut fill = true;
        for item in &self.items {
            if let Item::Fill(on) = item {
                fill = *on;
            } else {
                write_item(&mut out, item, m, fill);
            }
        }
        out
    }
}

/// One element at `at`; its length.
fn element(text: &str, upper: &str, at: usize, items: &mut Vec<Item>) -> Result<usize, MaskError> {
    let rest = &upper[at..];
    if rest.starts_with("FM") || rest.starts_with("FX") {
        let on = |items: &[Item], fill: bool| {
            let last = items.iter().rev().find_map(|i| match (i, fill) {
                (Item::Fill(on), true) | (Item::Exact(on), false) => Some(*on),
                _ => None,
            });
            last.unwrap_or(fill)
        };
        let item = if rest.starts_with("FM") {
            Item::Fill(!on(items, true))
        } else {
            Item::Exact(!on(items, false))
        };
        items.push(item);
        return Ok(2);
    }
    if let Some(fraction) = rest.strip_prefix("FF") {
        let digit = fraction
            .bytes()
            .next()
            .filter(|b| (b'1'..=b'9').contains(b));
        items.push(Item::Fraction(digit.map_or(9, |d| d - b'0')));
        return Ok(2 + usize::from(digit.is_some()));
    }
    if let Some((name, item)) = ELEMENTS.iter().find(|(name, _)| rest.starts_with(name)) {
        items.push(item.clone());
        return Ok(name.len());
    }
    other(text, rest, at, items)
}

/// Quoted text, the radix, punctuation.
fn other(text: &str, rest: &str, at: usize, items: &mut Vec<Item>) -> Result<usize, MaskError> {
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        '"' => {
            let end = rest[1..]
                .find('"')
                .ok_or_else(|| MaskError::Unknown(text[at..].into()))?;
            items.push(Item::Literal(text[at + 1..at + 1 + end].into()));
            Ok(end + 2)
        }
        'X' => {
            items.push(Item::Punctuation(".".into()));
            Ok(1)
        }
        c if c.is_alphanumeric() && c.is_ascii() => {
            let word: String = text[at..]
                .chars()
                .take_while(|c| c.is_alphanumeric())
                .collect();
            Err(MaskError::Unknown(word))
        }
        c => {
            items.push(Item::Punctuation(c.to_string()));
            Ok(c.len_utf8())
        }
    }
}
