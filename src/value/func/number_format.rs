//! Number format models: TO_CHAR(number, format) and TO_NUMBER(text, format). Source: SQL Language Reference,
//! "Format Models", "Number Format Models". Group separator `,`, decimal point `.`, currency `$`.

use super::super::Number;
use super::Fault;
use super::number::{fixed, of_digits};

/// Where the sign goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// A leading blank or minus.
    Default,
    /// `S` in front.
    Front,
    /// `S` at the end.
    Back,
    /// `MI`.
    Minus,
    /// `PR`.
    Brackets,
}

struct Model {
    fill: bool,
    blank_zero: bool,
    dollar: bool,
    sign: Sign,
    /// Characters of the whole part: `9`, `0`, `,`.
    whole: Vec<char>,
    /// Digits of the fraction: `9` or `0`.
    fraction: Vec<char>,
    point: bool,
}

fn invalid() -> Fault {
    Fault::ora(1481, "invalid number format model")
}

fn parse(format: &str) -> Result<Model, Fault> {
    let upper = format.to_ascii_uppercase();
    let mut m = Model {
        fill: true,
        blank_zero: false,
        dollar: false,
        sign: Sign::Default,
        whole: Vec::new(),
        fraction: Vec::new(),
        point: false,
    };
    let mut rest = upper.as_str();
    let first = |m: &Model| m.whole.is_empty() && m.fraction.is_empty() && !m.point;
    while let Some(c) = rest.chars().next() {
        let mut used = 1;
        match c {
            'F' if rest.starts_with("FM") => {
                m.fill = false;
                used = 2;
            }
            'M' if rest == "MI" => {
                m.sign = Sign::Minus;
                used = 2;
            }
            'P' if rest == "PR" => {
                m.sign = Sign::Brackets;
                used = 2;
            }
            'S' if first(&m) => m.sign = Sign::Front,
            'S' if rest == "S" => m.sign = Sign::Back,
            '$' => m.dollar = true,
            'B' => m.blank_zero = true,
            '9' | '0' if m.point => m.fraction.push(c),
            '9' | '0' => m.whole.push(c),
            ',' | 'G' if !m.point => m.whole.push(','),
            '.' | 'D' if !m.point => m.point = true,
            'X' | 'E' | 'V' | 'L' | 'C' | 'U' | 'R' | 'T' => {
                return Err(Fault::unsupported(format!(
                    "the number format element `{c}`"
                )));
            }
            _ => return Err(invalid()),
        }
        rest = &rest[used..];
    }
    Ok(m)
}

/// TO_CHAR(number, format).
pub(super) fn write(n: &Number, format: &str) -> Result<String, Fault> {
    if matches!(format.to_ascii_uppercase().as_str(), "TM" | "TM9") {
        return Ok(n.to_oracle_text());
    }
    let m = parse(format)?;
    let (negative, whole, fraction) = fixed(n, m.fraction.len());
    let negative =
        negative && (whole.bytes().any(|b| b != b'0') || fraction.bytes().any(|b| b != b'0'));
    let digits = m.whole.iter().filter(|c| **c != ',').count();
    let significant = whole.trim_start_matches('0');
    if significant.len() > digits {
        return Ok("#".repeat(width(&m)));
    }
    if m.blank_zero && n.is_zero() {
        return Ok(if m.fill {
            " ".repeat(width(&m))
        } else {
            " ".into()
        });
    }
    let body = body(&m, significant, &fraction, digits);
    Ok(signed(&m, negative, body, width(&m)))
}

/// Digits, separators and the point, without sign and padding.
fn body(m: &Model, significant: &str, fraction: &str, digits: usize) -> String {
    let padded = format!("{significant:0>digits$}");
    let zero_from = m
        .whole
        .iter()
        .filter(|c| **c != ',')
        .position(|c| *c == '0');
    let lead = digits - significant.len();
    let mut shown_from = zero_from.map_or(lead, |z| z.min(lead));
    // The last digit of a whole number without a fraction is shown even if it is 0.
    if !m.point && digits > 0 {
        shown_from = shown_from.min(digits - 1);
    }
    let mut out = String::new();
    let mut at = 0;
    for c in &m.whole {
        if *c == ',' {
            if !out.is_empty() {
                out.push(',');
            }
            continue;
        }
        if at >= shown_from {
            out.push_str(&padded[at..=at]);
        }
        at += 1;
    }
    if m.point {
        out.push('.');
        let keep = if m.fill {
            fraction.len()
        } else {
            let forced = m
                .fraction
                .iter()
                .rposition(|c| *c == '0')
                .map_or(0, |p| p + 1);
            fraction.trim_end_matches('0').len().max(forced)
        };
        out.push_str(&fraction[..keep]);
    }
    if m.dollar {
        out.insert(0, '$');
    }
    out
}

fn signed(m: &Model, negative: bool, body: String, width: usize) -> String {
    let text = match (m.sign, negative) {
        (Sign::Default, true) => format!("-{body}"),
        (Sign::Front, true) => format!("-{body}"),
        (Sign::Front, false) => format!("+{body}"),
        (Sign::Back, true) => format!("{body}-"),
        (Sign::Back, false) => format!("{body}+"),
        (Sign::Minus, true) => format!("{body}-"),
        (Sign::Minus, false) if m.fill => format!("{body} "),
        (Sign::Brackets, true) => format!("<{body}>"),
        (Sign::Brackets, false) if m.fill => format!("{body} "),
        (Sign::Default | Sign::Minus | Sign::Brackets, false) => body,
    };
    if m.fill {
        format!("{text:>width$}")
    } else {
        text
    }
}

/// Width of the padded text.
fn width(m: &Model) -> usize {
    let sign = match m.sign {
        Sign::Default | Sign::Front | Sign::Back | Sign::Minus => 1,
        Sign::Brackets => 2,
    };
    m.whole.len() + m.fraction.len() + usize::from(m.point) + usize::from(m.dollar) + sign
}

/// TO_NUMBER(text, format).
pub(super) fn read(text: &str, format: &str) -> Result<Number, Fault> {
    let m = parse(format)?;
    let bad = || Fault::ora(1722, "invalid number");
    let trimmed = text.trim();
    let (negative, rest) = unsigned(trimmed, &m).ok_or_else(bad)?;
    let rest = if m.dollar {
        rest.strip_prefix('$').unwrap_or(rest)
    } else {
        rest
    };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let plain: String = whole.chars().filter(|c| *c != ',').collect();
    let groups = whole.contains(',');
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let places = m.whole.iter().filter(|c| **c != ',').count();
    let fits = plain.len() <= places && fraction.len() <= m.fraction.len();
    let shaped =
        all_digits(&plain) && all_digits(fraction) && !(plain.is_empty() && fraction.is_empty());
    if !fits || !shaped || (groups && !m.whole.contains(&',')) || (rest.contains('.') && !m.point) {
        return Err(bad());
    }
    of_digits(&plain, fraction, negative)
}

fn unsigned<'a>(text: &'a str, m: &Model) -> Option<(bool, &'a str)> {
    match m.sign {
        Sign::Default => Some(match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        }),
        Sign::Front => match text.strip_prefix('-') {
            Some(rest) => Some((true, rest)),
            None => text.strip_prefix('+').map(|r| (false, r)),
        },
        Sign::Back => match text.strip_suffix('-') {
            Some(rest) => Some((true, rest)),
            None => text.strip_suffix('+').map(|r| (false, r)),
        },
        Sign::Minus => Some(match text.strip_suffix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        }),
        Sign::Brackets => Some(
            match text.strip_prefix('<').and_then(|t| t.strip_suffix('>')) {
                Some(rest) => (true, rest),
                None => (false, text),
            },
        ),
    }
}
