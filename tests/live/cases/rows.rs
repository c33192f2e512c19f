//! What happens to rows between an export and Cassandra: every type comes out as it went in, or its row is refused
//! with column, reason, raw text and place; and `verify` finds every difference and invents none.

use super::Case;
use crate::cassandra::Node;
use crate::harness::process::{self, Finished};
use crate::harness::{Live, PATIENCE, ensure, failed};
use crate::stack::Stack;
use crate::typed;
use scylla::value::Row;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tempfile::TempDir;

pub fn cases() -> [(&'static str, Case); 4] {
    [
        ("rows::every_type_round_trips", every_type_round_trips),
        ("rows::bad_rows_of_every_kind", bad_rows_of_every_kind),
        (
            "rows::verify_finds_every_difference",
            verify_finds_every_difference,
        ),
        (
            "rows::one_read_fills_two_tables_with_a_join",
            one_read_fills_two_tables,
        ),
    ]
}

/// A file, its specification, and the program.
struct Load {
    folder: TempDir,
}

const KEYSPACE: &str = "CREATE KEYSPACE IF NOT EXISTS typed WITH replication = \
     {'class': 'SimpleStrategy', 'replication_factor': 1}";

impl Load {
    fn new(
        node: &Node,
        table: &str,
        files: &[(&str, &[u8])],
        source: &str,
        rest: &str,
    ) -> Live<Load> {
        let folder = tempfile::Builder::new().prefix("live-rows-").tempdir()?;
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes)?;
        }
        let spec = format!(
            "version = 1\ntable = \"T.ROWS\"\npurpose = \"a test\"\nkey = [\"ID\"]\nafter = []\n\
             [source]\nkind = \"csv\"\nfiles = [\"rows.csv\"]\n{source}\n[limits]\nchunk_mb = 1\n\
             [cassandra]\ncontact_points = [\"127.0.0.1:{}\"]\ndatacenter = \"datacenter1\"\n\
             keyspace = \"typed\"\ntable = \"{table}\"\nbatch = \"auto\"\nmax_errors = 1000\n{rest}",
            node.port()
        );
        std::fs::write(folder.path().join("load.toml"), spec)?;
        Ok(Load { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str], code: i32) -> Live<Finished> {
        let mut command = process::command(env!("CARGO_BIN_EXE_ora2stream"), false);
        command
            .args(arguments)
            .arg(self.path("load.toml"))
            .env("NO_COLOR", "1");
        let done = process::run("ora2stream", command, PATIENCE)?;
        ensure(done.status.code() == Some(code), || {
            format!(
                "{arguments:?} ended with {}, not {code}\n{}\n{}",
                done.status, done.stdout, done.stderr
            )
        })?;
        Ok(done)
    }

    fn load(&self, code: i32) -> Live<Value> {
        let done = self.run(
            &["backfill", "run", "--format", "json", "--progress", "none"],
            code,
        )?;
        Ok(serde_json::from_str(&done.stdout)?)
    }

    fn verify(&self, code: i32) -> Live<Value> {
        let done = self.run(&["verify", "--format", "json"], code)?;
        Ok(serde_json::from_str(&done.stdout)?)
    }
}

fn typed_table(node: &Node, table: &str) -> Live<()> {
    node.run(KEYSPACE)?;
    node.run(&format!(
        "CREATE TABLE typed.{table} ({}, PRIMARY KEY (id))",
        typed::cql_columns()
    ))
}

fn held(node: &Node, table: &str) -> Live<BTreeMap<String, Vec<Option<String>>>> {
    let rows: Vec<Row> = node.rows(&format!("SELECT {} FROM typed.{table}", typed::names()))?;
    let shown = rows.iter().map(typed::show);
    Ok(shown
        .map(|r| (r[0].clone().unwrap_or_default(), r))
        .collect())
}

/// Rows of a property test; more with `ORA2STREAM_CAMPAIGN`.
fn many(few: u64) -> u64 {
    crate::backfill::points(few)
}

fn every_type_round_trips(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    typed_table(node, "types")?;
    let mut random = fastrand::Rng::with_seed(20);
    let mut file = format!("{}\n", typed::header());
    let mut wanted = BTreeMap::new();
    for id in 0..many(1500) as usize {
        let (line, values) = typed::row(&mut random, id);
        file.push_str(&line);
        file.push('\n');
        wanted.insert(id.to_string(), values);
    }
    let load = Load::new(
        node,
        "types",
        &[("rows.csv", file.as_bytes())],
        "",
        &typed::columns(),
    )?;
    load.load(0)?;
    let found = held(node, "types")?;
    ensure(found.len() == wanted.len(), || {
        format!("{} of {} rows", found.len(), wanted.len())
    })?;
    for (id, values) in &wanted {
        let row = found
            .get(id)
            .ok_or_else(|| failed(format!("row {id} is missing")))?;
        let wrong = values.iter().zip(row).position(|(a, b)| a != b);
        ensure(wrong.is_none(), || {
            let at = wrong.unwrap_or(0);
            let name = typed::names();
            let name = name.split(", ").nth(at).unwrap_or("?");
            format!(
                "row {id}, {name}: {:?} went in, {:?} came out",
                values[at], row[at]
            )
        })?;
    }
    let report = load.verify(0)?;
    ensure(report["equal"] == true, || report.to_string())
}

/// Each defect: the column (empty for the whole record), its text, and the code of its dead letter.
const DEFECTS: &[(&str, &str, &str)] = &[
    ("N2", "x", "number-form"),
    ("N2", "1-", "number-form"),
    ("N2", "100", "number-precision"),
    ("N4", "1.5", "number-scale"),
    (
        "N38",
        "123456789012345678901234567890123456789",
        "number-precision",
    ),
    ("NEG", "150", "number-scale"),
    ("AMOUNT", "0.001", "number-scale"),
    ("AMOUNT", "10000000000.00", "number-precision"),
    ("BARE", "1e200", "number-range"),
    ("BF", "1e39", "number-range"),
    ("BD", "1e999", "number-range"),
    ("BD", "infinitely", "number-form"),
    ("DT", "2023-02-29 00:00:00", "date-value"),
    ("DT", "1500-02-29 00:00:00", "date-value"),
    ("DT", "2023-13-01 00:00:00", "date-value"),
    ("DT", "yesterday", "date-form"),
    ("DT", "0000-01-01 00:00:00", "date-value"),
    ("TS3", "2023-01-01 00:00:00.1234", "date-form"),
    ("TS3", "2023-01-01 24:00:00", "date-value"),
    ("TZ", "2023-01-01 00:00:00", "date-form"),
    ("TZ", "2023-01-01 00:00:00 Asia/Tokyo", "zone-region"),
    ("YM", "1 year", "interval-form"),
    ("DS", "+01 25:00:00", "interval-form"),
    ("R", "0xZZ", "binary-form"),
    ("R", "ABC", "binary-form"),
    ("R16", "00FF", "uuid-length"),
    ("YN", "maybe", "boolean-form"),
    (
        "V",
        "12345678901234567890123456789012345678901",
        "text-length",
    ),
    ("ID", "", "null-key"),
    ("ID", "12345678901", "number-precision"),
];

/// Whole records that are none: text, code.
const RECORDS: &[(&str, &str)] = &[
    ("7,1", "column-count"),
    ("{row},1", "column-count"),
    ("\"7\"x,{tail}", "quote-end"),
    ("7,\"never closed", "quote-end"),
];

fn plain_row(id: usize, column: &str, text: &str) -> String {
    let cells = typed::COLUMNS.iter().map(|(name, ..)| match *name {
        name if name == column => text.to_string(),
        "ID" => id.to_string(),
        _ => String::new(),
    });
    cells.collect::<Vec<_>>().join(",")
}

fn bad_rows_of_every_kind(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    typed_table(node, "bad")?;
    let mut file = format!("{}\n", typed::header()).into_bytes();
    let mut wanted: BTreeMap<usize, (String, String, String)> = BTreeMap::new();
    let (mut line, mut good) = (2, 0);
    let mut put = |text: &[u8], defect: Option<(&str, &str)>| {
        file.extend_from_slice(text);
        file.push(b'\n');
        if let Some((column, code)) = defect {
            let shown = String::from_utf8_lossy(text).into_owned();
            wanted.insert(line, (column.into(), code.into(), shown));
        }
        line += 1;
    };
    for (column, text, code) in DEFECTS {
        put(plain_row(1000 + good, "", "").as_bytes(), None);
        good += 1;
        put(
            plain_row(1, column, text).as_bytes(),
            Some((*column, *code)),
        );
    }
    for (text, code) in RECORDS {
        let whole = plain_row(7, "", "");
        let tail = &whole[2..];
        let text = text.replace("{row}", &whole).replace("{tail}", tail);
        put(text.as_bytes(), Some(("", *code)));
        put(plain_row(1000 + good, "V", "\"q\"").as_bytes(), None);
        good += 1;
    }
    let mut latin = plain_row(8, "V", "caf").into_bytes();
    let at = latin.len() - typed::COLUMNS.len() + 12;
    latin.insert(at, 0xe9);
    put(&latin, Some(("", "encoding")));
    let huge = plain_row(9, "DOC", &"x".repeat(17 << 20));
    put(huge.as_bytes(), Some(("DOC", "cell-size")));
    put(plain_row(1000 + good, "", "").as_bytes(), None);
    good += 1;

    let load = Load::new(node, "bad", &[("rows.csv", &file)], "", &typed::columns())?;
    let totals = load.load(1)?;
    let bad = wanted.len() as u64;
    let count = |key: &str| totals[key].as_u64().unwrap_or(u64::MAX);
    ensure(
        count("read") == good as u64 + bad
            && count("written") == good as u64
            && count("rejected") == bad,
        || format!("{good} good rows, {bad} bad ones: {totals}"),
    )?;
    ensure(held(node, "bad")?.len() == good, || {
        "good rows are missing".into()
    })?;
    let letters = std::fs::read_to_string(load.path("load.state/dead-letter.jsonl"))?;
    for text in letters.lines() {
        let letter: Value = serde_json::from_str(text)?;
        let line = letter["position"]["line"].as_u64().unwrap_or(0) as usize;
        let Some((column, code, raw)) = wanted.remove(&line) else {
            return Err(failed(format!(
                "unexpected: {}",
                &text[..text.len().min(500)]
            )));
        };
        let said = (
            letter["column"].as_str().unwrap_or(""),
            letter["code"].as_str().unwrap_or(""),
        );
        ensure(said == (column.as_str(), code.as_str()), || {
            format!("line {line}: {said:?}, not {:?}", (column, code))
        })?;
        let shown = letter["raw"].as_str().unwrap_or("");
        let head = |t: &str| t.chars().take(100).collect::<String>();
        ensure(head(shown) == head(&raw), || {
            format!("line {line}: {}", head(shown))
        })?;
    }
    ensure(wanted.is_empty(), || {
        format!("without a dead letter: {wanted:?}")
    })
}

/// 1,000 differences among a million rows as a campaign (`ORA2STREAM_CAMPAIGN=1000000`), fewer in every run.
fn verify_finds_every_difference(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    node.run(KEYSPACE)?;
    node.run("CREATE TABLE typed.differ (id int PRIMARY KEY, amount decimal, bd double, v text)")?;
    let count = many(20_000) as i32;
    let mut file = String::from("ID,AMOUNT,BD,V\n");
    for id in 0..count {
        file.push_str(&format!(
            "{id},{}.{:02},{}e-1,text of {id} that is long enough to count\n",
            id / 7,
            id % 100,
            id
        ));
    }
    let columns: String = typed::columns()
        .split_inclusive("[[columns]]\n")
        .filter(|c| {
            ["ID", "AMOUNT", "BD", "V"]
                .iter()
                .any(|n| c.contains(&format!("from = \"{n}\"\n")))
        })
        .map(|c| format!("[[columns]]\n{}", c.split("[[").next().unwrap_or("")))
        .collect();
    let columns = columns.replace("length = 40", "length = 80");
    let load = Load::new(
        node,
        "differ",
        &[("rows.csv", file.as_bytes())],
        "",
        &columns,
    )?;
    let clock = std::time::Instant::now();
    load.load(0)?;
    let loaded = clock.elapsed();
    let clock = std::time::Instant::now();
    let report = load.verify(0)?;
    eprintln!(
        "live: {count} rows: load {loaded:.1?}, verify {:.1?} ({})",
        clock.elapsed(),
        report["seconds"]
    );
    ensure(
        report["equal"] == true && report["buckets_differing"] == 0,
        || report.to_string(),
    )?;

    let each = count / 1000 * 5 / 3;
    let each = each.clamp(5, 167);
    let mut random = fastrand::Rng::with_seed(8);
    let mut ids: Vec<i32> = (0..count).collect();
    random.shuffle(&mut ids);
    let mut wanted: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut next = ids.into_iter();
    let mut seed = |kind: &str, column: &str, change: &dyn Fn(i32) -> String| -> Live<()> {
        for id in next.by_ref().take(each as usize) {
            node.run(&change(id))?;
            wanted.insert((id.to_string(), kind.into()), column.into());
        }
        Ok(())
    };
    let set = |what: &str, id: i32| format!("UPDATE typed.differ SET {what} WHERE id = {id}");
    seed("different", "amount", &|id| set("amount = 12345.67", id))?;
    seed("different", "bd", &|id| {
        let value: f64 = format!("{id}e-1").parse().unwrap_or(0.0);
        set(
            &format!("bd = {:?}", f64::from_bits(value.to_bits() + 1)),
            id,
        )
    })?;
    seed("different", "v", &|id| set("v = ''", id))?;
    seed("missing", "", &|id| {
        format!("DELETE FROM typed.differ WHERE id = {id}")
    })?;
    seed("different", "v", &|id| {
        set(
            &format!("v = 'text of {} that is long enough to count'", id + 1),
            id,
        )
    })?;
    for id in count..count + each {
        node.run(&format!(
            "INSERT INTO typed.differ (id, v) VALUES ({id}, 'extra')"
        ))?;
        wanted.insert((id.to_string(), "extra".into()), String::new());
    }
    let clock = std::time::Instant::now();
    let report = load.verify(1)?;
    eprintln!(
        "live: {} differences found in {:.1?}",
        wanted.len(),
        clock.elapsed()
    );
    for d in report["differences"].as_array().into_iter().flatten() {
        let key = d["key"][0][1].as_str().unwrap_or("").to_string();
        let kind = d["kind"].as_str().unwrap_or("").to_string();
        let columns: Vec<&str> = d["columns"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|c| c["column"].as_str())
            .collect();
        let expected = wanted.remove(&(key, kind));
        ensure(
            expected.as_deref() == Some(columns.join(",").as_str()),
            || format!("unexpected: {d}"),
        )?;
    }
    ensure(wanted.is_empty(), || format!("not found: {wanted:?}"))
}

/// Orders by their number and by their customer, with the customer's name beside them, from two files.
fn one_read_fills_two_tables(stack: &Stack) -> Live<()> {
    let node = stack.cassandra()?;
    node.run(KEYSPACE)?;
    node.run(
        "CREATE TABLE typed.orders (id int PRIMARY KEY, customer int, name text, bucket int)",
    )?;
    node.run(
        "CREATE TABLE typed.orders_by_customer (customer int, id int, name text static, PRIMARY KEY (customer, id))",
    )?;
    let orders = b"ID,CUSTOMER\n1,7\n2,8\n3,7\n4,9\n";
    let customers = b"CUSTOMER_ID;NAME\n7;\"Ueda; Aoi\"\n8;Baba\n";
    let column = |from: &str, to: &str, text: bool| {
        let (oracle, cql) = match text {
            true => ("{ type = \"varchar\", length = 40 }", "text"),
            false => ("{ type = \"number\", precision = 9, scale = 0 }", "int"),
        };
        format!("from = \"{from}\"\nto = \"{to}\"\noracle = {oracle}\ncql = \"{cql}\"\n")
    };
    let all = [
        column("ID", "id", false),
        column("CUSTOMER", "customer", false),
        column("C.NAME", "name", true),
    ];
    let own: String = all.iter().map(|c| format!("[[columns]]\n{c}")).collect();
    let also: String = all
        .iter()
        .map(|c| format!("[[also.columns]]\n{c}"))
        .collect();
    let rest = format!(
        "{own}[[derived]]\nto = \"bucket\"\ncql = \"int\"\nvalue = {{ kind = \"hash_bucket\", of = [\"CUSTOMER\"], buckets = 8 }}\n\
         [[also]]\ntable = \"orders_by_customer\"\n{also}\
         [[join]]\ntable = \"T.CUSTOMERS\"\nprefix = \"C\"\non = [\"CUSTOMER\"]\nkey = [\"CUSTOMER_ID\"]\nrequired = true\nmemory_mb = 1\n\
         source = {{ kind = \"csv\", files = [\"customers.csv\"], separator = \";\" }}\n"
    );
    let files: [(&str, &[u8]); 2] = [("rows.csv", orders), ("customers.csv", customers)];
    let load = Load::new(node, "orders", &files, "", &rest)?;
    let totals = load.load(1)?;
    ensure(totals["written"] == 3 && totals["rejected"] == 1, || {
        totals.to_string()
    })?;
    let names: Vec<(i32, i32, String)> =
        node.rows("SELECT customer, id, name FROM typed.orders_by_customer")?;
    let names: BTreeMap<i32, (i32, String)> =
        names.into_iter().map(|(c, i, n)| (i, (c, n))).collect();
    let wanted = [
        (1, (7, "Ueda; Aoi")),
        (2, (8, "Baba")),
        (3, (7, "Ueda; Aoi")),
    ];
    let wanted: BTreeMap<i32, (i32, String)> = wanted
        .into_iter()
        .map(|(i, (c, n))| (i, (c, n.to_string())))
        .collect();
    ensure(names == wanted, || format!("{names:?}"))?;
    let done = load.run(&["backfill", "verify"], 0)?;
    ensure(done.stdout.matches(": equal:").count() == 2, || {
        done.stdout.clone()
    })
}
