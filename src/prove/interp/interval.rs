//! Interval literals and their arithmetic.

/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;
/// Nanoseconds of a day.
pub const DAY: i64 = 86_400 * SECOND;

/// Months of `'y-m' YEAR TO MONTH`, `'y' YEAR`, `'m' MONTH`.
pub fn months(value: &str, fields: &[&str]) -> Option<i64> {
    let (negative, value) = signed(value);
    let months = match fields {
        ["YEAR", "TO", "MONTH"] => {
            let (y, m) = value.split_once('-')?;
            y.trim()
                .parse::<i64>()
                .ok()?
                .checked_mul(12)?
                .checked_add(m.trim().parse().ok()?)?
        }
        ["YEAR"] => value.parse::<i64>().ok()?.checked_mul(12)?,
        ["MONTH"] => value.parse().ok()?,
        _ => return None,
    };
    Some(if negative { -months } else { months })
}

/// Nanoseconds of `'d h:m:s.f' DAY TO SECOND` and its parts.
pub fn nanos(value: &str, fields: &[&str]) -> Option<i64> {
    let (negative, value) = signed(value);
    let units = ["DAY", "HOUR", "MINUTE", "SECOND"];
    let at = |f: &str| units.iter().position(|u| *u == f);
    let (first, last) = match fields {
        [a] => (at(a)?, at(a)?),
        [a, "TO", b] => (at(a)?, at(b)?),
        _ => return None,
    };
    let parts: Vec<&str> = value.split([' ', ':']).filter(|p| !p.is_empty()).collect();
    if parts.len() != last + 1 - first {
        return None;
    }
    let mut total: i64 = 0;
    for (part, unit) in parts.iter().zip(first..=last) {
        total = total.checked_add(amount(part, unit)?)?;
    }
    Some(if negative { -total } else { total })
}

fn amount(part: &str, unit: usize) -> Option<i64> {
    let nanos = [DAY, 3600 * SECOND, 60 * SECOND, SECOND][unit];
    match part.split_once('.') {
        Some((whole, fraction)) if unit == 3 => {
            let digits: String = fraction
                .chars()
                .chain("000000000".chars())
                .take(9)
                .collect();
            whole
                .parse::<i64>()
                .ok()?
                .checked_mul(nanos)?
                .checked_add(digits.parse().ok()?)
        }
        Some(_) => None,
        None => part.parse::<i64>().ok()?.checked_mul(nanos),
    }
}

fn signed(value: &str) -> (bool, &str) {
    let value = value.trim();
    match value.strip_prefix('-') {
        Some(rest) => (true, rest.trim()),
        None => (false, value.strip_prefix('+').unwrap_or(value).trim()),
    }
}
