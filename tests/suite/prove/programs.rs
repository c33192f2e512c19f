//! Runs PL/SQL and gives what it printed; utilities as they stand in many code bases, written here.

use chrono::NaiveDate;
use ora2stream::catalog::build::{CatalogConfig, build};
use ora2stream::catalog::model::Catalog;
use ora2stream::prove::interp::{Estate, Limits, Machine, Stop};
use ora2stream::source::{SourceFile, SourceMap};
use ora2stream::syntax::{ParsedFile, parse_all};

/// Code that can be run.
pub struct World {
    map: SourceMap,
    files: Vec<ParsedFile>,
    catalog: Catalog,
}

impl World {
    /// Reads texts.
    pub fn new(texts: &[(String, String)]) -> World {
        let mut map = SourceMap::default();
        for (name, text) in texts {
            map.add(SourceFile::from_text(name.clone(), text.clone()));
        }
        let files = parse_all(&map);
        let config = CatalogConfig {
            schemas: vec!["S".into()],
            entry_points: Vec::new(),
            schedule_files: Vec::new(),
        };
        let catalog = build(&map, &files, &[], &config);
        World {
            map,
            files,
            catalog,
        }
    }

    /// A session.
    pub fn machine(&self, limits: Limits) -> Machine<'_> {
        let est = Estate {
            map: &self.map,
            files: &self.files,
            catalog: &self.catalog,
        };
        let clock = NaiveDate::from_ymd_opt(2024, 3, 5)
            .and_then(|d| d.and_hms_opt(1, 30, 0))
            .expect("a date");
        Machine::new(est, limits, clock)
    }

    /// What a block prints, a line each.
    pub fn prints(&self, block: &str) -> Result<Vec<String>, Stop> {
        let mut m = self.machine(Limits::default());
        m.run_text(block, "S").map(|_| m.output)
    }

    /// The value of an expression as text; `TRUE` and `FALSE` for conditions.
    pub fn value(&self, expression: &str, condition: bool) -> String {
        let shown = match condition {
            true => format!("CASE WHEN {expression} THEN 'TRUE' ELSE 'FALSE' END"),
            false => expression.to_string(),
        };
        match self.prints(&format!("BEGIN dbms_output.put_line({shown}); END;")) {
            Ok(lines) => lines.join("\n"),
            Err(stop) => format!("{stop:?}"),
        }
    }
}

const UTILITIES: &str = include_str!("utilities.sql");

/// Expression, its value; a condition where the value is TRUE or FALSE.
const VALUES: &[(&str, &str)] = &[
    ("text_util.merged('%1 of %2', 3, 'x')", "3 of x"),
    ("text_util.merged('%1 of %2', NULL, 'x')", "(none) of x"),
    ("text_util.token('a,b,c', 2)", "b"),
    ("text_util.token('a,b,c', 3)", "c"),
    ("text_util.token('a,b,c', 4)", ""),
    ("text_util.token(',b', 1)", ""),
    ("text_util.tokens('a,b,c')", "3"),
    ("text_util.tokens(NULL)", "0"),
    ("text_util.is_number('12.5')", "TRUE"),
    ("text_util.is_number('12x')", "FALSE"),
    ("text_util.is_number(NULL)", "TRUE"),
    ("text_util.shortened('abcdefgh', 5)", "ab..."),
    ("text_util.shortened('abc', 5)", "abc"),
    ("text_util.pretty(' order_line ')", "Order Line"),
    ("text_util.reversed('abc')", "cba"),
    (
        "text_util.joined(text_util.split('x;y;;z', ';'), '-')",
        "x-y-z",
    ),
    ("text_util.split('x;y;z', ';').COUNT", "3"),
    ("text_util.in_list('b', 'a;b;c')", "TRUE"),
    ("text_util.in_list('', 'a;b;c')", "FALSE"),
    ("text_util.digits('a1b22')", "122"),
    ("text_util.hex(255)", "FF"),
    ("text_util.hex(0)", "0"),
    ("text_util.hex(4096)", "1000"),
    ("text_util.roman(1994)", "MCMXCIV"),
    ("text_util.luhn('79927398713')", "TRUE"),
    ("text_util.luhn('79927398710')", "FALSE"),
    ("date_util.quarter(DATE '2024-05-31')", "2"),
    (
        "TO_CHAR(date_util.month_end(2024, 2), 'YYYY-MM-DD')",
        "2024-02-29",
    ),
    ("date_util.days_of_month(2023, 2)", "28"),
    ("date_util.days_of_year(2024)", "366"),
    ("date_util.is_leap(1900)", "FALSE"),
    ("date_util.is_leap(2000)", "TRUE"),
    ("date_util.lasting(1.5)", "1 d 12 h 0 min"),
    ("date_util.lasting(-0.25)", "- 0 d 6 h 0 min"),
    ("TO_CHAR(date_util.easter(2024), 'MM-DD')", "03-31"),
    ("TO_CHAR(date_util.easter(2000), 'MM-DD')", "04-23"),
    (
        "date_util.workdays(DATE '2024-02-26', DATE '2024-03-03')",
        "5",
    ),
    (
        "TO_CHAR(date_util.parsed('31.12.2024'), 'YYYYMMDD')",
        "20241231",
    ),
    (
        "TO_CHAR(date_util.parsed('2024-12-31'), 'YYYYMMDD')",
        "20241231",
    ),
    ("NVL(TO_CHAR(date_util.parsed('x')), '-')", "-"),
    ("math_util.safe_div(1, 0)", "0"),
    ("math_util.safe_div(1, 8)", ".125"),
    ("math_util.gcd(84, 36)", "12"),
    ("math_util.fact(20)", "2432902008176640000"),
    ("math_util.fib(80)", "23416728348467685"),
    ("math_util.within_pct(90, 100, 10)", "TRUE"),
    ("math_util.within_pct(89, 100, 10)", "FALSE"),
    ("math_util.is_prime(97)", "TRUE"),
    ("math_util.median(math_util.numbers(3, 1, 2))", "2"),
    ("math_util.median(math_util.numbers(4, 1, 2, 3))", "2.5"),
];

#[test]
fn utilities_of_many_code_bases_run() {
    let world = World::new(&[("utilities.sql".to_string(), UTILITIES.to_string())]);
    let mut wrong = Vec::new();
    for (expression, wanted) in VALUES {
        let found = world.value(expression, matches!(*wanted, "TRUE" | "FALSE"));
        if found != *wanted {
            wrong.push(format!("{expression}: {found}, not {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
