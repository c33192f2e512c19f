//! Files of about 200 bytes a row in three shapes, and the table that they go into.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::cassandra::Node;
use crate::harness::Live;

/// How rows spread over partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// One row a partition.
    One,
    /// Thirty rows a partition, one after the other.
    Thirty,
    /// Thirty rows a partition, far from each other.
    Shuffled,
}

impl Shape {
    /// All of them.
    pub const ALL: [Shape; 3] = [Shape::One, Shape::Thirty, Shape::Shuffled];

    /// Name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Shape::One => "one",
            Shape::Thirty => "thirty",
            Shape::Shuffled => "shuffled",
        }
    }

    fn key(self, n: u64, rows: u64) -> (u64, u64) {
        match self {
            Shape::One => (n, 0),
            Shape::Thirty => (n / 30, n % 30),
            Shape::Shuffled => {
                let at = n * 1_000_003 % rows;
                (at / 30, at % 30)
            }
        }
    }
}

/// Columns with their Oracle and CQL types.
pub const COLUMNS: [(&str, &str, &str); 8] = [
    (
        "PK",
        "{ type = \"number\", precision = 18, scale = 0 }",
        "bigint",
    ),
    (
        "CK",
        "{ type = \"number\", precision = 9, scale = 0 }",
        "int",
    ),
    ("NAME", "{ type = \"varchar\", length = 40 }", "text"),
    ("CITY", "{ type = \"varchar\", length = 40 }", "text"),
    (
        "AMOUNT",
        "{ type = \"number\", precision = 12, scale = 2 }",
        "decimal",
    ),
    (
        "QTY",
        "{ type = \"number\", precision = 9, scale = 0 }",
        "int",
    ),
    ("AT", "{ type = \"date\" }", "timestamp"),
    ("NOTE", "{ type = \"varchar\", length = 200 }", "text"),
];

/// Writes a file; answers its size.
pub fn write(file: &Path, shape: Shape, rows: u64) -> Live<u64> {
    let mut out = BufWriter::new(File::create(file)?);
    let names: Vec<String> = COLUMNS.iter().map(|c| c.0.to_owned()).collect();
    writeln!(out, "{}", names.join(","))?;
    let mut random = fastrand::Rng::with_seed(8);
    for n in 0..rows {
        let (pk, ck) = shape.key(n, rows);
        let word = |random: &mut fastrand::Rng, length: usize| -> String {
            (0..length).map(|_| random.lowercase()).collect()
        };
        let (name, city, note) = (
            word(&mut random, 16),
            word(&mut random, 12),
            word(&mut random, 105),
        );
        writeln!(
            out,
            "{pk},{ck},{name},{city},{}.{:02},{},2026-{:02}-{:02} {:02}:{:02}:{:02},{note}",
            random.u32(0..1_000_000),
            random.u32(0..100),
            random.u32(0..100_000),
            random.u32(1..13),
            random.u32(1..29),
            random.u32(0..24),
            random.u32(0..60),
            random.u32(0..60),
        )?;
    }
    out.flush()?;
    Ok(std::fs::metadata(file)?.len())
}

/// Creates a table that nobody has used.
pub fn fresh_table(node: &Node) -> Live<String> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let table = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let columns: Vec<String> = COLUMNS
        .iter()
        .map(|(name, _, cql)| format!("{} {cql}", name.to_lowercase()))
        .collect();
    node.run(&format!(
        "CREATE TABLE bench.{table} ({}, PRIMARY KEY (pk, ck))",
        columns.join(", ")
    ))?;
    Ok(table)
}

/// Counts the rows of a table, a part of the token ring at a time.
pub fn count(node: &Node, table: &str) -> Live<u64> {
    const PARTS: i128 = 64;
    let bound = |n: i128| i128::from(i64::MIN) + n * ((1i128 << 64) / PARTS);
    let mut sum = 0;
    for part in 0..PARTS {
        let upper = match part + 1 {
            PARTS => String::new(),
            next => format!(" AND token(pk) <= {}", bound(next)),
        };
        let lower = bound(part).max(i128::from(i64::MIN) + 1) - i128::from(part == 0);
        let counted: Vec<(i64,)> = node.rows(&format!(
            "SELECT count(*) FROM bench.{table} WHERE token(pk) > {lower}{upper}"
        ))?;
        sum += counted.first().map_or(0, |c| c.0 as u64);
    }
    Ok(sum)
}
