//! Rows of every Oracle type: as an export writes them, and as Cassandra must hold them. What is expected is computed
//! here, by other means than the program's.

use std::str::FromStr;

use bigdecimal::BigDecimal;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use fastrand::Rng;
use scylla::value::{CqlValue, Row};

/// Column, Oracle type in the specification's form, CQL type.
pub const COLUMNS: &[(&str, &str, &str)] = &[
    (
        "ID",
        "{ type = \"number\", precision = 9, scale = 0 }",
        "int",
    ),
    (
        "N2",
        "{ type = \"number\", precision = 2, scale = 0 }",
        "tinyint",
    ),
    (
        "N4",
        "{ type = \"number\", precision = 4, scale = 0 }",
        "smallint",
    ),
    (
        "N18",
        "{ type = \"number\", precision = 18, scale = 0 }",
        "bigint",
    ),
    (
        "N38",
        "{ type = \"number\", precision = 38, scale = 0 }",
        "varint",
    ),
    (
        "NEG",
        "{ type = \"number\", precision = 5, scale = -2 }",
        "int",
    ),
    (
        "AMOUNT",
        "{ type = \"number\", precision = 12, scale = 2 }",
        "decimal",
    ),
    ("BARE", "{ type = \"number\" }", "decimal"),
    ("FL", "{ type = \"float\", bits = 126 }", "decimal"),
    ("BF", "{ type = \"binary_float\" }", "float"),
    ("BD", "{ type = \"binary_double\" }", "double"),
    ("V", "{ type = \"varchar\", length = 40 }", "text"),
    ("CH", "{ type = \"char\", length = 12 }", "text"),
    ("DT", "{ type = \"date\" }", "timestamp"),
    (
        "TS3",
        "{ type = \"timestamp\", precision = 3 }",
        "timestamp",
    ),
    (
        "TS9",
        "{ type = \"timestamp\", precision = 9 }",
        "timestamp",
    ),
    (
        "TZ",
        "{ type = \"timestamp_tz\", precision = 6 }",
        "timestamp",
    ),
    (
        "LTZ",
        "{ type = \"timestamp_ltz\", precision = 6 }",
        "timestamp",
    ),
    ("YM", "{ type = \"interval_ym\" }", "duration"),
    ("DS", "{ type = \"interval_ds\" }", "duration"),
    ("R", "{ type = \"raw\", length = 20 }", "blob"),
    ("R16", "{ type = \"raw\", length = 16 }", "uuid"),
    ("YN", "{ type = \"char\", length = 1 }", "boolean"),
    ("DOC", "{ type = \"clob\" }", "text"),
];

/// Companions: column, CQL type, derivation.
pub const DERIVED: &[(&str, &str, &str)] = &[
    ("ts9_ns", "int", "{ kind = \"nanos\", of = \"TS9\" }"),
    ("tz_zone", "text", "{ kind = \"zone\", of = \"TZ\" }"),
];

/// The specification's columns.
pub fn columns() -> String {
    let own = COLUMNS.iter().map(|(name, oracle, cql)| {
        let to = name.to_lowercase();
        format!(
            "[[columns]]\nfrom = \"{name}\"\nto = \"{to}\"\noracle = {oracle}\ncql = \"{cql}\"\n"
        )
    });
    let derived = DERIVED.iter().map(|(to, cql, value)| {
        format!("[[derived]]\nto = \"{to}\"\ncql = \"{cql}\"\nvalue = {value}\n")
    });
    own.chain(derived).collect()
}

/// Columns of the table in CQL.
pub fn cql_columns() -> String {
    let own = COLUMNS
        .iter()
        .map(|(name, _, cql)| format!("{} {cql}", name.to_lowercase()));
    let derived = DERIVED.iter().map(|(name, cql, _)| format!("{name} {cql}"));
    own.chain(derived).collect::<Vec<_>>().join(", ")
}

/// Names of the table's columns, in the order of the expected values.
pub fn names() -> String {
    let own = COLUMNS.iter().map(|c| c.0.to_lowercase());
    let derived = DERIVED.iter().map(|c| c.0.to_string());
    own.chain(derived).collect::<Vec<_>>().join(", ")
}

/// The header of the file.
pub fn header() -> String {
    COLUMNS.iter().map(|c| c.0).collect::<Vec<_>>().join(",")
}

/// A cell as the export has it, and the value that must come out, shown as [`show`] shows it.
type Cell = (String, Option<String>);

fn digits(r: &mut Rng, most: usize) -> String {
    let count = r.usize(1..=most);
    let text: String = (0..count).map(|_| r.digit(10)).collect();
    let sign = if r.bool() { "-" } else { "" };
    format!("{sign}{text}")
}

fn decimal(text: &str) -> Option<String> {
    BigDecimal::from_str(text)
        .ok()
        .map(|d| d.normalized().to_plain_string())
}

fn number(text: String) -> Cell {
    let wanted = decimal(&text);
    (text, wanted)
}

fn scaled(r: &mut Rng, whole: usize, places: usize) -> Cell {
    let fraction: String = (0..r.usize(1..=places)).map(|_| r.digit(10)).collect();
    number(format!("{}.{fraction}", digits(r, whole)))
}

/// Any moment that both calendars have, from 4712 BC on.
fn moment(r: &mut Rng) -> NaiveDateTime {
    let year = match r.u8(0..4) {
        0 => r.i32(-4711..=1600),
        1 => r.i32(1890..=1970),
        2 => r.i32(1971..=2100),
        _ => r.i32(1600..=9999),
    };
    let date = NaiveDate::from_ymd_opt(year, r.u32(1..=12), r.u32(1..=28)).unwrap_or_default();
    let time = date.and_hms_nano_opt(
        r.u32(0..24),
        r.u32(0..60),
        r.u32(0..60),
        r.u32(0..1_000_000_000),
    );
    time.unwrap_or_default()
}

fn written(t: &NaiveDateTime, places: usize) -> String {
    let (sign, year) = if t.year() <= 0 {
        ("-", 1 - t.year())
    } else {
        ("", t.year())
    };
    let nano = format!("{:09}", t.nanosecond());
    let fraction = if places == 0 {
        String::new()
    } else {
        format!(".{}", &nano[..places])
    };
    format!(
        "{sign}{year:04}-{:02}-{:02} {:02}:{:02}:{:02}{fraction}",
        t.month(),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

fn cut(t: NaiveDateTime, places: u32) -> NaiveDateTime {
    let grain = 10u32.pow(9 - places);
    t.with_nanosecond(t.nanosecond() / grain * grain)
        .unwrap_or(t)
}

fn millis(t: &NaiveDateTime) -> String {
    let utc = t.and_utc();
    utc.timestamp_millis().to_string()
}

fn time(r: &mut Rng, places: u32) -> Cell {
    let t = cut(moment(r), places);
    (written(&t, places as usize), Some(millis(&t)))
}

fn zoned(r: &mut Rng) -> (Cell, String) {
    let t = cut(moment(r), 6);
    let minutes = r.i32(-56..=56) * 15;
    let sign = if minutes < 0 { '-' } else { '+' };
    let offset = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
    let instant = t - chrono::TimeDelta::minutes(i64::from(minutes));
    let text = format!("{} {offset}", written(&t, 6));
    ((text, Some(millis(&instant))), offset)
}

fn text(r: &mut Rng, most: usize) -> String {
    const ALPHABET: &[char] = &[
        'a', 'Z', '0', ' ', ',', '"', '\n', '日', '本', 'é', '😀', '\'', '\\', '|',
    ];
    let inner: String = (0..r.usize(0..most))
        .map(|_| ALPHABET[r.usize(..ALPHABET.len())])
        .collect();
    format!("{inner}x")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn bytes(r: &mut Rng, count: usize) -> String {
    (0..count).map(|_| format!("{:02X}", r.u8(..))).collect()
}

fn double(r: &mut Rng) -> Cell {
    let value = match r.u8(0..8) {
        0 => return ("Nan".into(), Some("NaN".into())),
        1 => return ("-Inf".into(), Some("-inf".into())),
        2 => f64::from_bits(r.u64(..1 << 52)),
        3 => 0.1 + 0.2,
        _ => f64::from_bits(r.u64(..)),
    };
    if !value.is_finite() || value == 0.0 {
        return ("1.5".into(), Some("1.5".into()));
    }
    (format!("{value:e}"), Some(format!("{value:?}")))
}

fn float(r: &mut Rng) -> Cell {
    let value = f32::from_bits(r.u32(..));
    if !value.is_finite() || value == 0.0 {
        return ("0.1".into(), Some("0.1".into()));
    }
    (format!("{value:e}"), Some(format!("{value:?}")))
}

fn interval_ym(r: &mut Rng) -> Cell {
    let (years, months, minus) = (r.i32(0..200), r.i32(0..12), r.bool());
    let sign = if minus { '-' } else { '+' };
    let total = (years * 12 + months) * if minus { -1 } else { 1 };
    (
        format!("{sign}{years:02}-{months:02}"),
        Some(format!("{total}mo0d0ns")),
    )
}

fn interval_ds(r: &mut Rng) -> Cell {
    let (days, h, m, s, micro) = (
        r.i32(0..9999),
        r.i64(0..24),
        r.i64(0..60),
        r.i64(0..60),
        r.i64(0..1_000_000),
    );
    let minus = r.bool();
    let nanos = ((h * 60 + m) * 60 + s) * 1_000_000_000 + micro * 1000;
    let (d, n) = if minus {
        (-days, -nanos)
    } else {
        (days, nanos)
    };
    let sign = if minus { '-' } else { '+' };
    (
        format!("{sign}{days:02} {h:02}:{m:02}:{s:02}.{micro:06}"),
        Some(format!("0mo{d}d{n}ns")),
    )
}

/// A row: its line, and its values as [`show`] shows them.
pub fn row(r: &mut Rng, id: usize) -> (String, Vec<Option<String>>) {
    let ((tz, tz_value), zone) = zoned(r);
    let ts9 = moment(r);
    let v = text(r, 30);
    let ch = text(r, 5).replace(['\n', '"'], " ");
    let doc = text(r, 3000);
    let ltz = cut(moment(r), 6);
    let hundreds = format!("{}00", digits(r, 5));
    let mut cells: Vec<Cell> = vec![
        number(id.to_string()),
        number(digits(r, 2)),
        number(digits(r, 4)),
        number(digits(r, 18)),
        number(digits(r, 38)),
        number(hundreds),
        scaled(r, 10, 2),
        scaled(r, 20, 18),
        number(format!("{}e-{}", digits(r, 30), r.u8(0..30))),
        float(r),
        double(r),
        (quoted(&v), Some(v)),
        (
            quoted(&format!("{ch:<12}")),
            Some(ch.trim_end_matches(' ').to_string()),
        ),
        time(r, 0),
        time(r, 3),
        (written(&ts9, 9), Some(millis(&ts9))),
        (tz, tz_value),
        (format!("{} +00:00", written(&ltz, 6)), Some(millis(&ltz))),
        interval_ym(r),
        interval_ds(r),
    ];
    let raw = bytes(r, 7);
    let uuid = bytes(r, 16);
    cells.push((raw.clone(), Some(format!("0x{}", raw.to_lowercase()))));
    cells.push((uuid.clone(), Some(uuid.to_lowercase())));
    let yes = r.bool();
    cells.push((if yes { "Y" } else { "N" }.into(), Some(yes.to_string())));
    cells.push((quoted(&doc), Some(doc)));
    // Any column but the key may be NULL.
    for cell in cells.iter_mut().skip(1) {
        if r.u8(..) < 20 {
            *cell = (String::new(), None);
        }
    }
    let ns = cells[15]
        .1
        .as_ref()
        .map(|_| (ts9.nanosecond() % 1_000_000).to_string());
    let zone = cells[16].1.as_ref().map(|_| zone);
    let line: Vec<&str> = cells.iter().map(|c| c.0.as_str()).collect();
    let line = line.join(",");
    let mut values: Vec<Option<String>> = cells.into_iter().map(|c| c.1).collect();
    values.extend([ns, zone]);
    (line, values)
}

/// A row of the table.
pub fn show(row: &Row) -> Vec<Option<String>> {
    row.columns.iter().map(|c| c.as_ref().map(one)).collect()
}

fn one(value: &CqlValue) -> String {
    match value {
        CqlValue::TinyInt(v) => v.to_string(),
        CqlValue::SmallInt(v) => v.to_string(),
        CqlValue::Int(v) => v.to_string(),
        CqlValue::BigInt(v) => v.to_string(),
        CqlValue::Varint(v) => {
            let n = num_of(v.as_signed_bytes_be_slice(), 0);
            n.normalized().to_plain_string()
        }
        CqlValue::Decimal(v) => {
            let (unscaled, scale) = v.as_signed_be_bytes_slice_and_exponent();
            num_of(unscaled, scale).normalized().to_plain_string()
        }
        CqlValue::Float(v) => format!("{v:?}"),
        CqlValue::Double(v) => format!("{v:?}"),
        CqlValue::Text(v) => v.clone(),
        CqlValue::Boolean(v) => v.to_string(),
        CqlValue::Timestamp(v) => v.0.to_string(),
        CqlValue::Duration(v) => format!("{}mo{}d{}ns", v.months, v.days, v.nanoseconds),
        CqlValue::Blob(v) => {
            let hex: String = v.iter().map(|b| format!("{b:02x}")).collect();
            format!("0x{hex}")
        }
        CqlValue::Uuid(v) => v.simple().to_string(),
        other => format!("{other:?}"),
    }
}

fn num_of(bytes: &[u8], scale: i32) -> BigDecimal {
    let unscaled = bigdecimal::num_bigint::BigInt::from_signed_bytes_be(bytes);
    BigDecimal::new(unscaled, i64::from(scale))
}
