//! Functions of text. Positions and lengths count characters; a result without characters is NULL.

use super::super::nls::hex;
use super::super::{Nls, Number, Value};
use super::Fault;
use super::number::whole;

/// Longest text that a function gives: beyond it Oracle raises ORA-01489 or cuts off.
const LONGEST: usize = 32_767;

fn one(args: &[Value], nls: &Nls, f: impl Fn(&str) -> String) -> Result<Value, Fault> {
    Ok(args[0]
        .to_text(nls)?
        .map_or(Value::Null, |t| Value::text(f(&t))))
}

fn count(n: usize) -> Value {
    Value::Number(Number::from(n as i64))
}

pub(super) fn upper(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    one(args, nls, |t| map_chars(t, |c| single(c.to_uppercase(), c)))
}

pub(super) fn lower(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    one(args, nls, |t| map_chars(t, |c| single(c.to_lowercase(), c)))
}

/// Case mappings that change the number of characters are not made, as in Oracle's binary sort.
fn single(mut mapped: impl Iterator<Item = char>, c: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(m), None) => m,
        (Some(_) | None, _) => c,
    }
}

fn map_chars(t: &str, f: impl FnMut(char) -> char) -> String {
    t.chars().map(f).collect()
}

pub(super) fn initcap(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    one(args, nls, |t| {
        let mut inside = false;
        map_chars(t, |c| {
            let mapped = if inside {
                single(c.to_lowercase(), c)
            } else {
                single(c.to_uppercase(), c)
            };
            inside = c.is_alphanumeric();
            mapped
        })
    })
}

pub(super) fn reverse(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    one(args, nls, |t| t.chars().rev().collect())
}

pub(super) fn to_clob(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    one(args, nls, str::to_string)
}

pub(super) fn concat(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let mut out = args[0].to_text(nls)?.unwrap_or_default();
    out.push_str(&args[1].to_text(nls)?.unwrap_or_default());
    Ok(Value::text(out))
}

pub(super) fn length(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    Ok(args[0]
        .to_text(nls)?
        .map_or(Value::Null, |t| count(t.chars().count())))
}

pub(super) fn lengthb(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    Ok(args[0]
        .to_text(nls)?
        .map_or(Value::Null, |t| count(t.len())))
}

/// The first character's bytes in UTF-8 as one number, as ASCII does in AL32UTF8.
pub(super) fn ascii(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some(c) = args[0].to_text(nls)?.and_then(|t| t.chars().next()) else {
        return Ok(Value::Null);
    };
    let mut buffer = [0; 4];
    let code = c
        .encode_utf8(&mut buffer)
        .bytes()
        .fold(0i64, |n, b| n * 256 + i64::from(b));
    Ok(Value::Number(Number::from(code)))
}

pub(super) fn chr(args: &[Value], _: &Nls) -> Result<Value, Fault> {
    let Some(n) = whole(&args[0])? else {
        return Ok(Value::Null);
    };
    let n = u32::try_from(n).map_err(|_| Fault::ora(1428, "argument is out of range"))?;
    let bytes: Vec<u8> = n
        .to_be_bytes()
        .into_iter()
        .skip_while(|b| *b == 0)
        .collect();
    let bytes = if n == 0 { vec![0] } else { bytes };
    let text = String::from_utf8(bytes);
    text.map(Value::text)
        .map_err(|_| Fault::unsupported("CHR of a byte that is no character"))
}

/// SUBSTR: position 0 is 1, negative positions count from the end.
pub(super) fn substr(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some(text) = args[0].to_text(nls)? else {
        return Ok(Value::Null);
    };
    let starts: Vec<usize> = text
        .char_indices()
        .map(|(i, _)| i)
        .chain([text.len()])
        .collect();
    let range = part(args, starts.len() - 1)?;
    Ok(range.map_or(Value::Null, |(from, to)| {
        Value::text(&text[starts[from]..starts[to]])
    }))
}

/// SUBSTRB, where it does not cut a character.
pub(super) fn substrb(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some(text) = args[0].to_text(nls)? else {
        return Ok(Value::Null);
    };
    let Some((from, to)) = part(args, text.len())? else {
        return Ok(Value::Null);
    };
    let cut = text.get(from..to);
    cut.map(Value::text)
        .ok_or_else(|| Fault::unsupported("SUBSTRB within a character"))
}

/// The range that SUBSTR's arguments take of `length` units.
fn part(args: &[Value], length: usize) -> Result<Option<(usize, usize)>, Fault> {
    let Some(start) = whole(&args[1])? else {
        return Ok(None);
    };
    let wanted = match args.get(2) {
        Some(n) => match whole(n)? {
            Some(n) if n >= 1 => n as u64,
            Some(_) | None => return Ok(None),
        },
        None => u64::MAX,
    };
    let length = length as i64;
    let from = match start {
        0 => 0,
        s if s > 0 => s - 1,
        s => length + s,
    };
    if from < 0 || from >= length {
        return Ok(None);
    }
    let to = (from as u64).saturating_add(wanted).min(length as u64);
    Ok(Some((from as usize, to as usize)))
}

/// INSTR: a negative position searches backwards from there.
pub(super) fn instr(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let (Some(text), Some(sought)) = (args[0].to_text(nls)?, args[1].to_text(nls)?) else {
        return Ok(Value::Null);
    };
    let number = |i: usize| args.get(i).map_or(Ok(Some(1)), whole);
    let (Some(position), Some(occurrence)) = (number(2)?, number(3)?) else {
        return Ok(Value::Null);
    };
    if occurrence < 1 {
        return Err(Fault::ora(
            1428,
            format!("argument '{occurrence}' is out of range"),
        ));
    }
    let text: Vec<char> = text.chars().collect();
    let sought: Vec<char> = sought.chars().collect();
    Ok(count(find(&text, &sought, position, occurrence)))
}

fn find(text: &[char], sought: &[char], position: i64, occurrence: i64) -> usize {
    let at = |i: usize| text.get(i..i + sought.len()) == Some(sought);
    let nth = |mut hits: Box<dyn Iterator<Item = usize> + '_>| hits.nth((occurrence - 1) as usize);
    let last = text.len() as i64 - sought.len() as i64;
    let found = match position {
        0 => None,
        p if p > 0 => nth(Box::new((p as usize - 1..text.len()).filter(|i| at(*i)))),
        p => {
            let from = (text.len() as i64 + p).min(last);
            nth(Box::new(
                (0..=from).rev().map(|i| i as usize).filter(|i| at(*i)),
            ))
        }
    };
    found.map_or(0, |i| i + 1)
}

fn set_of(args: &[Value], nls: &Nls) -> Result<Option<Vec<char>>, Fault> {
    match args.get(1) {
        None => Ok(Some(vec![' '])),
        Some(s) => Ok(s.to_text(nls)?.map(|s| s.chars().collect())),
    }
}

pub(super) fn ltrim(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    match set_of(args, nls)? {
        Some(set) => one(args, nls, |t| t.trim_start_matches(&set[..]).to_string()),
        None => Ok(Value::Null),
    }
}

pub(super) fn rtrim(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    match set_of(args, nls)? {
        Some(set) => one(args, nls, |t| t.trim_end_matches(&set[..]).to_string()),
        None => Ok(Value::Null),
    }
}

pub(super) fn trim(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    one(args, nls, |t| t.trim_matches(' ').to_string())
}

fn padded(args: &[Value], nls: &Nls, left: bool) -> Result<Value, Fault> {
    let (Some(text), Some(width)) = (args[0].to_text(nls)?, whole(&args[1])?) else {
        return Ok(Value::Null);
    };
    let fill = match args.get(2) {
        None => " ".to_string(),
        Some(f) => match f.to_text(nls)? {
            Some(f) => f,
            None => return Ok(Value::Null),
        },
    };
    if width > LONGEST as i64 {
        return Err(Fault::unsupported("LPAD or RPAD beyond 32767 characters"));
    }
    let width = usize::try_from(width).unwrap_or(0);
    let have = text.chars().count();
    if have >= width {
        return Ok(Value::text(text.chars().take(width).collect::<String>()));
    }
    let filler: String = fill.chars().cycle().take(width - have).collect();
    Ok(Value::text(if left {
        filler + &text
    } else {
        text + &filler
    }))
}

pub(super) fn lpad(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    padded(args, nls, true)
}

pub(super) fn rpad(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    padded(args, nls, false)
}

pub(super) fn replace(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some(text) = args[0].to_text(nls)? else {
        return Ok(Value::Null);
    };
    let Some(sought) = args[1].to_text(nls)? else {
        return Ok(Value::text(text));
    };
    let with = match args.get(2) {
        Some(w) => w.to_text(nls)?.unwrap_or_default(),
        None => String::new(),
    };
    let hits = text.matches(&sought).count();
    if text.len() + hits * with.len() > 64 * 1024 * 1024 {
        return Err(Fault::unsupported("REPLACE with a result beyond 64 MB"));
    }
    Ok(Value::text(text.replace(&sought, &with)))
}

/// TRANSLATE: characters without a counterpart vanish; a NULL argument makes NULL.
pub(super) fn translate(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let (Some(text), Some(from), Some(to)) = (
        args[0].to_text(nls)?,
        args[1].to_text(nls)?,
        args[2].to_text(nls)?,
    ) else {
        return Ok(Value::Null);
    };
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let map = |c: char| match from.iter().position(|f| *f == c) {
        Some(i) => to.get(i).copied(),
        None => Some(c),
    };
    Ok(Value::text(
        text.chars().filter_map(map).collect::<String>(),
    ))
}

pub(super) fn rawtohex(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    match &args[0] {
        Value::Bytes(b) => Ok(Value::text(hex(b))),
        _ => one(args, nls, |t| hex(t.as_bytes())),
    }
}

pub(super) fn hextoraw(args: &[Value], nls: &Nls) -> Result<Value, Fault> {
    let Some(text) = args[0].to_text(nls)? else {
        return Ok(Value::Null);
    };
    let even = if text.len() % 2 == 1 {
        format!("0{text}")
    } else {
        text
    };
    let byte = |i: usize| {
        even.get(i..i + 2)
            .and_then(|h| u8::from_str_radix(h, 16).ok())
    };
    let bytes: Option<Vec<u8>> = (0..even.len()).step_by(2).map(byte).collect();
    bytes
        .map(Value::Bytes)
        .ok_or_else(|| Fault::ora(1465, "invalid hex number"))
}
