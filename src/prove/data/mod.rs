//! Random databases: rows that satisfy the catalogue's constraints and reach the code's branches. Values come from the
//! constants that the code compares columns with, their neighbours, and the places where such code breaks: NULL,
//! blanks, ties, month ends, times before 1970, extreme numbers. A seed gives the same database anywhere.

mod hints;
mod random;

pub use hints::{Form, Hints, hints};
pub use random::Random;

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::catalog::model::{Catalog, Column, DataType, Table, TableName};
use crate::value::func::Function;
use crate::value::{Number, Value};

/// Days around which a database plays: month ends, leap days, before 1970, a year's turn.
const BASES: &[(i32, u32, u32)] = &[
    (2024, 2, 28),
    (2023, 12, 30),
    (2024, 1, 30),
    (2025, 6, 14),
    (1969, 12, 30),
    (2000, 2, 28),
    (2025, 3, 31),
];

/// The few moments that all dates of one database are taken from, so that they meet.
#[derive(Clone, Debug)]
pub struct Moments {
    days: Vec<NaiveDate>,
    times: Vec<NaiveTime>,
}

impl Moments {
    /// Chooses them.
    pub fn choose(r: &mut Random) -> Moments {
        let (y, m, d) = BASES[r.below(BASES.len())];
        let base = NaiveDate::from_ymd_opt(y, m, d).unwrap_or(NaiveDate::MIN);
        let mut days: Vec<NaiveDate> = (0..3)
            .filter_map(|n| base.checked_add_days(Days::new(n)))
            .collect();
        days.extend(base.checked_add_days(Days::new(31)));
        let time = |h, m, s| NaiveTime::from_hms_opt(h, m, s).unwrap_or(NaiveTime::MIN);
        let hour = r.below(23) as u32;
        let times = vec![
            time(0, 0, 0),
            time(23, 59, 59),
            time(hour, 0, 0),
            time(hour, 30, 0),
            time(hour, 59, 59),
            time(hour + 1, 0, 0),
        ];
        Moments { days, times }
    }

    fn date(&self, r: &mut Random) -> NaiveDateTime {
        self.days[r.below(self.days.len())].and_time(self.times[r.below(self.times.len())])
    }
}

/// Makes rows.
pub struct Maker<'a> {
    catalog: &'a Catalog,
    hints: &'a Hints,
    /// Moments of this database.
    pub moments: Moments,
    /// A database of many rows, of which groups pass the number that code compares a count or a rank with.
    crowd: Option<Crowd>,
    /// Columns that hold keys: of a table of their own or by comparison with one that does.
    key_like: BTreeSet<String>,
    /// Columns that may be NULL in one table and not in another.
    wanted: BTreeSet<String>,
}

/// Many rows: so many, and which foreign keys mostly name one parent, a bit each.
#[derive(Clone, Copy, Debug)]
struct Crowd {
    rows: usize,
    narrow: usize,
}

impl Crowd {
    fn choose(hints: &Hints, r: &mut Random) -> Option<Crowd> {
        if hints.sizes.is_empty() || !r.one_in(4) {
            return None;
        }
        Some(Crowd {
            rows: hints.sizes[r.below(hints.sizes.len())] + 2,
            narrow: r.below(1 << 16),
        })
    }

    /// Whether rows of this foreign key mostly name one parent.
    fn is_narrow(self, table: usize, fk: usize) -> bool {
        self.narrow >> ((table * 3 + fk) % 16) & 1 == 1
    }
}

impl<'a> Maker<'a> {
    /// A maker for one database.
    pub fn new(catalog: &'a Catalog, hints: &'a Hints, r: &mut Random) -> Self {
        Maker {
            catalog,
            hints,
            moments: Moments::choose(r),
            crowd: Crowd::choose(hints, r),
            key_like: key_like(catalog, hints),
            wanted: wanted(catalog),
        }
    }

    /// How many rows a table gets: a few, or as many as code counts to.
    pub fn count(&self, r: &mut Random) -> usize {
        match self.crowd {
            Some(crowd) => crowd.rows * (1 + r.below(3)),
            None => 1 + r.below(6),
        }
    }

    /// Keys are of this many values, so that they meet, and yet are enough.
    fn keys(&self) -> usize {
        self.crowd.map_or(6, |c| c.rows * 2)
    }

    /// A row; `parents` gives the rows of a table that is there already.
    pub fn row(
        &self,
        table: &Table,
        parents: &dyn Fn(&TableName) -> Vec<Vec<Value>>,
        r: &mut Random,
    ) -> Vec<Value> {
        let mut row: Vec<Value> = table
            .columns
            .values()
            .map(|c| self.value(table, c, r))
            .collect();
        for (at, name) in table.columns.keys().enumerate() {
            if let Some(owner) = soft_parent(self.catalog, table, name)
                && !row[at].is_null()
                && !r.one_in(8)
            {
                let rows = parents(&owner.name);
                let place = owner.columns.get_index_of(name);
                if let (Some(place), false) = (place, rows.is_empty()) {
                    row[at] = rows[r.below(rows.len())][place].clone();
                }
            }
        }
        let own = self.catalog.tables.get_index_of(&table.name).unwrap_or(0);
        for (i, fk) in table.foreign_keys.iter().enumerate() {
            let narrow = self.crowd.is_some_and(|c| c.is_narrow(own, i)) && !r.one_in(8);
            self.refer(table, fk, (parents, narrow), &mut row, r);
        }
        row
    }

    /// Another value for one column.
    pub fn column(&self, table: &Table, at: usize, r: &mut Random) -> Option<Value> {
        let (_, column) = table.columns.get_index(at)?;
        Some(self.value(table, column, r))
    }

    fn refer(
        &self,
        table: &Table,
        fk: &crate::catalog::model::ForeignKey,
        (parents, narrow): (&dyn Fn(&TableName) -> Vec<Vec<Value>>, bool),
        row: &mut [Value],
        r: &mut Random,
    ) {
        let Some(parent) = self.catalog.tables.get(&fk.parent) else {
            return;
        };
        let names = match fk.parent_columns.is_empty() {
            true => parent.primary_key.clone().unwrap_or_default(),
            false => fk.parent_columns.clone(),
        };
        let rows = parents(&fk.parent);
        let nullable = fk
            .columns
            .iter()
            .any(|c| table.columns.get(c).is_some_and(|c| c.nullable));
        let none = rows.is_empty() || (nullable && r.one_in(6));
        let choice = if narrow { 1 } else { rows.len() };
        let chosen = (!none).then(|| &rows[r.below(choice)]);
        for (own, name) in fk.columns.iter().zip(&names) {
            let place = table.columns.get_index_of(own);
            let from = parent.columns.get_index_of(name);
            if let (Some(place), Some(from)) = (place, from) {
                row[place] = chosen.map_or(Value::Null, |c| c[from].clone());
            }
        }
    }

    fn value(&self, table: &Table, c: &Column, r: &mut Random) -> Value {
        let seldom = self.wanted.contains(&c.name);
        if c.nullable && r.one_in(if seldom { 20 } else { 5 }) {
            return Value::Null;
        }
        let own = table.primary_key.iter().any(|k| k.contains(&c.name));
        if let Some(text) = self.converted(c, r) {
            return text;
        }
        let key = own || (self.key_like.contains(&c.name) && !r.one_in(8));
        let v = self.typed(c, key, r);
        if v.is_null() && !c.nullable {
            self.typed(c, true, r)
        } else {
            v
        }
    }

    /// Text that can be converted as code converts the column, most of the time.
    fn converted(&self, c: &Column, r: &mut Random) -> Option<Value> {
        let DataType::Varchar { length } = &c.ty else {
            return None;
        };
        let form = self.hints.forms.get(&c.name)?;
        if r.one_in(8) {
            return None;
        }
        let text = match form {
            Form::Number => (1 + r.below(self.keys())).to_string(),
            Form::Date(mask) => {
                let d = Value::Timestamp(self.moments.date(r));
                let written = Function::find("TO_CHAR")?.call(
                    &[d, Value::text(mask.clone())],
                    &crate::value::Nls::default(),
                );
                written
                    .ok()?
                    .to_text(&crate::value::Nls::default())
                    .ok()??
            }
        };
        (text.chars().count() <= *length as usize).then(|| Value::text(text))
    }

    fn typed(&self, c: &Column, key: bool, r: &mut Random) -> Value {
        let hints = self.hints.of(&c.name);
        let hinted = !hints.is_empty() && !r.one_in(8);
        match &c.ty {
            DataType::Number { precision, scale } => {
                let numbers: Vec<&Number> = hints.iter().filter_map(|h| number(h)).collect();
                if hinted && !numbers.is_empty() {
                    return neighbour(numbers[r.below(numbers.len())], *scale, r);
                }
                let limit = precision.map(|p| i64::from(p) - i64::from(scale.unwrap_or(0)));
                random_number(limit, scale.unwrap_or(0), key.then(|| self.keys()), r)
            }
            DataType::Float { .. } | DataType::BinaryFloat | DataType::BinaryDouble => Value::Null,
            DataType::Varchar { length } | DataType::Char { length } => {
                let texts: Vec<&String> = hints.iter().filter_map(|h| text(h)).collect();
                let chosen = match hinted && !texts.is_empty() {
                    true => texts[r.below(texts.len())].clone(),
                    false => self.random_text(c, key, r),
                };
                Value::text(chosen.chars().take(*length as usize).collect::<String>())
            }
            DataType::Clob => Value::text(WORDS[r.below(WORDS.len())]),
            DataType::Date => Value::Date(self.moments.date(r)),
            DataType::Timestamp { .. } => {
                let fraction = TimeDelta::microseconds([0, 0, 1, 500_000, 999_999][r.below(5)]);
                Value::Timestamp(self.moments.date(r) + fraction)
            }
            DataType::Raw { .. } => Value::Bytes(vec![r.below(256) as u8]),
            DataType::TimestampTz { .. }
            | DataType::TimestampLtz { .. }
            | DataType::IntervalYm
            | DataType::IntervalDs
            | DataType::Blob
            | DataType::Document
            | DataType::Boolean
            | DataType::Other { .. }
            | DataType::Unknown { .. } => Value::Null,
        }
    }

    /// Texts that look like what such columns hold: codes, numbers and dates as text, blanks.
    fn random_text(&self, c: &Column, key: bool, r: &mut Random) -> String {
        if key {
            return format!("K{}", r.below(self.keys()));
        }
        match r.below(4) {
            0 if c.name.ends_with("TXT") || c.name.contains("DATE") => {
                let d = self.moments.date(r);
                d.format("%Y-%m-%d %H:%M:%S").to_string()
            }
            1 if c.name.ends_with("TXT") || c.name.ends_with("NO") => r.below(200).to_string(),
            _ => WORDS[r.below(WORDS.len())].to_string(),
        }
    }
}

/// The table that a column refers to by its name alone: the key of another table, and no foreign key says so.
fn soft_parent<'c>(catalog: &'c Catalog, table: &Table, column: &String) -> Option<&'c Table> {
    let own = |k: &Vec<String>| k.len() == 1 && k[0] == *column;
    let declared = table
        .foreign_keys
        .iter()
        .any(|f| f.columns.contains(column));
    if declared || table.primary_key.iter().chain(&table.uniques).any(own) {
        return None;
    }
    let refers = |t: &Table| t.foreign_keys.iter().any(|f| f.columns.contains(column));
    let owns = |t: &&Table| t.primary_key.iter().any(own) && !refers(t);
    let mut all = catalog.tables.values().filter(|t| t.name != table.name);
    all.find(owns)
}

fn wanted(catalog: &Catalog) -> BTreeSet<String> {
    let columns = catalog.tables.values().flat_map(|t| t.columns.values());
    let needed = columns.filter(|c| !c.nullable);
    needed.map(|c| c.name.clone()).collect()
}

/// Names of single-column keys, and of columns that code compares with them.
fn key_like(catalog: &Catalog, hints: &Hints) -> BTreeSet<String> {
    let single = |k: &Vec<String>| (k.len() == 1).then(|| k[0].clone());
    let tables = catalog.tables.values();
    let mut out: BTreeSet<String> = tables
        .flat_map(|t| t.primary_key.iter().chain(&t.uniques))
        .filter_map(single)
        .collect();
    loop {
        let before = out.len();
        for (a, b) in &hints.joined {
            if out.contains(b) {
                out.insert(a.clone());
            }
        }
        if out.len() == before {
            return out;
        }
    }
}

const WORDS: &[&str] = &[
    "a", "b", "A", " a", "b ", "Ab c", "  ", "x'y", "é", "日本", "1", "-2.5", "b@x",
];

fn number(v: &Value) -> Option<&Number> {
    match v {
        Value::Number(n) => Some(n),
        Value::Null | Value::Text(_) | Value::Date(_) | Value::Timestamp(_) | Value::Bytes(_) => {
            None
        }
    }
}

fn text(v: &Value) -> Option<&String> {
    match v {
        Value::Text(t) => Some(t),
        Value::Null | Value::Number(_) | Value::Date(_) | Value::Timestamp(_) | Value::Bytes(_) => {
            None
        }
    }
}

/// A constant, or the value next to it.
fn neighbour(n: &Number, scale: Option<i16>, r: &mut Random) -> Value {
    let step = Number::new(1, i32::from(scale.unwrap_or(0))).unwrap_or_default();
    let moved = match r.below(6) {
        0 => n.add(&step),
        1 => n.sub(&step),
        _ => return Value::Number(n.clone()),
    };
    moved.map_or(Value::Null, Value::Number)
}

fn random_number(digits: Option<i64>, scale: i16, keys: Option<usize>, r: &mut Random) -> Value {
    if let Some(keys) = keys {
        return Value::Number(Number::from(1 + r.below(keys) as i64));
    }
    let whole = match r.below(12) {
        0 => 0,
        1 => -1,
        2..=6 => r.below(5) as i64,
        7..=9 => r.below(100) as i64,
        10 => r.below(100_000) as i64,
        _ => -(r.below(50) as i64),
    };
    let bound = 10i64
        .checked_pow(digits.unwrap_or(9).clamp(0, 9) as u32)
        .unwrap_or(i64::MAX);
    let whole = whole % bound.max(1);
    let places = i32::from(scale.clamp(0, 4));
    if places == 0 || r.one_in(3) {
        return Value::Number(Number::from(whole));
    }
    let unit = 10i128.pow(places.unsigned_abs());
    let fraction = [5, 1, unit - 1, 25, 50][r.below(5)] % unit;
    Number::new(i128::from(whole) * unit + fraction, places).map_or(Value::Null, Value::Number)
}

/// Tables in an order that puts parents first.
pub fn parents_first(catalog: &Catalog, tables: &[TableName]) -> Vec<TableName> {
    let mut out: Vec<TableName> = Vec::new();
    let mut rest: Vec<&TableName> = tables.iter().collect();
    while !rest.is_empty() {
        let ready = |t: &&&TableName| {
            let fks = catalog
                .tables
                .get(**t)
                .map(|t| t.foreign_keys.as_slice())
                .unwrap_or_default();
            let soft = catalog.tables.get(**t).into_iter().flat_map(|t| {
                let names = t.columns.keys();
                names.filter_map(|c| soft_parent(catalog, t, c).map(|p| &p.name))
            });
            fks.iter()
                .map(|f| &f.parent)
                .chain(soft)
                .all(|p| *p == ***t || out.contains(p) || !tables.contains(p))
        };
        let next = rest.iter().position(|t| ready(&t)).unwrap_or(0);
        out.push(rest.remove(next).clone());
    }
    out
}
