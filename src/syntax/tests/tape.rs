//! Total and lossless on any text.

use proptest::prelude::*;

use super::*;

/// Pieces that meet in odd ways.
fn soup() -> impl Strategy<Value = String> {
    let pieces = [
        "SELECT",
        "FROM",
        "t",
        "BEGIN",
        "END",
        ";",
        "\n/\n",
        "(",
        ")",
        ",",
        "IF",
        "THEN",
        "ELSE",
        "LOOP",
        "CASE",
        "WHEN",
        "CREATE",
        "OR REPLACE",
        "PACKAGE",
        "BODY",
        "p",
        "IS",
        "AS",
        "PROCEDURE",
        "FUNCTION",
        "DECLARE",
        "EXCEPTION",
        "'x'",
        "'",
        "q'[",
        "]'",
        "/*",
        "*/",
        "--",
        "\n",
        "$IF",
        "$THEN",
        "$ELSE",
        "$END",
        "&x",
        ":b",
        ":=",
        "=>",
        "..",
        ".",
        "1",
        "||",
        "INSERT",
        "INTO",
        "UPDATE",
        "SET",
        "DELETE",
        "MERGE",
        "USING",
        "ON",
        "WITH",
        "UNION",
        "EXECUTE",
        "IMMEDIATE",
        "BULK",
        "COLLECT",
        "FORALL",
        "FOR",
        "IN",
        "LIKE",
        "BETWEEN",
        "AND",
        "NOT",
        "NULL",
        "TABLE",
        "TRIGGER",
        "TYPE",
        "OVER",
        "KEEP",
        "EXISTS",
        "日本",
        "\u{3000}",
        "\"",
        "<<",
        ">>",
        "%",
        "ROWTYPE",
        "@",
        "SET DEFINE OFF\n",
        "PROMPT it's\n",
        "ALTER",
        "ADD",
        "GRANT",
        "TO",
        "RETURN",
        "RETURNING",
        "FETCH",
        "OPEN",
        "CLOSE",
        "PRAGMA",
        "CURSOR",
    ];
    let piece = prop::sample::select(pieces.to_vec());
    prop::collection::vec((piece, prop::sample::select(vec![" ", "", "\n"])), 0..60)
        .prop_map(|v| v.iter().map(|(a, b)| format!("{a}{b}")).collect())
}

fn check(text: &str) {
    let script = Script::new(text);
    let file = ParsedFile {
        file: FileId(0),
        units: script.units,
    };
    super::corpus::assert_round_trip(text, &file);
    let _ = census(&file);
    for unit in &file.units {
        let _ = dump(&script.map, unit);
        assert!(unit.error_bytes <= text.len() as u64);
        for d in &unit.errors {
            let s = d.labels[0].span;
            assert!(text.get(s.start as usize..s.end as usize).is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn token_soup_is_read_without_loss(text in soup()) {
        check(&text);
    }

    #[test]
    fn any_text_is_read_without_loss(text in "\\PC{0,200}") {
        check(&text);
    }
}

#[test]
fn samples_print_back_as_they_are() {
    let mut files = Vec::new();
    super::corpus::files(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples"),
        &mut files,
    );
    for path in files {
        let text = super::corpus::read(&path);
        let script = Script::clean(&text);
        let file = ParsedFile {
            file: FileId(0),
            units: script.units,
        };
        super::corpus::assert_round_trip(&text, &file);
    }
}

#[test]
fn bad_bytes_of_every_kind() {
    for text in [
        "\0\0\0",
        "SELECT 1\rFROM dual\r;\r",
        "\u{feff}SELECT 1 FROM dual;",
        "BEGIN NULL; END;\r\n/\r\nBEGIN NULL; END;\n/\n",
    ] {
        check(text);
    }
    Script::clean("\u{feff}SELECT 1\rFROM dual\r;\r\nBEGIN NULL; END;\r\n/\r\n");
}
