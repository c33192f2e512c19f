//! The completeness gate fails when something that was read is not reported.

use std::path::Path;

use ora2stream::assess::{AssessInput, build, census};
use ora2stream::catalog::build::{CatalogConfig, build as build_catalog};
use ora2stream::cli::config::Encodings;
use ora2stream::cli::input::{Reading, read};
use ora2stream::dataflow::analyze;
use ora2stream::dataflow::model::Flows;
use ora2stream::plan::build::{BuildInput, build as build_plan};
use ora2stream::plan::config::ProjectConfig;
use ora2stream::rules::Registry;
use ora2stream::source::Input;
use ora2stream::syntax::{ParsedFile, parse_all};

fn sample() -> Input {
    let encodings = Encodings::all(None);
    let reading = Reading {
        encodings: &encodings,
        exclude: &[],
        schedule_files: &[],
        out: None,
        max_bytes: ora2stream::cli::input::MAX_READ,
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/retail");
    read(&path, reading, &|_| {}).expect("the sample")
}

/// The gate over a pipeline that is tampered with between its rooms.
fn gate(
    lose_unit: impl Fn(&mut Vec<ParsedFile>),
    lose_write: impl Fn(&mut Flows),
) -> ora2stream::assess::model::Gate {
    let input = sample();
    let map = &input.sources;
    let whole = parse_all(map);
    let mut files = parse_all(map);
    lose_unit(&mut files);
    let config = ProjectConfig::default();
    let registry = Registry::builtin().expect("the built-in rules");
    let catalog = build_catalog(map, &files, &[], &CatalogConfig::default());
    let mut flows = analyze(map, &files, &catalog);
    lose_write(&mut flows);
    let built = build_plan(&BuildInput {
        map,
        catalog: &catalog,
        flows: &flows,
        registry: &registry,
        config: &config,
        queries: Vec::new(),
    });
    let report = build(&AssessInput {
        input: &input,
        files: &files,
        census: census::take(&input, &whole),
        catalog: &catalog,
        flows: &flows,
        built: &built,
        findings: &[],
    });
    report.gate
}

#[test]
fn it_adds_up_when_nothing_is_lost() {
    let gate = gate(|_| {}, |_| {});
    assert!(gate.ok, "{gate:?}");
}

#[test]
fn a_lost_unit_is_noticed() {
    let lose = |files: &mut Vec<ParsedFile>| {
        let file = files
            .iter_mut()
            .find(|f| f.units.iter().any(|u| !u.is_command()));
        let units = &mut file.expect("a file with units").units;
        let at = units.iter().position(|u| !u.is_command()).expect("a unit");
        units.remove(at);
    };
    let gate = gate(lose, |_| {});
    assert!(!gate.ok);
    assert_eq!(gate.units_in, gate.units_reported + 1);
}

#[test]
fn a_lost_write_is_noticed() {
    let lose = |flows: &mut Flows| drop(flows.steps.pop());
    let gate = gate(|_| {}, lose);
    assert!(!gate.ok);
}

#[test]
fn a_lost_job_is_noticed() {
    let lose = |files: &mut Vec<ParsedFile>| {
        for f in files.iter_mut() {
            f.units.retain(|u| {
                !matches!(
                    u.ast[u.item].kind,
                    ora2stream::syntax::ast::ItemKind::Block(_)
                )
            });
        }
    };
    let gate = gate(lose, |_| {});
    assert!(!gate.ok);
    assert!(gate.jobs_in > gate.jobs_reported, "{gate:?}");
}

#[test]
fn a_job_is_one_by_whatever_name_its_package_is_called() {
    let text = b"CREATE TABLE a (id NUMBER PRIMARY KEY);\nCREATE TABLE b (id NUMBER PRIMARY KEY);\n\
        CREATE PROCEDURE p IS BEGIN DELETE FROM a; INSERT INTO a (id) SELECT id FROM b; END;\n/\n\
        BEGIN SYS.DBMS_SCHEDULER.CREATE_JOB(job_name => 'J', job_type => 'STORED_PROCEDURE', job_action => 'P',\n\
        repeat_interval => 'FREQ=DAILY', enabled => TRUE); END;\n/\n\
        DECLARE n NUMBER; BEGIN \"DBMS_JOB\" . submit (n, 'p;', SYSDATE, 'SYSDATE + 1'); END;\n/\n";
    let gate = gate_of(&[("a.sql", text)]);
    assert!(gate.ok, "{gate:?}");
    assert_eq!(gate.jobs_in, 2);
}

/// Runs the gate over an estate of texts.
fn gate_of(files: &[(&str, &[u8])]) -> ora2stream::assess::model::Gate {
    let dir = super::support::folder(files);
    let encodings = Encodings::all(None);
    let reading = Reading {
        encodings: &encodings,
        exclude: &[],
        schedule_files: &[],
        out: None,
        max_bytes: ora2stream::cli::input::MAX_READ,
    };
    let input = read(dir.path(), reading, &|_| {}).expect("readable");
    let registry = Registry::builtin().expect("the built-in rules");
    let config = ProjectConfig::default();
    ora2stream::pipeline::analyse(&input, &config, &registry, &[], &mut ())
        .report
        .gate
}

#[test]
fn it_adds_up_over_code_that_is_odd() {
    let body = b"CREATE OR REPLACE PACKAGE BODY p AS
        PROCEDURE a IS BEGIN INSERT INTO t VALUES (1); RETURN; UPDATE t SET x = 2; END;
        PROCEDURE b IS BEGIN DELETE t WHERE x = ; FORALL i IN 1..3 UPDATE t SET x = i; END;
        END;\n/\n";
    let cases: [(&str, &[u8]); 7] = [
        ("twice", body),
        ("after return", b"BEGIN RETURN; DELETE FROM t; END;\n/\n"),
        ("bad loop", b"BEGIN LOOP INSERT INTO t VALUES (1; END LOOP; UPDATE t SET a = 1; END;\n/\n"),
        ("cut", b"CREATE PROCEDURE q IS BEGIN IF a THEN UPDATE t SET x = 1; INSERT INTO t"),
        ("script", b"INSERT INTO t VALUES (1);\nDELETE FROM t;\nTRUNCATE TABLE t;\nFOO BAR;\nMERGE INTO;\n"),
        ("trigger", b"CREATE TRIGGER g BEFORE INSERT ON t BEGIN DELETE FROM u; END;\n/\n"),
        ("nested", b"CREATE PROCEDURE z IS PROCEDURE y IS BEGIN DELETE FROM t; END; BEGIN NULL; EXCEPTION WHEN OTHERS THEN INSERT INTO e VALUES (1); END;\n/\n"),
    ];
    for (name, text) in cases {
        let gate = gate_of(&[("a.sql", text), ("b.sql", text)]);
        assert!(gate.ok, "{name}: {gate:?}");
    }
}

/// A small generator of numbers: the same at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

/// One random injury: a stretch cut out, doubled, or replaced by a word that means something elsewhere.
fn injure(text: &str, dice: &mut Dice) -> String {
    const WORDS: [&str; 14] = [
        " BEGIN ",
        " END; ",
        ";",
        "'",
        "\"",
        "/*",
        "(",
        ")",
        " LOOP ",
        " THEN ",
        " INSERT INTO t ",
        " ELSE ",
        "\n/\n",
        " CREATE OR REPLACE PROCEDURE z IS ",
    ];
    let chars: Vec<char> = text.chars().collect();
    let from = dice.below(chars.len());
    let to = (from + dice.below(40)).min(chars.len());
    let part = |r: std::ops::Range<usize>| chars[r].iter().collect::<String>();
    let (head, middle, tail) = (part(0..from), part(from..to), part(to..chars.len()));
    match dice.below(3) {
        0 => head + &tail,
        1 => head + &middle + &middle + &tail,
        _ => head + WORDS[dice.below(WORDS.len())] + &middle + &tail,
    }
}

#[test]
fn it_adds_up_over_injured_code() {
    let registry = Registry::builtin().expect("the built-in rules");
    let config = ProjectConfig::default();
    let whole = sample();
    let mut dice = Dice(7);
    for round in 0..40 {
        let victim = dice.below(whole.sources.len());
        let mut input = Input::default();
        for (id, file) in whole.sources.iter() {
            let injured = id.0 as usize == victim;
            let text = if injured {
                injure(&file.text, &mut dice)
            } else {
                file.text.clone()
            };
            input.sources.add(ora2stream::source::SourceFile::from_text(
                file.path.clone(),
                text,
            ));
        }
        let report = ora2stream::pipeline::analyse(&input, &config, &registry, &[], &mut ()).report;
        let path = &whole
            .sources
            .file(ora2stream::source::FileId(victim as u32))
            .path;
        assert!(report.gate.ok, "round {round}, {path}: {:?}", report.gate);
    }
}
