//! REGEXP_LIKE, REGEXP_SUBSTR, REGEXP_INSTR, REGEXP_REPLACE, REGEXP_COUNT.

use super::super::{Nls, Number, Value};
use super::Fault;
use super::number::whole;
use super::regex::{Regex, Spans};

/// Text, compiled pattern; None where one of them is NULL.
fn prepared(args: &[Value], flags: usize, nls: &Nls) -> Result<Option<(Vec<char>, Regex)>, Fault> {
    let (Some(text), Some(pattern)) = (args[0].to_text(nls)?, args[1].to_text(nls)?) else {
        return Ok(None);
    };
    let flags = match args.get(flags) {
        Some(f) => f.to_text(nls)?.unwrap_or_default(),
        None => String::new(),
    };
    Ok(Some((
        text.chars().collect(),
        Regex::new(&pattern, &flags)?,
    )))
}

/// A whole argument with a default; None is NULL.
fn number(args: &[Value], at: usize, default: i64) -> Result<Option<usize>, Fault> {
    let n = args.get(at).map_or(Ok(Some(default)), whole)?;
    match n {
        Some(n) if n < 0 => Err(Fault::ora(1428, format!("argument '{n}' is out of range"))),
        Some(n) => Ok(Some(n as usize)),
        None => Ok(None),
    }
}

/// All matches from `from` on, without overlap.
fn matches(regex: &Regex, text: &[char], from: usize) -> Result<Vec<Spans>, Fault> {
    let mut found = Vec::new();
    let mut at = from;
    while at <= text.len() {
        let Some(spans) = regex.find(text, at)? else {
            break;
        };
        let (start, end) = spans[0].unwrap_or((at, at));
        at = if end == start { end + 1 } else { end };
        found.push(spans);
    }
    Ok(found)
}

/// REGEXP_LIKE; None where an argument is NULL.
pub fn regexp_like(args: &[Value], nls: &Nls) -> Result<Option<bool>, Fault> {
    match prepared(args, 2, nls)? {
        Some((text, regex)) => Ok(Some(regex.find(&text, 0)?.is_some())),
        None => Ok(None),
    }
}

pub(super) fn count(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some((text, regex)) = prepared(args, 3, nls)? else {
        return Ok(Value::Null);
    };
    let Some(from) = number(args, 2, 1)? else {
        return Ok(Value::Null);
    };
    let found = matches(&regex, &text, from.saturating_sub(1))?;
    Ok(Value::Number(Number::from(found.len() as i64)))
}

fn nth(args: &[Value], regex: &Regex, text: &[char]) -> Result<Option<Spans>, Fault> {
    let (Some(from), Some(occurrence)) = (number(args, 2, 1)?, number(args, 3, 1)?) else {
        return Ok(None);
    };
    let found = matches(regex, text, from.saturating_sub(1))?;
    Ok(found.into_iter().nth(occurrence.saturating_sub(1)))
}

pub(super) fn substr(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some((text, regex)) = prepared(args, 4, nls)? else {
        return Ok(Value::Null);
    };
    let group = number(args, 5, 0)?.unwrap_or(0);
    let found = nth(args, &regex, &text)?;
    let span = found.and_then(|s| s.get(group).copied().flatten());
    Ok(span.map_or(Value::Null, |(a, b)| {
        Value::text(text[a..b].iter().collect::<String>())
    }))
}

pub(super) fn instr(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some((text, regex)) = prepared(args, 5, nls)? else {
        return Ok(Value::Null);
    };
    let after = number(args, 4, 0)?.unwrap_or(0);
    let group = number(args, 6, 0)?.unwrap_or(0);
    let found = nth(args, &regex, &text)?;
    let span = found.and_then(|s| s.get(group).copied().flatten());
    let at = span.map_or(0, |(a, b)| if after == 1 { b + 1 } else { a + 1 });
    Ok(Value::Number(Number::from(at as i64)))
}

pub(super) fn replace(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some((text, regex)) = prepared(args, 5, nls)? else {
        return Ok(args[0].clone());
    };
    let with: Vec<char> = match args.get(2) {
        Some(w) => w.to_text(nls)?.unwrap_or_default().chars().collect(),
        None => Vec::new(),
    };
    let (Some(from), Some(occurrence)) = (number(args, 3, 1)?, number(args, 4, 0)?) else {
        return Ok(Value::Null);
    };
    let mut out = String::new();
    let mut at = 0;
    for (i, spans) in matches(&regex, &text, from.saturating_sub(1))?
        .iter()
        .enumerate()
    {
        if occurrence != 0 && i + 1 != occurrence {
            continue;
        }
        let (start, end) = spans[0].unwrap_or((at, at));
        out.extend(&text[at..start]);
        expand(&with, spans, &text, &mut out);
        at = end;
    }
    out.extend(&text[at..]);
    Ok(Value::text(out))
}

/// The replacement with `\1` to `\9` filled in.
fn expand(with: &[char], spans: &Spans, text: &[char], out: &mut String) {
    let mut chars = with.iter();
    while let Some(c) = chars.next() {
        if *c != '\\' {
            out.push(*c);
            continue;
        }
        match chars.next() {
            Some(d) if d.is_ascii_digit() => {
                let group = *d as usize - '0' as usize;
                if let Some((a, b)) = spans.get(group).copied().flatten() {
                    out.extend(&text[a..b]);
                }
            }
            Some(other) => out.push(*other),
            None => out.push('\\'),
        }
    }
}
