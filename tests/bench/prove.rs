//! Speed of `prove`: `cargo bench --bench prove`. Prints a line a figure; ends with 1 where a figure misses its mark.
//!
//! - simple statements a second in the interpreter;
//! - rows a second through a filter and a hash aggregate, in the evaluator of plans and in the interpreter's queries;
//! - a thousand random databases for one job of `samples/retail`, on one core and on all.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use chrono::NaiveDate;
use ora2stream::catalog::build::{CatalogConfig, build};
use ora2stream::prove::eval::{self, Session, Table, Tables};
use ora2stream::prove::interp::{Estate, Limits, Machine};
use ora2stream::rel::{
    AggFunction, CmpOp, ColumnRef, DataType, Literal, Named, NamedAgg, Rel, Scalar, Scan,
    ScanColumn, TableName,
};
use ora2stream::source::{SourceFile, SourceMap};
use ora2stream::syntax::parse_all;
use ora2stream::value::{Nls, Number, Value};

const STATEMENTS: &str = "DECLARE n NUMBER := 0; m NUMBER := 0;
BEGIN
  FOR i IN 1 .. 1000000 LOOP
    n := n + MOD(i, 7);
    IF n > 1000 THEN
      n := 0;
    END IF;
    m := n * 2;
  END LOOP;
END;";

const ROWS: i64 = 1_000_000;

/// A figure against its mark.
fn tell(what: &str, figure: f64, mark: f64, at_most: bool) -> bool {
    let good = if at_most {
        figure <= mark
    } else {
        figure >= mark
    };
    let word = if good { "ok" } else { "MISSED" };
    println!("{what}: {figure:.1} (mark {mark}) {word}");
    good
}

fn with_machine<T>(ddl: &str, f: impl FnOnce(&mut Machine<'_>) -> T) -> T {
    let mut map = SourceMap::default();
    map.add(SourceFile::from_text("ddl.sql", ddl));
    let files = parse_all(&map);
    let config = CatalogConfig {
        schemas: vec!["S".into()],
        entry_points: Vec::new(),
        schedule_files: Vec::new(),
    };
    let catalog = build(&map, &files, &[], &config);
    let est = Estate {
        map: &map,
        files: &files,
        catalog: &catalog,
    };
    let limits = Limits {
        fuel: 1_000_000_000,
        ..Limits::default()
    };
    let clock = NaiveDate::from_ymd_opt(2024, 3, 5).and_then(|d| d.and_hms_opt(1, 0, 0));
    let mut m = Machine::new(est, limits, clock.expect("a date"));
    f(&mut m)
}

fn statements() -> f64 {
    with_machine("", |m| {
        let start = Instant::now();
        m.run_text(STATEMENTS, "S").expect("runs");
        // Four statements a turn; the assignment in the IF runs once in 334 turns.
        4_000_000.0 / start.elapsed().as_secs_f64()
    })
}

fn column(name: &str, ty: DataType) -> ScanColumn {
    ScanColumn {
        name: name.into(),
        ty,
        nullable: false,
    }
}

fn aggregate() -> Rel {
    let number = DataType::Number {
        precision: Some(10),
        scale: Some(0),
    };
    let of = |name: &str| {
        Scalar::Column(ColumnRef {
            relation: "T".into(),
            name: name.into(),
            ty: number.clone(),
            nullable: false,
        })
    };
    let scan = Rel::Scan(Scan {
        table: TableName::new("S", "T"),
        alias: "T".into(),
        columns: vec![column("G", number.clone()), column("V", number.clone())],
    });
    Rel::Aggregate {
        input: Box::new(Rel::Filter {
            input: Box::new(scan),
            predicate: Scalar::Compare {
                cmp: CmpOp::Ge,
                left: Box::new(of("V")),
                right: Box::new(Scalar::Literal(Literal::Number("10".into()))),
            },
        }),
        keys: vec![Named {
            name: "G".into(),
            expr: of("G"),
        }],
        aggs: vec![NamedAgg {
            name: "S".into(),
            function: AggFunction::Sum,
            distinct: false,
            arg: Some(of("V")),
            separator: None,
            order_by: Vec::new(),
            ty: DataType::number(),
        }],
    }
}

fn evaluator() -> f64 {
    let number = |n: i64| Value::Number(Number::from(n));
    let rows = (0..ROWS).map(|i| vec![number(i % 1000), number(i % 997)]);
    let table = Table {
        columns: vec!["G".into(), "V".into()],
        rows: rows.collect(),
    };
    let mut tables = Tables::new();
    tables.insert(TableName::new("S", "T"), table);
    let session = Session {
        now: chrono::NaiveDateTime::MIN,
        user: String::new(),
        nls: Nls::default(),
        fuel: u64::MAX,
    };
    let rel = aggregate();
    let start = Instant::now();
    let found = eval::rows(&rel, &tables, &session).expect("rows");
    assert_eq!(found.len(), 1000);
    ROWS as f64 / start.elapsed().as_secs_f64()
}

fn queries() -> f64 {
    with_machine("CREATE TABLE s.t (g NUMBER(10), v NUMBER(10));", |m| {
        let number = |n: i64| Value::Number(Number::from(n));
        for i in 0..ROWS {
            m.load(0, vec![number(i % 1000), number(i % 997)])
                .expect("fits");
        }
        let query = "DECLARE n NUMBER; BEGIN SELECT COUNT(*) INTO n FROM (SELECT g, SUM(v) s FROM t WHERE v >= 10 GROUP BY g); dbms_output.put_line(n); END;";
        let start = Instant::now();
        m.run_text(query, "S").expect("runs");
        assert_eq!(m.output, ["1000"]);
        ROWS as f64 / start.elapsed().as_secs_f64()
    })
}

/// Seconds for a thousand databases of one job.
fn thousand(threads: Option<&str>) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ora2stream"));
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/retail");
    command.arg("prove").arg(sample);
    command.args(["--job", "daily_sales", "--cases", "1000", "--quiet"]);
    if let Some(n) = threads {
        command.env("RAYON_NUM_THREADS", n);
    }
    let start = Instant::now();
    let done = command.output().expect("runs");
    assert!(done.status.success(), "{done:?}");
    start.elapsed().as_secs_f64()
}

fn main() -> ExitCode {
    let one = thousand(Some("1"));
    let all = thousand(None);
    let good = [
        tell("statements a second", statements(), 200_000.0, false),
        tell("evaluator: rows a second", evaluator(), 1_000_000.0, false),
        tell("interpreter: rows a second", queries(), 1_000_000.0, false),
        tell("1,000 databases, one core, seconds", one, 10.0, true),
        tell("1,000 databases, all cores, seconds", all, 10.0, true),
    ];
    if good.iter().all(|g| *g) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
