//! Rows through the encoder, read back from their bytes.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::plan::model::{ColumnMap, CqlKind, Derivation, DerivedColumn};
use crate::rel::{ArithOp, CaseWhen, CmpOp, Literal, PeriodUnit, Scalar};
use crate::run::row::{Origin, RowBatch};
use crate::run::source::SourceColumn;

fn number(precision: u8, scale: i16) -> DataType {
    DataType::Number {
        precision: Some(precision),
        scale: Some(scale),
    }
}

fn map(from: &str, oracle: DataType, cql: CqlType) -> ColumnMap {
    ColumnMap {
        from: from.into(),
        to: from.to_lowercase(),
        oracle,
        cql,
    }
}

struct Table {
    columns: Vec<ColumnMap>,
    derived: Vec<DerivedColumn>,
    null_as: BTreeMap<String, String>,
    partition: Vec<String>,
    clustering: Vec<String>,
}

impl Table {
    fn new(columns: Vec<ColumnMap>, partition: &[&str], clustering: &[&str]) -> Table {
        let names = |key: &[&str]| key.iter().map(|k| k.to_string()).collect();
        Table {
            columns,
            derived: Vec::new(),
            null_as: BTreeMap::new(),
            partition: names(partition),
            clustering: names(clustering),
        }
    }

    fn encoder(&self) -> Result<Encoder, ConvertError> {
        let source: Vec<_> = self
            .columns
            .iter()
            .map(|c| SourceColumn {
                name: c.from.clone(),
                ty: None,
            })
            .collect();
        let recipe = Recipe {
            columns: &self.columns,
            derived: &self.derived,
            null_as: &self.null_as,
        };
        let table = TargetTable::of_spec(
            "t",
            &self.columns,
            &self.derived,
            &self.partition,
            &self.clustering,
        );
        Encoder::new(&source, recipe, table, &TextForms::default())
    }

    fn encode(&self, cells: &[&str]) -> Result<Vec<Option<Vec<u8>>>, Reject> {
        let mut batch = RowBatch::new();
        batch.reset(cells.len(), Origin::Numbered);
        cells
            .iter()
            .for_each(|c| batch.push_cell(Some(c.as_bytes())));
        batch.end_row(0, None);
        let mut out = vec![9, 9];
        let encoded = self
            .encoder()
            .expect("compiles")
            .encode(&batch, 0, &mut out);
        if let Err(reject) = encoded {
            assert_eq!(out, [9, 9], "a refused row leaves nothing");
            return Err(reject);
        }
        Ok(values(&out[2..]).map(|v| v.map(<[u8]>::to_vec)).collect())
    }
}

/// One column, one text, one value.
fn one(oracle: DataType, cql: CqlType, text: &str) -> Result<Option<Vec<u8>>, RejectCode> {
    let table = Table::new(
        vec![map("K", number(3, 0), CqlType::Int), map("C", oracle, cql)],
        &["k"],
        &[],
    );
    table
        .encode(&["1", text])
        .map(|mut v| v.remove(1))
        .map_err(|r| r.code)
}

fn bytes(value: &[u8]) -> Result<Option<Vec<u8>>, RejectCode> {
    Ok(Some(value.to_vec()))
}

#[test]
fn every_type_has_its_bytes() {
    let ts = |precision| DataType::Timestamp { precision };
    assert_eq!(one(number(2, 0), CqlType::TinyInt, "-99"), bytes(&[0x9d]));
    assert_eq!(one(number(4, 0), CqlType::SmallInt, "256"), bytes(&[1, 0]));
    assert_eq!(one(number(9, 0), CqlType::Int, "-1"), bytes(&[0xff; 4]));
    assert_eq!(
        one(number(18, 0), CqlType::BigInt, "1E2"),
        bytes(&100i64.to_be_bytes())
    );
    assert_eq!(
        one(number(38, 0), CqlType::VarInt, "-129"),
        bytes(&[0xff, 0x7f])
    );
    assert_eq!(
        one(number(5, 2), CqlType::Decimal, "1.5"),
        bytes(&[0, 0, 0, 2, 0, 150])
    );
    assert_eq!(
        one(DataType::number(), CqlType::Decimal, "1.50"),
        bytes(&[0, 0, 0, 1, 15])
    );
    assert_eq!(
        one(DataType::BinaryFloat, CqlType::Float, "0.1"),
        bytes(&0.1f32.to_be_bytes())
    );
    assert_eq!(
        one(DataType::BinaryDouble, CqlType::Double, "-0"),
        bytes(&0f64.to_be_bytes())
    );
    assert_eq!(
        one(DataType::BinaryDouble, CqlType::Double, "Nan"),
        bytes(&0x7ff8_0000_0000_0000u64.to_be_bytes())
    );
    assert_eq!(
        one(DataType::Char { length: 5 }, CqlType::Text, "ab   "),
        bytes(b"ab")
    );
    assert_eq!(
        one(DataType::Char { length: 5 }, CqlType::Text, "     "),
        Ok(None)
    );
    assert_eq!(
        one(DataType::Varchar { length: 5 }, CqlType::Text, "ab   "),
        bytes(b"ab   ")
    );
    assert_eq!(one(DataType::Clob, CqlType::Text, ""), Ok(None));
    assert_eq!(
        one(DataType::Date, CqlType::Timestamp, "1969-12-31 23:59:59"),
        bytes(&(-1000i64).to_be_bytes())
    );
    assert_eq!(
        one(ts(9), CqlType::Timestamp, "1969-12-31 23:59:59.999999999"),
        bytes(&(-1i64).to_be_bytes())
    );
    assert_eq!(
        one(ts(6), CqlType::BigInt, "1970-01-01 00:00:00.000007"),
        bytes(&7i64.to_be_bytes())
    );
    assert_eq!(
        one(ts(9), CqlType::BigInt, "1970-01-01 00:00:00.000000007"),
        bytes(&7i64.to_be_bytes())
    );
    assert_eq!(
        one(
            DataType::Raw { length: 16 },
            CqlType::Uuid,
            &"0f".repeat(16)
        ),
        bytes(&[15; 16])
    );
    assert_eq!(
        one(DataType::Raw { length: 2 }, CqlType::Blob, "00Ff"),
        bytes(&[0, 255])
    );
    assert_eq!(
        one(DataType::Char { length: 1 }, CqlType::Boolean, "Y"),
        bytes(&[1])
    );
    assert_eq!(
        one(DataType::IntervalYm, CqlType::Duration, "+01-02"),
        bytes(&[28, 0, 0])
    );
    assert_eq!(
        one(
            DataType::IntervalDs,
            CqlType::Duration,
            "-01 00:00:00.0000001"
        ),
        bytes(&[0, 1, 0x80, 199])
    );
    assert_eq!(
        one(DataType::IntervalYm, CqlType::Int, "-01-02"),
        bytes(&(-14i32).to_be_bytes())
    );
}

#[test]
fn every_refusal_has_its_code() {
    use RejectCode as R;
    let ts = |precision| DataType::Timestamp { precision };
    let cases = [
        (number(5, 0), CqlType::Int, "x", R::NumberForm),
        (number(5, 0), CqlType::Int, "123456", R::NumberPrecision),
        (number(5, 0), CqlType::Int, "1.5", R::NumberScale),
        (DataType::number(), CqlType::TinyInt, "128", R::NumberRange),
        (
            DataType::BinaryDouble,
            CqlType::Double,
            "1e999",
            R::NumberRange,
        ),
        (
            DataType::BinaryDouble,
            CqlType::Double,
            "infinit",
            R::NumberForm,
        ),
        (DataType::Date, CqlType::Timestamp, "yesterday", R::DateForm),
        (
            DataType::Date,
            CqlType::Timestamp,
            "2023-02-30",
            R::DateValue,
        ),
        (
            DataType::Date,
            CqlType::Timestamp,
            "1500-02-29",
            R::DateValue,
        ),
        (
            ts(3),
            CqlType::Timestamp,
            "2023-01-01 00:00:00.1234",
            R::DateForm,
        ),
        (
            DataType::TimestampTz { precision: 6 },
            CqlType::Timestamp,
            "2023-01-01 00:00:00 Asia/Tokyo",
            R::ZoneRegion,
        ),
        (
            DataType::IntervalYm,
            CqlType::Duration,
            "1",
            R::IntervalForm,
        ),
        (
            DataType::Raw { length: 4 },
            CqlType::Blob,
            "0g",
            R::BinaryForm,
        ),
        (
            DataType::Raw { length: 16 },
            CqlType::Uuid,
            "00",
            R::UuidLength,
        ),
        (
            DataType::Char { length: 1 },
            CqlType::Boolean,
            "maybe",
            R::BooleanForm,
        ),
        (
            DataType::Varchar { length: 2 },
            CqlType::Text,
            "日本語",
            R::TextLength,
        ),
    ];
    for (oracle, cql, text, code) in cases {
        assert_eq!(one(oracle, cql, text), Err(code), "{text}");
    }
    let huge = "x".repeat(MAX_CELL + 1);
    assert_eq!(one(DataType::Clob, CqlType::Text, &huge), Err(R::CellSize));
}

#[test]
fn keys_are_never_null_empty_or_too_long() {
    let text = DataType::Clob;
    let mut table = Table::new(
        vec![
            map("A", text.clone(), CqlType::Text),
            map("B", number(3, 0), CqlType::Int),
        ],
        &["a"],
        &["b"],
    );
    let code = |t: &Table, cells: &[&str]| t.encode(cells).map_err(|r| (r.column, r.code));
    assert_eq!(
        code(&table, &["", "1"]),
        Err(("A".into(), RejectCode::NullKey))
    );
    assert_eq!(
        code(&table, &["x", ""]),
        Err(("B".into(), RejectCode::NullKey))
    );
    let long = "k".repeat(65_536);
    assert_eq!(
        code(&table, &[&long, "1"]),
        Err(("A".into(), RejectCode::KeySize))
    );
    assert!(code(&table, &[&long[1..], "1"]).is_ok());
    table.null_as.insert("A".into(), "none".into());
    assert_eq!(
        code(&table, &["", "1"]).expect("a row")[0],
        Some(b"none".to_vec())
    );
    table.null_as.insert("B".into(), "x".into());
    assert!(matches!(table.encoder(), Err(ConvertError::Option { .. })));
}

#[test]
fn the_partition_key_is_what_cassandra_hashes() {
    let table = Table::new(
        vec![
            map("V", number(3, 0), CqlType::Int),
            map("B", number(3, 0), CqlType::Int),
            map("A", DataType::Clob, CqlType::Text),
        ],
        &["a", "b"],
        &[],
    );
    let encoder = table.encoder().expect("compiles");
    let row = [
        0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 1, b'x',
    ];
    let mut key = Vec::new();
    encoder.partition_key_bytes(&row, &mut key);
    assert_eq!(key, [0, 1, b'x', 0, 0, 4, 0, 0, 0, 2, 0]);
}

#[test]
fn what_does_not_fit_is_refused_before_the_first_row() {
    let wrong = |c| {
        Table::new(vec![c], &["k"], &[])
            .encoder()
            .expect_err("refused")
    };
    assert!(matches!(
        wrong(map("K", DataType::Date, CqlType::Uuid)),
        ConvertError::Types { .. }
    ));
    assert!(matches!(
        wrong(map("K", DataType::IntervalYm, CqlType::Duration)),
        ConvertError::KeyType { .. }
    ));
    let columns = vec![map("ORDER_ID", number(3, 0), CqlType::Int)];
    let table = TargetTable::of_spec("t", &columns, &[], &["order_id".into()], &[]);
    let source = [SourceColumn {
        name: "ORDER_IDS".into(),
        ty: None,
    }];
    let recipe = Recipe {
        columns: &columns,
        derived: &[],
        null_as: &BTreeMap::new(),
    };
    let error = Encoder::new(&source, recipe, table, &TextForms::default()).expect_err("refused");
    assert!(error.to_string().contains("is ORDER_IDS meant?"), "{error}");
}

fn derived(to: &str, cql: CqlType, value: Derivation) -> DerivedColumn {
    DerivedColumn {
        to: to.into(),
        cql,
        value,
    }
}

#[test]
fn derived_columns_are_computed() {
    let mut table = Table::new(
        vec![
            map("ID", number(9, 0), CqlType::Int),
            map(
                "AT",
                DataType::TimestampTz { precision: 9 },
                CqlType::Timestamp,
            ),
        ],
        &["id"],
        &[],
    );
    let of = || "AT".to_string();
    table.derived = vec![
        derived("ns", CqlType::Int, Derivation::Nanos { of: of() }),
        derived("tz", CqlType::Text, Derivation::Zone { of: of() }),
        derived(
            "b",
            CqlType::Int,
            Derivation::HashBucket {
                of: vec!["ID".into()],
                buckets: 16,
            },
        ),
        derived(
            "m",
            CqlType::Int,
            Derivation::TimeBucket {
                of: of(),
                unit: PeriodUnit::Month,
            },
        ),
        derived(
            "c",
            CqlType::Decimal,
            Derivation::Constant {
                value: "1.0".into(),
            },
        ),
        derived(
            "none",
            CqlType::Text,
            Derivation::Constant {
                value: String::new(),
            },
        ),
    ];
    let row = table
        .encode(&["123456789", "2024-03-01 08:30:00.123456789 +09:00"])
        .expect("a row");
    assert_eq!(row[2], Some(456_789i32.to_be_bytes().to_vec()));
    assert_eq!(row[3], Some(b"+09:00".to_vec()));
    // CRC-32 of "123456789" is 0xCBF43926.
    assert_eq!(row[4], Some(6i32.to_be_bytes().to_vec()));
    // In UTC it is still February.
    assert_eq!(row[5], Some(202_402i32.to_be_bytes().to_vec()));
    assert_eq!(row[6], Some(vec![0, 0, 0, 0, 1]));
    assert_eq!(row[7], None);
    table.derived = vec![derived(
        "b",
        CqlType::TinyInt,
        Derivation::HashBucket {
            of: vec!["ID".into()],
            buckets: 1000,
        },
    )];
    assert!(matches!(table.encoder(), Err(ConvertError::Derived { .. })));
}

fn column(name: &str, ty: DataType) -> Box<Scalar> {
    Box::new(Scalar::column("t", name, ty, true))
}

fn literal(text: &str) -> Box<Scalar> {
    Box::new(Scalar::Literal(Literal::Number(text.into())))
}

#[test]
fn expressions_are_evaluated_or_refused() {
    let mut table = Table::new(
        vec![
            map("ID", number(9, 0), CqlType::Int),
            map("AMOUNT", number(9, 2), CqlType::Decimal),
        ],
        &["id"],
        &[],
    );
    let amount = || column("AMOUNT", number(9, 2));
    let tax = Scalar::Arith {
        arith: ArithOp::Mul,
        left: amount(),
        right: literal("1.1"),
    };
    let class = Scalar::Case {
        whens: vec![CaseWhen {
            when: Scalar::Compare {
                cmp: CmpOp::Ge,
                left: amount(),
                right: literal("100"),
            },
            then: Scalar::Literal(Literal::Text("big".into())),
        }],
        otherwise: Some(Box::new(Scalar::Call {
            function: "NVL".into(),
            args: vec![
                Scalar::Concat {
                    items: vec![*amount(), Scalar::Literal(Literal::Text("!".into()))],
                },
                Scalar::Literal(Literal::Null),
            ],
            ty: DataType::Varchar { length: 40 },
        })),
    };
    table.derived = vec![
        derived(
            "tax",
            CqlType::Decimal,
            Derivation::Expression { expr: tax.clone() },
        ),
        derived(
            "class",
            CqlType::Text,
            Derivation::Expression { expr: class },
        ),
    ];
    let row = table.encode(&["1", "0.50"]).expect("a row");
    assert_eq!(row[2], Some(vec![0, 0, 0, 2, 55]));
    assert_eq!(row[3], Some(b".5!".to_vec()));
    let row = table.encode(&["1", "100"]).expect("a row");
    assert_eq!(row[3], Some(b"big".to_vec()));
    let row = table.encode(&["1", ""]).expect("a row");
    assert_eq!(
        (row[2].clone(), row[3].clone()),
        (None, Some(b"!".to_vec()))
    );
    // The result is bound to its type row by row.
    table.derived = vec![derived(
        "tax",
        CqlType::Int,
        Derivation::Expression { expr: tax },
    )];
    assert_eq!(
        table.encode(&["1", "0.50"]).expect_err("refused").code,
        RejectCode::NumberScale
    );
    let now = Scalar::EventTime { ty: DataType::Date };
    table.derived = vec![derived(
        "n",
        CqlType::Timestamp,
        Derivation::Expression { expr: now },
    )];
    let error = table.encoder().expect_err("refused");
    assert_eq!(error.code(), crate::diag::Code::ConversionUnknown);
}

proptest! {
    /// The direct conversions write what the path through `value::Value` writes.
    #[test]
    fn direct_equals_the_path_through_value(
        mantissa in -10i64.pow(17)..10i64.pow(17),
        scale in 0usize..10,
        second in -200_000_000_000i64..250_000_000_000,
        nano in 0u32..1_000_000_000,
        text in "[ a-zA-Z日本0-9]{1,20}",
        raw in proptest::collection::vec(any::<u8>(), 1..20),
    ) {
        let m = crate::value::moment::Moment::of_epoch(second, nano);
        prop_assume!(m.year >= 1);
        let time = format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}",
            m.year, m.month, m.day, m.hour, m.minute, m.second, m.nano
        );
        let hex: String = raw.iter().map(|b| format!("{b:02x}")).collect();
        let digits = bigdecimal::BigDecimal::new(mantissa.into(), scale as i64).to_plain_string();
        let cases = [
            (DataType::number(), CqlType::Decimal, digits),
            (number(18, 0), CqlType::BigInt, mantissa.to_string()),
            (number(38, 0), CqlType::VarInt, mantissa.to_string()),
            (DataType::Timestamp { precision: 9 }, CqlType::Timestamp, time),
            (DataType::Varchar { length: 20 }, CqlType::Text, text),
            (DataType::Raw { length: 20 }, CqlType::Blob, hex),
        ];
        for (oracle, cql, text) in cases {
            let direct = one(oracle.clone(), cql, &text).expect("converts").expect("not null");
            let forms = TextForms::default();
            let value = through::read("C", &oracle, &forms, text.as_bytes()).expect("reads");
            let mut out = Vec::new();
            through::push_typed(&value, cql, &mut out).expect("converts");
            prop_assert_eq!(&direct[..], &out[4..], "{}", text);
        }
    }
}

#[test]
fn roles_of_a_specification() {
    let columns = [
        map("A", number(3, 0), CqlType::Int),
        map("B", number(3, 0), CqlType::Int),
    ];
    let table = TargetTable::of_spec("t", &columns, &[], &["b".into()], &["a".into()]);
    let kinds: Vec<_> = table.columns.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [CqlKind::ClusteringAsc, CqlKind::Partition]);
    assert_eq!(table.primary(), [1, 0]);
}
