//! A moment written by a mask, as TO_CHAR does.

use std::fmt::Write as _;

use super::super::moment::{Moment, ZoneText};
use super::{Item, MONTHS, ROMAN, WEEKDAYS};

/// Years as Oracle counts them: no year 0.
fn era_year(m: &Moment) -> i32 {
    if m.year <= 0 { 1 - m.year } else { m.year }
}

fn padded(out: &mut String, value: i64, width: usize, fill: bool) {
    // Writing to a text cannot fail.
    let _ = if fill {
        write!(out, "{value:0width$}")
    } else {
        write!(out, "{value}")
    };
}

fn name(out: &mut String, text: &str, width: usize, fill: bool) {
    out.push_str(text);
    if fill {
        out.extend(std::iter::repeat_n(' ', width.saturating_sub(text.len())));
    }
}

pub(super) fn write_item(out: &mut String, item: &Item, m: &Moment, fill: bool) {
    let day_of_year = m.epoch_day() - Moment::day(m.year, 1, 1).epoch_day() + 1;
    let weekday = (m.epoch_day() + 3).rem_euclid(7) as usize;
    let month = usize::from(m.month.clamp(1, 12)) - 1;
    match item {
        Item::Year(4) | Item::RoundYear(4) => padded(out, i64::from(era_year(m)), 4, fill),
        Item::Year(5) => {
            let _ = write!(out, "{},{:03}", era_year(m) / 1000, era_year(m) % 1000);
        }
        Item::Year(n) | Item::RoundYear(n) => {
            let part = era_year(m) % 10i32.pow(u32::from(*n));
            padded(out, i64::from(part), usize::from(*n), fill);
        }
        Item::SignedYear => {
            out.push(if m.year <= 0 { '-' } else { ' ' });
            padded(out, i64::from(era_year(m)), 4, fill);
        }
        Item::Month => padded(out, i64::from(m.month), 2, fill),
        Item::MonthName { full: true } => name(out, &MONTHS[month].to_uppercase(), 9, fill),
        Item::MonthName { full: false } => out.push_str(&MONTHS[month][..3].to_uppercase()),
        Item::RomanMonth => name(out, ROMAN[month], 4, fill),
        Item::Day => padded(out, i64::from(m.day), 2, fill),
        Item::DayOfYear => padded(out, day_of_year, 3, fill),
        Item::Julian => padded(out, m.epoch_day() + 2_440_588, 7, fill),
        Item::Weekday { full: true } => name(out, &WEEKDAYS[weekday].to_uppercase(), 9, fill),
        Item::Weekday { full: false } => out.push_str(&WEEKDAYS[weekday][..3].to_uppercase()),
        Item::Era { dots } => era_text(out, m.year <= 0, *dots),
        Item::Hour24 => padded(out, i64::from(m.hour), 2, fill),
        Item::Hour12 => padded(out, i64::from((m.hour + 11) % 12 + 1), 2, fill),
        Item::Minute => padded(out, i64::from(m.minute), 2, fill),
        Item::Second => padded(out, i64::from(m.second), 2, fill),
        Item::SecondOfDay => {
            let of_day = i64::from(m.hour) * 3600 + i64::from(m.minute) * 60 + i64::from(m.second);
            padded(out, of_day, 5, fill);
        }
        Item::Fraction(n) => {
            let part = m.nano / 10u32.pow(9 - u32::from(*n));
            padded(out, i64::from(part), usize::from(*n), true);
        }
        Item::Meridian { dots } => out.push_str(match (m.hour >= 12, dots) {
            (false, false) => "AM",
            (false, true) => "A.M.",
            (true, false) => "PM",
            (true, true) => "P.M.",
        }),
        Item::ZoneHour | Item::ZoneMinute | Item::ZoneRegion => zone_text(out, item, m),
        Item::Literal(text) | Item::Punctuation(text) => out.push_str(text),
        Item::Quarter => padded(out, i64::from(m.month.div_ceil(3)), 1, fill),
        Item::Week => padded(out, (day_of_year - 1) / 7 + 1, 2, fill),
        Item::IsoWeek => padded(out, iso_week(m), 2, fill),
        Item::Century => padded(out, i64::from((era_year(m) + 99) / 100), 2, fill),
        Item::Fill(_) | Item::Exact(_) => {}
    }
}

fn era_text(out: &mut String, before: bool, dots: bool) {
    out.push_str(match (before, dots) {
        (true, true) => "B.C.",
        (true, false) => "BC",
        (false, true) => "A.D.",
        (false, false) => "AD",
    });
}

fn zone_text(out: &mut String, item: &Item, m: &Moment) {
    let minutes = match m.zone {
        ZoneText::Offset(minutes) => minutes,
        ZoneText::None | ZoneText::Region(..) => 0,
    };
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    let _ = match item {
        Item::ZoneHour => write!(out, "{sign}{hours:02}"),
        Item::ZoneMinute => write!(out, "{rest:02}"),
        _ => write!(out, "{sign}{hours:02}:{rest:02}"),
    };
}

/// The week that holds the year's Thursday of this week.
fn iso_week(m: &Moment) -> i64 {
    let day = m.epoch_day();
    let thursday = day - (day + 3).rem_euclid(7) + 3;
    let year = Moment::of_epoch_day(thursday).year;
    (thursday - Moment::day(year, 1, 1).epoch_day()) / 7 + 1
}
