//! Files as exports write them, read whole and in chunks.

use std::io::Write;

use proptest::prelude::*;

use super::*;

type Rows = Vec<Vec<Option<String>>>;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.path().join(name), bytes).expect("writes");
    }

    fn open(&self, change: impl FnOnce(&mut CsvSource)) -> Result<CsvRows, SourceError> {
        let mut csv = CsvSource {
            files: vec!["*".into()],
            ..CsvSource::default()
        };
        change(&mut csv);
        CsvRows::open(&csv, &[], self.0.path())
    }
}

fn read(rows: &CsvRows, chunks: &[ChunkRange]) -> (Rows, Vec<(String, u64)>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let mut batch = RowBatch::new();
    for chunk in chunks {
        let mut reader = rows.open(chunk, None).expect("opens");
        while reader.next(&mut batch).expect("reads") {
            for row in 0..batch.len() {
                let text = |c| {
                    batch
                        .cell(row, c)
                        .map(|t| String::from_utf8_lossy(t).into_owned())
                };
                good.push((0..batch.width()).map(text).collect());
            }
            for b in batch.bad() {
                let line = match &b.position {
                    crate::run::row::Position::File { line, .. } => *line,
                    other => panic!("{other}"),
                };
                bad.push((b.reason.code().to_string(), line));
            }
        }
        assert!(batch.is_empty() && batch.bad().is_empty());
    }
    (good, bad)
}

/// One file's rows, in one chunk, in a flat form: `|` between cells, `~` for NULL.
fn flat(bytes: &[u8], change: impl FnOnce(&mut CsvSource)) -> (Vec<String>, Vec<(String, u64)>) {
    let folder = Folder::new();
    folder.put("T.csv", bytes);
    let rows = folder.open(change).expect("opens");
    let (good, bad) = read(&rows, &rows.plan_chunks(1).expect("plans"));
    let show = |row: &Vec<Option<String>>| {
        let cells: Vec<&str> = row.iter().map(|c| c.as_deref().unwrap_or("~")).collect();
        cells.join("|")
    };
    (good.iter().map(show).collect(), bad)
}

fn good(bytes: &[u8], change: impl FnOnce(&mut CsvSource)) -> Vec<String> {
    let (good, bad) = flat(bytes, change);
    assert!(bad.is_empty(), "{bad:?}");
    good
}

#[test]
fn dialects_are_read() {
    let plain = |_: &mut CsvSource| {};
    assert_eq!(
        good(b"A,B\r\n1,\"x,\"\"y\"\"\r\n\"\r\n2,\r\n", plain),
        ["1|x,\"y\"\r\n", "2|~"]
    );
    assert_eq!(
        good(b"\xef\xbb\xbfA,B\n1,5\" pipe\n", plain),
        ["1|5\" pipe"]
    );
    assert_eq!(good(b"\"A\",\"B\"\n\"\",\"x\"", plain), ["~|x"]);
    // SQL*Plus SET MARKUP CSV ON: a blank line above the header and between pages.
    assert_eq!(
        good(b"\n\"A\",\"B\"\n1,\"x\"\n\n2,\"y\"\n", plain),
        ["1|x", "2|y"]
    );
    let tab = |c: &mut CsvSource| (c.separator, c.quote) = ("\\t".into(), String::new());
    assert_eq!(good(b"A\tB\n\"1\tx\n", tab), ["\"1|x"]);
    let wide = |c: &mut CsvSource| c.separator = "||".into();
    assert_eq!(
        good(b"A||B\n1|2||\"x||y\"\n3||\n", wide),
        ["1|2|x||y", "3|~"]
    );
    let escaped = |c: &mut CsvSource| (c.escape, c.null) = ("\\".into(), "\\N".into());
    assert_eq!(
        good(b"A,B\n\\N,\"a\\\"b\\\\\"\n\"\\\\N\",\\x\n", escaped),
        ["~|a\"b\\", "\\N|\\x"]
    );
    let nulls = |c: &mut CsvSource| (c.null, c.more_nulls) = ("NULL".into(), vec!["-".into()]);
    assert_eq!(
        good(b"A,B\nNULL,\"NULL\"\n-,--\n", nulls),
        ["~|NULL", "~|--"]
    );
    let skip = |c: &mut CsvSource| c.skip = 2;
    assert_eq!(good(b"-- a\n-- b\nA\n1\n", skip), ["1"]);
}

#[test]
fn columns_are_named_by_header_list_or_dictionary() {
    let folder = Folder::new();
    folder.put("T_1.csv", b"1,2\n");
    folder.put(
        "columns.csv",
        b"TABLE_NAME,COLUMN_NAME,COLUMN_ID\nT,B,2\nT,A,1\nU,C,1\n",
    );
    let names = |change: &dyn Fn(&mut CsvSource)| {
        let rows = folder.open(|c| {
            (c.files, c.header) = (vec!["T_*.csv".into()], Header::Absent);
            change(c);
        });
        rows.map(|r| r.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>())
    };
    assert_eq!(
        names(&|c| c.columns = vec!["X".into(), "Y".into()]).expect("opens"),
        ["X", "Y"]
    );
    assert_eq!(
        names(&|c| c.dictionary = Some("columns.csv".into())).expect("opens"),
        ["A", "B"]
    );
    assert!(names(&|_| {}).is_err());
    folder.put("T_2.csv", b"9,2\n");
    assert!(
        names(&|c| c.header = Header::Present).is_err(),
        "two headers"
    );
}

#[test]
fn encodings_become_utf8() {
    let encode =
        |e: &'static encoding_rs::Encoding| e.encode("A,B\n1,表示ソ\n2,\"予,算\"\n").0.into_owned();
    let wanted = ["1|表示ソ", "2|予,算"];
    for e in [
        encoding_rs::SHIFT_JIS,
        encoding_rs::EUC_JP,
        encoding_rs::ISO_2022_JP,
        encoding_rs::GB18030,
    ] {
        assert_eq!(
            good(&encode(e), |c| c.encoding = e.name().into()),
            wanted,
            "{}",
            e.name()
        );
    }
    let utf16: Vec<u8> = "A,B\n1,表示ソ\n2,\"予,算\"\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(good(&utf16, |c| c.encoding = "UTF-16LE".into()), wanted);
    let (rows, bad) = flat(b"A,B\n1,x\n2,\xff\xfe\n3,y\n", |_| {});
    assert_eq!(
        (rows, bad),
        (
            vec!["1|x".into(), "3|y".into()],
            vec![("encoding".into(), 3)]
        )
    );
    let (rows, bad) = flat(b"A,B\n1,\x82\n3,\x95\\\n", |c| {
        c.encoding = "Shift_JIS".into()
    });
    assert_eq!(
        (rows, bad),
        (vec!["3|表".into()], vec![("encoding".into(), 2)])
    );
}

#[test]
fn packed_files_are_unpacked_and_damaged_ones_said() {
    let text = b"A,B\n1,x\n2,y\n";
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text).expect("packs");
    let gz = gz.finish().expect("packs");
    let zst = zstd::encode_all(&text[..], 3).expect("packs");
    for packed in [&gz, &zst] {
        assert_eq!(good(packed, |_| {}), ["1|x", "2|y"]);
    }
    let folder = Folder::new();
    folder.put("T.csv.gz", &gz[..gz.len() - 9]);
    let rows = folder.open(|_| {});
    let failed = rows.and_then(|rows| {
        let mut reader = rows.open(&rows.plan_chunks(1)?[0], None)?;
        let mut batch = RowBatch::new();
        while reader.next(&mut batch)? {}
        Ok(())
    });
    assert!(matches!(failed, Err(SourceError::Io { .. })));
}

#[test]
fn bad_records_are_told_and_the_others_arrive() {
    let file = b"A,B\n1,x\n2\n3,\"a\"b\n4,y,z\n5,\"open\n6,w\n7,v\n";
    let (rows, bad) = flat(file, |_| {});
    assert_eq!(rows, ["1|x", "6|w", "7|v"]);
    let bad: Vec<_> = bad.iter().map(|(c, l)| (c.as_str(), *l)).collect();
    assert_eq!(
        bad,
        [
            ("column-count", 3),
            ("quote-end", 4),
            ("column-count", 5),
            ("quote-open", 6)
        ]
    );
}

#[test]
fn a_record_beyond_the_limit_is_bad_and_the_next_line_is_read() {
    let mut file = b"A,B\n1,\"".to_vec();
    file.extend(std::iter::repeat_n(b'x', 300_000));
    file.extend_from_slice(b"\n2,y\n");
    let (rows, bad) = flat(&file, |c| c.max_record = 4096);
    assert_eq!(
        (rows, bad),
        (vec!["2|y".into()], vec![("quote-open".into(), 2)])
    );
}

#[test]
fn large_records_grow_the_block() {
    let big = "z".repeat(900_000);
    let file = format!("A,B\n1,\"{big}\"\"\n\"\n2,y\n");
    let rows = good(file.as_bytes(), |_| {});
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].len(), 900_000 + 4);
}

#[test]
fn a_changed_file_has_another_fingerprint() {
    let folder = Folder::new();
    let mut bytes = b"A,B\n".to_vec();
    bytes.extend(b"1,x\n".repeat(50_000));
    folder.put("T.csv", &bytes);
    let print = || {
        folder
            .open(|_| {})
            .expect("opens")
            .fingerprint()
            .expect("reads")
    };
    let before = print();
    assert_eq!(before, print());
    let middle = bytes.len() - 10;
    bytes[middle] = b'y';
    folder.put("T.csv", &bytes);
    assert_ne!(before, print());
    folder.put("U.csv", b"A,B\n");
    assert_ne!(before, print());
}

/// A field in one of the ways that exports write it.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 ]{0,12}",
        "[a-z]{0,3}\"[a-z]{1,3}",
        "\"[a-z,\n]{0,9}\"",
        "\"[a-z]{0,4}\"\"[\n,a-z]{0,4}\"\"[a-z]{0,4}\"",
        Just("\"\"".to_string()),
    ]
}

/// What breaks a line: a stray quote, an open one, a column too many.
fn broken() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("1,\"open".to_string()),
        Just("\"a\"b,2".to_string()),
        Just("1,2,3".to_string()),
        Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Chunks hold what one reader of the whole file sees, also when the file is damaged.
    #[test]
    fn chunks_are_the_file(
        lines in proptest::collection::vec(
            prop_oneof![60 => (field(), field()).prop_map(|(a, b)| format!("{a},{b}")), 1 => broken()],
            1..400,
        ),
        repeat in 1usize..40,
        crlf in any::<bool>(),
        damage in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let kept: Vec<_> = lines.iter().filter(|l| damage || !matches!(l.as_str(), "1,\"open" | "\"a\"b,2")).collect();
        let body: String = kept.iter().map(|l| format!("{l}{end}")).collect();
        let folder = Folder::new();
        folder.put("T.csv", format!("A,B{end}{}", body.repeat(repeat)).as_bytes());
        let rows = folder.open(|_| {}).expect("opens");
        let whole = read(&rows, &[ChunkRange::File { file: "T.csv".into() }]);
        for wanted in [2, 7, 100] {
            let chunks = rows.plan_chunks(wanted).expect("plans");
            let mut parts = read(&rows, &chunks);
            // At the end of a chunk a quote that does not belong looks like one that does not close.
            for (part, one) in parts.1.iter_mut().zip(&whole.1) {
                if part.0.starts_with("quote") && one.0.starts_with("quote") {
                    part.0.clone_from(&one.0);
                }
            }
            prop_assert_eq!(&parts, &whole, "{} chunks: {:?}", chunks.len(), chunks);
        }
    }
}
