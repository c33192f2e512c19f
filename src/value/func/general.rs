//! Functions of any kind of value: NULL handling, comparison, conversion, LIKE.

use std::cmp::Ordering;

use super::super::nls::date_text;
use super::super::{Nls, Value};
use super::{Fault, date, number, number_format};

pub(super) fn nvl(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    if args[0].is_null() {
        return as_kind(&args[1], &args[0], nls);
    }
    Ok(args[0].clone())
}

pub(super) fn nvl2(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    Ok(if args[0].is_null() {
        args[2].clone()
    } else {
        args[1].clone()
    })
}

pub(super) fn coalesce(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    let found = args.iter().find(|v| !v.is_null());
    Ok(found.cloned().unwrap_or(Value::Null))
}

pub(super) fn nullif(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let same = args[0].compare_converted(&args[1], false, nls)? == Some(Ordering::Equal);
    Ok(if same { Value::Null } else { args[0].clone() })
}

/// A value converted to the kind of another, where that one is known.
fn as_kind(v: &Value, like: &Value, nls: &Nls) -> Result<Value, Fault> {
    Ok(match like {
        Value::Null | Value::Bytes(_) => v.clone(),
        Value::Number(_) => v.number()?.map_or(Value::Null, Value::Number),
        Value::Text(_) => v.to_text(nls)?.map_or(Value::Null, Value::Text),
        Value::Date(_) => v.date(nls)?.map_or(Value::Null, Value::Date),
        Value::Timestamp(_) => v.date(nls)?.map_or(Value::Null, Value::Timestamp),
    })
}

fn extreme(args: &[Value], wanted: Ordering, nls: &Nls) -> Result<Value, Fault> {
    if args.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    // All arguments are converted to the kind of the first one.
    let mut best = args[0].clone();
    for v in &args[1..] {
        let v = as_kind(v, &args[0], nls)?;
        if v.compare(&best) == Some(wanted) {
            best = v;
        }
    }
    Ok(best)
}

pub(super) fn greatest(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    extreme(args, Ordering::Greater, nls)
}

pub(super) fn least(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    extreme(args, Ordering::Less, nls)
}

/// DECODE: NULLs are equal; comparisons convert to the kind of the first search value.
pub fn decode(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let mut rest = &args[1..];
    while let [search, result, tail @ ..] = rest {
        let same = match (args[0].is_null(), search.is_null()) {
            (true, true) => true,
            (true, false) | (false, true) => false,
            (false, false) => {
                args[0].compare_converted(search, false, nls)? == Some(Ordering::Equal)
            }
        };
        if same {
            return Ok(result.clone());
        }
        rest = tail;
    }
    Ok(rest.first().cloned().unwrap_or(Value::Null))
}

fn rounded(args: &[Value], nls: &Nls, round: bool) -> Result<Value, Fault> {
    match &args[0] {
        Value::Date(d) | Value::Timestamp(d) => date::to_unit(*d, args.get(1), round, nls),
        v => number::at_places(v, args.get(1), round),
    }
}

pub(super) fn round(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    rounded(args, nls, true)
}

pub(super) fn trunc(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    rounded(args, nls, false)
}

/// TO_CHAR of a number, date or text.
pub(super) fn to_char(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let format = match args.get(1) {
        None => return Ok(args[0].to_text(nls)?.map_or(Value::Null, Value::text)),
        Some(f) => match f.to_text(nls)? {
            Some(f) => f,
            None => return Ok(Value::Null),
        },
    };
    if let Some(Value::Text(parameters)) = args.get(2) {
        let upper = parameters.to_ascii_uppercase().replace(' ', "");
        let harmless = [
            "NLS_DATE_LANGUAGE=ENGLISH",
            "NLS_DATE_LANGUAGE=AMERICAN",
            "NLS_NUMERIC_CHARACTERS='.,'",
        ];
        if !harmless.contains(&upper.as_str()) {
            return Err(Fault::unsupported(format!("TO_CHAR with {parameters}")));
        }
    }
    match &args[0] {
        Value::Null => Ok(Value::Null),
        Value::Date(d) | Value::Timestamp(d) => Ok(Value::text(date_text(*d, &format)?)),
        v => match v.number()? {
            Some(n) => Ok(Value::text(number_format::write(&n, &format)?)),
            None => Ok(Value::Null),
        },
    }
}

/// LIKE: `%` and `_`, with an escape character.
pub fn like(text: &str, pattern: &str, escape: Option<char>) -> Result<bool, Fault> {
    let mut items = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        items.push(match c {
            c if Some(c) == escape => match chars.next() {
                Some(n) if n == '%' || n == '_' || Some(n) == escape => Wild::Char(n),
                Some(_) | None => {
                    return Err(Fault::ora(
                        1424,
                        "missing or illegal character following the escape character",
                    ));
                }
            },
            '%' => Wild::Any,
            '_' => Wild::One,
            c => Wild::Char(c),
        });
    }
    let text: Vec<char> = text.chars().collect();
    Ok(matches(&text, &items))
}

enum Wild {
    Char(char),
    One,
    Any,
}

/// Greedy matching with one remembered `%`: linear in practice, never exponential.
fn matches(text: &[char], items: &[Wild]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        let fits = match items.get(p) {
            Some(Wild::Char(c)) => *c == text[t],
            Some(Wild::One) => true,
            Some(Wild::Any) => {
                back = Some((t, p));
                p += 1;
                continue;
            }
            None => false,
        };
        if fits {
            t += 1;
            p += 1;
        } else if let Some((bt, bp)) = back {
            back = Some((bt + 1, bp));
            t = bt + 1;
            p = bp + 1;
        } else {
            return false;
        }
    }
    items[p..].iter().all(|i| matches!(i, Wild::Any))
}
