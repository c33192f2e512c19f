//! Oracle's single-row functions on values. Deterministic ones only: nothing here asks a clock, a session or a random
//! generator. Characters are Unicode scalars, as in an AL32UTF8 database.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::mask::Mask;
use super::moment::{Moment, ZoneText, last_day};
use super::{Number, Value};

/// Why a call fails for its arguments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{function}: {text}")]
pub struct CallError {
    /// Function.
    pub function: String,
    /// Why.
    pub text: String,
}

/// Names with the least and the most arguments.
const KNOWN: &[(&str, usize, usize)] = &[
    ("ABS", 1, 1),
    ("ADD_MONTHS", 2, 2),
    ("CEIL", 1, 1),
    ("COALESCE", 1, 255),
    ("CONCAT", 2, 2),
    ("DECODE", 3, 255),
    ("FLOOR", 1, 1),
    ("GREATEST", 1, 255),
    ("INITCAP", 1, 1),
    ("INSTR", 2, 3),
    ("LAST_DAY", 1, 1),
    ("LEAST", 1, 255),
    ("LENGTH", 1, 1),
    ("LOWER", 1, 1),
    ("LPAD", 2, 3),
    ("LTRIM", 1, 2),
    ("MOD", 2, 2),
    ("MONTHS_BETWEEN", 2, 2),
    ("NULLIF", 2, 2),
    ("NVL", 2, 2),
    ("NVL2", 3, 3),
    ("REPLACE", 2, 3),
    ("ROUND", 1, 2),
    ("RPAD", 2, 3),
    ("RTRIM", 1, 2),
    ("SIGN", 1, 1),
    ("SUBSTR", 2, 3),
    ("TO_CHAR", 1, 2),
    ("TO_DATE", 2, 2),
    ("TO_NUMBER", 1, 1),
    ("TRIM", 1, 1),
    ("TRUNC", 1, 2),
    ("UPPER", 1, 1),
];

/// True if [`call`] evaluates the function with so many arguments.
pub fn is_known(function: &str, arguments: usize) -> bool {
    let found = KNOWN.iter().find(|(name, ..)| *name == function);
    found.is_some_and(|(_, least, most)| (*least..=*most).contains(&arguments))
}

/// Calls a function.
pub fn call(function: &str, args: &[Value]) -> Result<Value, CallError> {
    let fail = |text: &str| CallError {
        function: function.into(),
        text: text.into(),
    };
    if !is_known(function, args.len()) {
        return Err(fail("is not known with so many arguments"));
    }
    if let Some(value) = about_null(function, args) {
        return Ok(value);
    }
    // REPLACE and the pads treat a NULL among the later arguments as nothing; all others give NULL for NULL.
    let strict = !matches!(function, "REPLACE" | "CONCAT");
    if args[0].is_null() && function != "CONCAT" || strict && args.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    match &args[0] {
        Value::Date(_) | Value::Timestamp(_) if !matches!(function, "GREATEST" | "LEAST") => {
            on_date(function, args).map_err(|t| fail(&t))
        }
        _ => on_text_or_number(function, args).map_err(|t| fail(&t)),
    }
}

/// Equality as DECODE sees it: NULL equals NULL.
fn same(a: &Value, b: &Value) -> bool {
    (a.is_null() && b.is_null()) || a.compare(b) == Some(std::cmp::Ordering::Equal)
}

/// Functions that look at NULL themselves.
fn about_null(function: &str, args: &[Value]) -> Option<Value> {
    Some(match function {
        "COALESCE" | "NVL" => {
            let first = args.iter().find(|a| !a.is_null());
            first.cloned().unwrap_or(Value::Null)
        }
        "NVL2" => args[if args[0].is_null() { 2 } else { 1 }].clone(),
        "NULLIF" => {
            if args[0].compare(&args[1]) == Some(std::cmp::Ordering::Equal) {
                Value::Null
            } else {
                args[0].clone()
            }
        }
        "DECODE" => decode(args),
        _ => return None,
    })
}

fn decode(args: &[Value]) -> Value {
    let (subject, rest) = (&args[0], &args[1..]);
    let mut pairs = rest.chunks_exact(2);
    let hit = pairs.by_ref().find(|p| same(subject, &p[0]));
    match (hit, pairs.remainder()) {
        (Some(pair), _) => pair[1].clone(),
        (None, [otherwise]) => otherwise.clone(),
        (None, _) => Value::Null,
    }
}

fn number(value: &Value) -> Result<Number, String> {
    match value {
        Value::Number(n) => Ok(n.clone()),
        Value::Text(t) => t.parse().map_err(|_| "the text is no number".to_string()),
        Value::Null | Value::Date(_) | Value::Timestamp(_) | Value::Bytes(_) => {
            Err("a number is wanted".into())
        }
    }
}

fn whole(value: &Value) -> Result<i64, String> {
    let truncated = number(value)?.trunc(0);
    truncated
        .to_i64()
        .ok_or_else(|| "the number is too large".to_string())
}

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::Text(t) => Ok(t.clone()),
        Value::Number(n) => Ok(n.to_oracle_text()),
        Value::Null => Ok(String::new()),
        Value::Date(_) | Value::Timestamp(_) | Value::Bytes(_) => {
            Err("a text is wanted; Oracle would convert by the session's settings".into())
        }
    }
}

fn places(args: &[Value]) -> Result<i32, String> {
    let given = args.get(1).map_or(Ok(0), whole)?;
    i32::try_from(given).map_err(|_| "too many places".to_string())
}

fn on_text_or_number(function: &str, args: &[Value]) -> Result<Value, String> {
    let n = || number(&args[0]);
    Ok(match function {
        "ABS" => Value::Number(n()?.abs()),
        "CEIL" => Value::Number(n()?.ceil()),
        "FLOOR" => Value::Number(n()?.floor()),
        "SIGN" => Value::Number(Number::from(i64::from(n()?.signum()))),
        "ROUND" => Value::Number(n()?.round(places(args)?)),
        "TRUNC" => Value::Number(n()?.trunc(places(args)?)),
        "MOD" => Value::Number(n()?.modulo(&number(&args[1])?).map_err(|e| e.to_string())?),
        "TO_NUMBER" => Value::Number(n()?),
        "TO_DATE" => to_date(args)?,
        "TO_CHAR" if args.len() == 1 => Value::text(text(&args[0])?),
        "TO_CHAR" => return Err("number format models are not evaluated".into()),
        "GREATEST" | "LEAST" => extreme(function, args)?,
        "LENGTH" => Value::Number(Number::from(text(&args[0])?.chars().count() as i64)),
        "UPPER" => Value::text(text(&args[0])?.to_uppercase()),
        "LOWER" => Value::text(text(&args[0])?.to_lowercase()),
        "INITCAP" => Value::text(initcap(&text(&args[0])?)),
        "CONCAT" => Value::text(text(&args[0])? + &text(&args[1])?),
        "SUBSTR" => substr(args)?,
        "INSTR" => instr(args)?,
        "LPAD" | "RPAD" => pad(function == "LPAD", args)?,
        "LTRIM" | "RTRIM" | "TRIM" => trim(function, args)?,
        "REPLACE" => replace(args)?,
        _ => return Err("a date is wanted".into()),
    })
}

fn extreme(function: &str, args: &[Value]) -> Result<Value, String> {
    let wanted = if function == "GREATEST" {
        std::cmp::Ordering::Greater
    } else {
        std::cmp::Ordering::Less
    };
    let mut best = &args[0];
    for other in &args[1..] {
        let order = other.compare(best).ok_or("arguments of different kinds")?;
        if order == wanted {
            best = other;
        }
    }
    Ok(best.clone())
}

fn initcap(text: &str) -> String {
    let mut start = true;
    let mut out = String::new();
    for c in text.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        start = !c.is_alphanumeric();
    }
    out
}

fn substr(args: &[Value]) -> Result<Value, String> {
    let chars: Vec<char> = text(&args[0])?.chars().collect();
    let count = chars.len() as i64;
    let from = match whole(&args[1])? {
        0 => 0,
        p if p > 0 => p - 1,
        p => count + p,
    };
    let length = args.get(2).map_or(Ok(count), whole)?;
    if from < 0 || from >= count || length < 1 {
        return Ok(Value::Null);
    }
    let end = from.saturating_add(length).min(count);
    Ok(Value::text(
        chars[from as usize..end as usize]
            .iter()
            .collect::<String>(),
    ))
}

fn instr(args: &[Value]) -> Result<Value, String> {
    let (hay, needle) = (text(&args[0])?, text(&args[1])?);
    let start = args.get(2).map_or(Ok(1), whole)?;
    if start < 1 {
        return Err("a search from the end is not evaluated".into());
    }
    let skip = hay.char_indices().nth(start as usize - 1).map(|(i, _)| i);
    let found = skip.and_then(|from| hay[from..].find(&needle).map(|at| from + at));
    let position = found.map_or(0, |at| hay[..at].chars().count() as i64 + 1);
    Ok(Value::Number(Number::from(position)))
}

fn pad(left: bool, args: &[Value]) -> Result<Value, String> {
    let subject: Vec<char> = text(&args[0])?.chars().collect();
    let fill: Vec<char> = args.get(2).map_or(Ok(" ".into()), text)?.chars().collect();
    // Oracle's texts end at 32,767 bytes.
    let width = whole(&args[1])?.clamp(0, 32_767) as usize;
    let missing = width.saturating_sub(subject.len());
    let filling = fill.iter().cycle().take(missing);
    let kept = subject.iter().take(width);
    let padded: String = if left {
        filling.chain(kept).collect()
    } else {
        kept.chain(filling).collect()
    };
    Ok(Value::text(padded))
}

fn trim(function: &str, args: &[Value]) -> Result<Value, String> {
    let subject = text(&args[0])?;
    let set: Vec<char> = args.get(1).map_or(Ok(" ".into()), text)?.chars().collect();
    let mut kept = subject.as_str();
    if function != "RTRIM" {
        kept = kept.trim_start_matches(&set[..]);
    }
    if function != "LTRIM" {
        kept = kept.trim_end_matches(&set[..]);
    }
    Ok(Value::text(kept))
}

fn replace(args: &[Value]) -> Result<Value, String> {
    let (subject, from) = (text(&args[0])?, text(&args[1])?);
    let to = args.get(2).map_or(Ok(String::new()), text)?;
    if from.is_empty() {
        return Ok(Value::text(subject));
    }
    Ok(Value::text(subject.replace(&from, &to)))
}

fn moment(t: &NaiveDateTime) -> Moment {
    Moment {
        year: t.year(),
        month: t.month() as u8,
        day: t.day() as u8,
        hour: t.hour() as u8,
        minute: t.minute() as u8,
        second: t.second() as u8,
        nano: t.nanosecond(),
        zone: ZoneText::None,
    }
}

fn naive(m: &Moment) -> Result<NaiveDateTime, String> {
    let at = chrono::DateTime::from_timestamp(m.epoch_second(), m.nano);
    at.map(|t| t.naive_utc())
        .ok_or_else(|| "beyond the calendar".into())
}

fn to_date(args: &[Value]) -> Result<Value, String> {
    let mask = Mask::for_reading(&text(&args[1])?).map_err(|e| e.to_string())?;
    let m = mask
        .parse(text(&args[0])?.as_bytes())
        .map_err(|e| e.to_string())?;
    Ok(Value::Date(naive(&m)?))
}

fn on_date(function: &str, args: &[Value]) -> Result<Value, String> {
    let (Value::Date(t) | Value::Timestamp(t)) = &args[0] else {
        return Err("a date is wanted".into());
    };
    let m = moment(t);
    Ok(match function {
        "TO_CHAR" if args.len() == 2 => {
            let mask = Mask::compile(&text(&args[1])?).map_err(|e| e.to_string())?;
            Value::text(mask.format(&m))
        }
        "LAST_DAY" => Value::Date(naive(&Moment {
            day: last_day(m.year, m.month),
            nano: 0,
            ..m
        })?),
        "ADD_MONTHS" => Value::Date(naive(&add_months(m, whole(&args[1])?)?)?),
        "MONTHS_BETWEEN" => Value::Number(months_between(&m, &args[1])?),
        "TRUNC" if args.len() == 1 => Value::Date(naive(&Moment::day(m.year, m.month, m.day))?),
        _ => return Err("is not evaluated on dates in this form".into()),
    })
}

/// The last day of a month leads to the last day of the other.
fn add_months(m: Moment, months: i64) -> Result<Moment, String> {
    let all = i64::from(m.year) * 12 + i64::from(m.month) - 1;
    let all = all.checked_add(months).ok_or("beyond the calendar")?;
    let (year, month) = (all.div_euclid(12), all.rem_euclid(12) as u8 + 1);
    let year = i32::try_from(year).map_err(|_| "beyond the calendar")?;
    let last = last_day(year, month);
    let day = if m.day == last_day(m.year, m.month) {
        last
    } else {
        m.day.min(last)
    };
    let there = Moment {
        year,
        month,
        day,
        nano: 0,
        ..m
    };
    there.checked().map_err(|e| e.to_string())
}

fn months_between(m: &Moment, other: &Value) -> Result<Number, String> {
    let (Value::Date(t) | Value::Timestamp(t)) = other else {
        return Err("a date is wanted".into());
    };
    let o = moment(t);
    let months = i64::from(m.year - o.year) * 12 + i64::from(m.month) - i64::from(o.month);
    let both_last = m.day == last_day(m.year, m.month) && o.day == last_day(o.year, o.month);
    if m.day == o.day || both_last {
        return Ok(Number::from(months));
    }
    let of_day = |m: &Moment| {
        let time = i64::from(m.hour) * 3600 + i64::from(m.minute) * 60 + i64::from(m.second);
        i64::from(m.day) * 86_400 + time
    };
    let seconds = Number::from(of_day(m) - of_day(&o));
    let fraction = seconds
        .div(&Number::from(31 * 86_400))
        .map_err(|e| e.to_string())?;
    Number::from(months)
        .add(&fraction)
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Value {
        Value::text(text)
    }

    fn n(text: &str) -> Value {
        Value::Number(text.parse().expect("a number"))
    }

    fn d(text: &str) -> Value {
        let m = Moment::parse_iso(text.as_bytes()).expect("a date");
        Value::Date(naive(&m).expect("a date"))
    }

    #[test]
    fn functions_give_what_oracle_gives() {
        let cases: Vec<(&str, Vec<Value>, Value)> = vec![
            ("NVL", vec![Value::Null, n("1")], n("1")),
            ("NVL2", vec![t("x"), n("1"), n("2")], n("1")),
            ("COALESCE", vec![Value::Null, Value::Null], Value::Null),
            ("NULLIF", vec![n("1"), n("1.0")], Value::Null),
            (
                "DECODE",
                vec![Value::Null, Value::Null, t("n"), t("o")],
                t("n"),
            ),
            ("DECODE", vec![n("3"), n("1"), t("a"), t("o")], t("o")),
            ("SUBSTR", vec![t("日本語"), n("-2"), n("1")], t("本")),
            ("SUBSTR", vec![t("abc"), n("0"), n("2")], t("ab")),
            ("SUBSTR", vec![t("abc"), n("4")], Value::Null),
            ("INSTR", vec![t("日本語"), t("語")], n("3")),
            ("LPAD", vec![n("7"), n("3"), t("0")], t("007")),
            ("RPAD", vec![t("abcd"), n("2")], t("ab")),
            ("TRIM", vec![t("  x ")], t("x")),
            ("LTRIM", vec![t("00x0"), t("0")], t("x0")),
            ("REPLACE", vec![t("a-b"), t("-"), Value::Null], t("ab")),
            ("INITCAP", vec![t("john o'neil")], t("John O'Neil")),
            ("ROUND", vec![n("2.345"), n("2")], n("2.35")),
            ("TRUNC", vec![n("-2.9")], n("-2")),
            ("MOD", vec![n("-7"), n("3")], n("-1")),
            ("GREATEST", vec![n("1"), n("3"), n("2")], n("3")),
            ("LENGTH", vec![Value::Null], Value::Null),
            ("ADD_MONTHS", vec![d("2024-01-31"), n("1")], d("2024-02-29")),
            ("ADD_MONTHS", vec![d("2024-02-29"), n("1")], d("2024-03-31")),
            (
                "LAST_DAY",
                vec![d("2023-02-03 10:00:00")],
                d("2023-02-28 10:00:00"),
            ),
            (
                "MONTHS_BETWEEN",
                vec![d("2024-03-31"), d("2024-02-29")],
                n("1"),
            ),
            ("TO_CHAR", vec![d("2024-03-05"), t("YYYYMM")], t("202403")),
            (
                "TO_DATE",
                vec![t("05/03/24"), t("DD/MM/RR")],
                d("2024-03-05"),
            ),
            ("TRUNC", vec![d("2024-03-05 11:00:00")], d("2024-03-05")),
        ];
        for (function, args, wanted) in cases {
            assert_eq!(call(function, &args), Ok(wanted), "{function} {args:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(!is_known("SYSDATE", 0));
        assert!(!is_known("NVL", 3));
        assert!(call("TO_CHAR", &[n("1"), t("999")]).is_err());
        assert!(call("TO_NUMBER", &[t("x")]).is_err());
        assert!(call("UPPER", &[d("2024-01-01")]).is_err());
    }
}
