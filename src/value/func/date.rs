//! Functions of dates. Source: SQL Language Reference, "ROUND and TRUNC Date Functions" and each function's page.

use chrono::{
    Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday,
};

use super::super::nls::text_date;
use super::super::{Nls, Number, Value};
use super::Fault;
use super::number::whole;

fn beyond() -> Fault {
    Fault::ora(
        1841,
        "(full) year must be between -4713 and +9999, and not be 0",
    )
}

fn last_of_month(d: NaiveDate) -> u32 {
    let next = d
        .with_day(1)
        .and_then(|d| d.checked_add_months(Months::new(1)));
    next.and_then(|n| n.pred_opt()).map_or(31, |l| l.day())
}

/// ADD_MONTHS: the last day of a month stays the last day.
pub(super) fn add_months(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let (Some(d), Some(n)) = (args[0].date(nls)?, whole(&args[1])?) else {
        return Ok(Value::Null);
    };
    let day = d.date();
    let was_last = day.day() == last_of_month(day);
    let count = u32::try_from(n.unsigned_abs()).map_err(|_| beyond())?;
    let moved = if n < 0 {
        day.checked_sub_months(Months::new(count))
    } else {
        day.checked_add_months(Months::new(count))
    };
    let moved = moved
        .filter(|m| (1..=9999).contains(&m.year()))
        .ok_or_else(beyond)?;
    let moved = if was_last {
        moved.with_day(last_of_month(moved)).unwrap_or(moved)
    } else {
        moved
    };
    let time = d.time().with_nanosecond(0).unwrap_or(d.time());
    Ok(Value::Date(moved.and_time(time)))
}

pub(super) fn last_day(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some(d) = args[0].date(nls)? else {
        return Ok(Value::Null);
    };
    let day = d
        .date()
        .with_day(last_of_month(d.date()))
        .unwrap_or(d.date());
    Ok(Value::Date(
        day.and_time(d.time().with_nanosecond(0).unwrap_or(d.time())),
    ))
}

/// MONTHS_BETWEEN: whole between equal days or two last days, else with a fraction of a 31-day month.
pub(super) fn months_between(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let (Some(a), Some(b)) = (args[0].date(nls)?, args[1].date(nls)?) else {
        return Ok(Value::Null);
    };
    let months = i64::from(a.year() - b.year()) * 12 + i64::from(a.month()) - i64::from(b.month());
    let both_last = a.day() == last_of_month(a.date()) && b.day() == last_of_month(b.date());
    if a.day() == b.day() || both_last {
        return Ok(Value::Number(Number::from(months)));
    }
    let days = i64::from(a.day()) - i64::from(b.day());
    let of_day = |d: NaiveDateTime| i64::from(d.num_seconds_from_midnight());
    let seconds = days * 86_400 + of_day(a) - of_day(b);
    let fraction = Number::from(seconds).div(&Number::from(31 * 86_400))?;
    Ok(Value::Number(Number::from(months).add(&fraction)?))
}

/// NEXT_DAY with an English name of the day or its number (Sunday is 1).
pub(super) fn next_day(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let (Some(d), Some(name)) = (args[0].date(nls)?, args[1].to_text(nls)?) else {
        return Ok(Value::Null);
    };
    let wanted = weekday(&name).ok_or_else(|| Fault::ora(1846, "not a valid day of the week"))?;
    let ahead = (7 + i64::from(wanted.num_days_from_monday())
        - i64::from(d.weekday().num_days_from_monday()))
        % 7;
    let ahead = if ahead == 0 { 7 } else { ahead };
    let moved = d
        .checked_add_signed(TimeDelta::days(ahead))
        .ok_or_else(beyond)?;
    Ok(Value::Date(moved))
}

fn weekday(name: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("SUN", Weekday::Sun),
        ("MON", Weekday::Mon),
        ("TUE", Weekday::Tue),
        ("WED", Weekday::Wed),
        ("THU", Weekday::Thu),
        ("FRI", Weekday::Fri),
        ("SAT", Weekday::Sat),
    ];
    let upper = name.trim().to_ascii_uppercase();
    if let Some(n) = upper.parse::<usize>().ok().filter(|n| (1..=7).contains(n)) {
        return Some(DAYS[n - 1].1);
    }
    let found = DAYS.iter().find(|(short, _)| upper.starts_with(short));
    found.map(|(_, day)| *day)
}

fn reading(args: &[Value], nls: &Nls, default: &str) -> Result<Option<NaiveDateTime>, Fault> {
    if args.len() > 2 {
        return Err(Fault::unsupported("TO_DATE with NLS parameters"));
    }
    if let Value::Date(d) | Value::Timestamp(d) = &args[0] {
        return Ok(Some(*d));
    }
    let Some(text) = args[0].to_text(nls)? else {
        return Ok(None);
    };
    let format = match args.get(1) {
        Some(f) => match f.to_text(nls)? {
            Some(f) => f,
            None => return Ok(None),
        },
        None => default.to_string(),
    };
    text_date(&text, &format).map(Some)
}

pub(super) fn to_date(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let read = reading(args, nls, &nls.date_format)?;
    let seconds = |d: NaiveDateTime| d.with_nanosecond(0).unwrap_or(d);
    Ok(read.map_or(Value::Null, |d| Value::Date(seconds(d))))
}

pub(super) fn to_timestamp(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let read = reading(args, nls, &nls.timestamp_format)?;
    Ok(read.map_or(Value::Null, Value::Timestamp))
}

fn part(args: &[Value], nls: &Nls, f: impl Fn(NaiveDateTime) -> i64) -> Result<Value, Fault> {
    let d = args[0].date(nls)?;
    Ok(d.map_or(Value::Null, |d| Value::Number(Number::from(f(d)))))
}

pub(super) fn extract_year(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    part(args, nls, |d| i64::from(d.year()))
}

pub(super) fn extract_month(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    part(args, nls, |d| i64::from(d.month()))
}

pub(super) fn extract_day(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    part(args, nls, |d| i64::from(d.day()))
}

/// Hours, minutes and seconds exist in timestamps only.
fn time_part(args: &[Value], nls: &Nls, f: impl Fn(NaiveDateTime) -> i64) -> Result<Value, Fault> {
    if matches!(args[0], Value::Date(_)) {
        return Err(Fault::ora(
            30076,
            "invalid extract field for extract source",
        ));
    }
    part(args, nls, f)
}

pub(super) fn extract_hour(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    time_part(args, nls, |d| i64::from(d.hour()))
}

pub(super) fn extract_minute(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    time_part(args, nls, |d| i64::from(d.minute()))
}

/// With the fraction.
pub(super) fn extract_second(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    match &args[0] {
        Value::Timestamp(d) => {
            let nanos = i128::from(d.second()) * 1_000_000_000 + i128::from(d.nanosecond());
            Ok(Value::Number(Number::new(nanos, 9)?))
        }
        _ => time_part(args, nls, |d| i64::from(d.second())),
    }
}

/// ROUND and TRUNC of a date to a unit; DD without one.
pub(super) fn to_unit(
    d: NaiveDateTime,
    format: Option<&Value>,
    round: bool,
    nls: &Nls,
) -> Result<Value, Fault> {
    let unit = match format {
        None => "DD".to_string(),
        Some(f) => match f.to_text(nls)? {
            Some(f) => f.to_ascii_uppercase(),
            None => return Ok(Value::Null),
        },
    };
    let d = d.with_nanosecond(0).unwrap_or(d);
    let result = if round {
        rounded(d, &unit)?
    } else {
        start(d, &unit)?
    };
    Ok(Value::Date(result))
}

/// The start of the unit that a date falls in.
pub(super) fn start(d: NaiveDateTime, unit: &str) -> Result<NaiveDateTime, Fault> {
    let day = d.date();
    let ymd = |y: i32, m: u32| NaiveDate::from_ymd_opt(y, m, 1).ok_or_else(beyond);
    let back = |n: u32| {
        day.checked_sub_days(Days::new(u64::from(n)))
            .ok_or_else(beyond)
    };
    let first = match unit {
        "CC" | "SCC" => ymd((day.year() - 1).div_euclid(100) * 100 + 1, 1)?,
        "SYYYY" | "YYYY" | "YEAR" | "SYEAR" | "YYY" | "YY" | "Y" => ymd(day.year(), 1)?,
        "IYYY" | "IY" | "I" => {
            let year = day.iso_week().year();
            NaiveDate::from_isoywd_opt(year, 1, Weekday::Mon).ok_or_else(beyond)?
        }
        "Q" => ymd(day.year(), (day.month0() / 3) * 3 + 1)?,
        "MONTH" | "MON" | "MM" | "RM" => ymd(day.year(), day.month())?,
        "WW" => back(day.ordinal0() % 7)?,
        "W" => back(day.day0() % 7)?,
        "IW" => back(day.weekday().num_days_from_monday())?,
        "DAY" | "DY" | "D" => back(day.weekday().num_days_from_sunday())?,
        "DDD" | "DD" | "J" => day,
        "HH" | "HH12" | "HH24" => return Ok(at(day, d.hour(), 0)),
        "MI" => return Ok(at(day, d.hour(), d.minute())),
        _ => return Err(Fault::ora(1898, "too many precision specifiers")),
    };
    Ok(first.and_time(NaiveTime::MIN))
}

fn at(day: NaiveDate, hour: u32, minute: u32) -> NaiveDateTime {
    day.and_hms_opt(hour, minute, 0)
        .unwrap_or(day.and_time(NaiveTime::MIN))
}

/// To the nearest unit: months round up from the 16th, quarters from the 16th of the second month, years from July.
fn rounded(d: NaiveDateTime, unit: &str) -> Result<NaiveDateTime, Fault> {
    let low = start(d, unit)?;
    let up = match unit {
        "SYYYY" | "YYYY" | "YEAR" | "SYEAR" | "YYY" | "YY" | "Y" => d.month() >= 7,
        "Q" => d.month0() % 3 == 2 || (d.month0() % 3 == 1 && d.day() >= 16),
        "MONTH" | "MON" | "MM" | "RM" => d.day() >= 16,
        "HH" | "HH12" | "HH24" => d.minute() >= 30,
        "MI" => d.second() >= 30,
        "DDD" | "DD" | "J" => d.hour() >= 12,
        "IW" | "DAY" | "DY" | "D" | "WW" | "W" => d - low >= TimeDelta::hours(84),
        _ => return Err(Fault::unsupported(format!("ROUND of a date to {unit}"))),
    };
    if !up {
        return Ok(low);
    }
    let months = |n| low.checked_add_months(Months::new(n)).ok_or_else(beyond);
    match unit {
        "Q" => months(3),
        "MONTH" | "MON" | "MM" | "RM" => months(1),
        "HH" | "HH12" | "HH24" => Ok(low + TimeDelta::hours(1)),
        "MI" => Ok(low + TimeDelta::minutes(1)),
        "DDD" | "DD" | "J" => Ok(low + TimeDelta::days(1)),
        "IW" | "DAY" | "DY" | "D" | "WW" | "W" => Ok(low + TimeDelta::days(7)),
        _ => months(12),
    }
}
