//! Comparisons against a target in memory.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::plan::model::{ColumnMap, CqlType, CsvSource};
use crate::rel::DataType;
use crate::run::convert::{Encoder, Recipe, TargetTable, TextForms, values};
use crate::run::row::RowBatch;
use crate::run::source::RowSource;
use crate::run::source::csv::CsvRows;

/// Rows by stored key.
struct Memory {
    shape: Shape,
    rows: Mutex<BTreeMap<Vec<u8>, TargetRow>>,
    /// Rows that come between scan and second look.
    late: Vec<TargetRow>,
}

impl Memory {
    fn key(&self, row: &TargetRow) -> Vec<u8> {
        self.shape
            .stored_key(&row.iter().map(|v| v.as_deref()).collect::<Vec<_>>())
    }

    fn put(&self, row: TargetRow) {
        self.rows.lock().expect("rows").insert(self.key(&row), row);
    }
}

impl Target for Memory {
    fn scan(&self, visit: &Visit<'_>) -> Result<(), RunError> {
        for row in self.rows.lock().expect("rows").values() {
            visit(&row.iter().map(|v| v.as_deref()).collect::<Vec<_>>());
        }
        Ok(())
    }

    fn fetch(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<TargetRow>>, RunError> {
        self.late.iter().for_each(|row| self.put(row.clone()));
        let rows = self.rows.lock().expect("rows");
        Ok(keys.iter().map(|k| rows.get(k).cloned()).collect())
    }
}

struct Bench {
    _folder: tempfile::TempDir,
    source: CsvRows,
    encoder: Encoder,
    target: Memory,
}

impl Bench {
    /// The text as source, and as target what it converts to.
    fn new(text: &str) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("t.csv"), text).expect("writes");
        let csv = CsvSource {
            files: vec!["t.csv".into()],
            ..CsvSource::default()
        };
        let source = CsvRows::open(&csv, &[], folder.path()).expect("opens");
        let map = |from: &str, oracle, cql| ColumnMap {
            from: from.into(),
            to: from.to_lowercase(),
            oracle,
            cql,
        };
        let columns = [
            map("ID", DataType::integer(9), CqlType::Int),
            map("AMOUNT", DataType::number(), CqlType::Decimal),
            map("D", DataType::BinaryDouble, CqlType::Double),
            map("NAME", DataType::Char { length: 20 }, CqlType::Text),
        ];
        let table = TargetTable::of_spec("t", &columns, &[], &["id".into()], &[]);
        let recipe = Recipe {
            columns: &columns,
            derived: &[],
            null_as: &BTreeMap::new(),
        };
        let encoder =
            Encoder::new(source.columns(), recipe, table, &TextForms::default()).expect("compiles");
        let target = Memory {
            shape: Shape::new(encoder.table().clone(), None),
            rows: Mutex::default(),
            late: Vec::new(),
        };
        let bench = Bench {
            _folder: folder,
            source,
            encoder,
            target,
        };
        bench.load();
        bench
    }

    fn load(&self) {
        let mut batch = RowBatch::new();
        for chunk in self.source.plan_chunks(1).expect("plans") {
            let mut reader = self.source.open(&chunk, None).expect("opens");
            while reader.next(&mut batch).expect("reads") {
                for row in 0..batch.len() {
                    let mut encoded = Vec::new();
                    if self.encoder.encode(&batch, row, &mut encoded).is_ok() {
                        self.target
                            .put(values(&encoded).map(|v| v.map(<[u8]>::to_vec)).collect());
                    }
                }
            }
        }
    }

    fn compare(&self, options: &Options) -> Report {
        let chunks = self.source.plan_chunks(8).expect("plans");
        let side = SourceSide {
            source: &self.source,
            chunks: &chunks,
            encoder: &self.encoder,
            shape: &self.target.shape,
            scn: None,
            readers: 2,
        };
        compare(side, &self.target, options).expect("compares")
    }

    fn change(&self, id: i32, change: impl FnOnce(&mut TargetRow)) {
        let mut rows = self.target.rows.lock().expect("rows");
        let row = rows
            .values_mut()
            .find(|r| r[0] == Some(id.to_be_bytes().to_vec()));
        change(row.expect("a row"));
    }
}

fn quick() -> Options {
    Options {
        settle: Duration::ZERO,
        ..Options::default()
    }
}

fn table(rows: i32) -> String {
    let row = |i: i32| format!("{i},{}.50,{}e-3,name {i}   \n", i % 97, i);
    format!(
        "ID,AMOUNT,D,NAME\n{}",
        (0..rows).map(row).collect::<String>()
    )
}

#[test]
fn equal_data_is_equal_however_it_is_written() {
    let bench = Bench::new(&table(5000));
    // The same numbers with another scale, as another writer may have put them.
    bench.change(3, |row| row[1] = Some(vec![0, 0, 0, 3, 0x0d, 0xac]));
    let report = bench.compare(&quick());
    assert!(report.equal, "{}", report.text(5));
    assert_eq!(
        (
            report.source_rows,
            report.target_rows,
            report.buckets_differing
        ),
        (5000, 5000, 0)
    );
}

#[test]
fn every_seeded_difference_is_found_and_nothing_else() {
    let bench = Bench::new(&table(20_000));
    let mut seed = fastrand::Rng::with_seed(7);
    let mut ids: Vec<i32> = (0..20_000).collect();
    seed.shuffle(&mut ids);
    let mut wanted: BTreeMap<(Kind, String), usize> = BTreeMap::new();
    let mut expect = |kind, id: i32| *wanted.entry((kind, id.to_string())).or_default() += 1;
    for id in &ids[..100] {
        bench.change(*id, |row| row[1] = Some(vec![0, 0, 0, 9, 77]));
        expect(Kind::Different, *id);
    }
    for id in &ids[100..150] {
        let ulp = (f64::from(*id) * 1e-3).to_bits() + 1;
        bench.change(*id, |row| row[2] = Some(ulp.to_be_bytes().to_vec()));
        expect(Kind::Different, *id);
    }
    for id in &ids[150..200] {
        bench.change(*id, |row| row[3] = Some(Vec::new()));
        expect(Kind::Different, *id);
    }
    for id in &ids[200..250] {
        bench
            .target
            .rows
            .lock()
            .expect("rows")
            .retain(|_, r| r[0] != Some(id.to_be_bytes().to_vec()));
        expect(Kind::Missing, *id);
    }
    for id in 100_000i32..100_050 {
        bench
            .target
            .put(vec![Some(id.to_be_bytes().to_vec()), None, None, None]);
        expect(Kind::Extra, id);
    }
    for pair in ids[250..300].chunks(2) {
        let mut names = [pair[0], pair[1]].map(|id| format!("name {id}"));
        names.swap(0, 1);
        for (id, name) in pair.iter().zip(names) {
            bench.change(*id, |row| row[3] = Some(name.into_bytes()));
            expect(Kind::Different, *id);
        }
    }
    for drill_rows in [1000, 2_000_000] {
        let report = bench.compare(&Options {
            drill_rows,
            ..quick()
        });
        let mut found: BTreeMap<(Kind, String), usize> = BTreeMap::new();
        for d in &report.differences {
            *found
                .entry((d.kind, d.key[0].1.clone().expect("a key")))
                .or_default() += 1;
        }
        assert_eq!(found, wanted);
        assert_eq!(
            (report.missing, report.extra, report.different),
            (50, 50, 250)
        );
        assert!(!report.equal);
        let one = report
            .differences
            .iter()
            .find(|d| d.kind == Kind::Different)
            .expect("one");
        assert_eq!(one.columns.len(), 1);
        assert!(
            one.position
                .as_ref()
                .is_some_and(|p| p.to_string().starts_with("t.csv:"))
        );
    }
}

#[test]
fn changes_in_flight_are_maybe() {
    let mut bench = Bench::new(&table(50));
    let row = |bench: &Bench, id: i32| {
        let rows = bench.target.rows.lock().expect("rows");
        rows.values()
            .find(|r| r[0] == Some(id.to_be_bytes().to_vec()))
            .expect("a row")
            .clone()
    };
    let settled = row(&bench, 7);
    bench.change(7, |row| row[3] = None);
    let mut other = row(&bench, 8);
    other[3] = Some(b"newer".to_vec());
    bench.target.late = vec![settled, other];
    bench.change(8, |row| row[3] = None);
    let report = bench.compare(&quick());
    assert_eq!(
        (report.in_flight, report.different, report.equal),
        (2, 0, true)
    );
}

#[test]
fn keys_twice_in_the_source_are_told_and_rejects_counted() {
    let bench = Bench::new("ID,AMOUNT,D,NAME\n1,1,1,a\n2,2,2,b\n1,1,1,a\n2,2,2,c\nx,1,1,a\n");
    let report = bench.compare(&quick());
    assert_eq!((report.source_duplicates, report.source_rejected), (1, 1));
    assert_eq!(report.differences.len(), 1);
    assert_eq!(
        report.differences[0].key,
        [("id".to_string(), Some("2".to_string()))]
    );
    assert!(!report.equal);
}

#[test]
fn what_is_not_read_is_said() {
    let bench = Bench::new(&table(3000));
    bench.target.rows.lock().expect("rows").clear();
    let report = bench.compare(&Options {
        max_differences: 10,
        drill_rows: 100,
        ..quick()
    });
    assert_eq!(report.differences.len(), 10);
    assert!(report.buckets_not_read > 0 && !report.equal);
    assert!(
        report.text(3).contains("... and 7 more"),
        "{}",
        report.text(3)
    );
    let json = serde_json::to_value(&report).expect("JSON");
    assert_eq!(json["differences"][0]["kind"], "missing");
}
