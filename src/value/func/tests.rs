//! Vectors of Oracle's functions. Facts from the SQL Language Reference; the chapter stands beside each group.

use std::str::FromStr;

use super::{Fault, Function, decode, like};
use crate::value::{Nls, Number, Value};

/// `#12.5` is a number, `@2024-01-31 10:00:00` a date, `NULL` is NULL, everything else a text.
fn value(text: &str) -> Value {
    if let Some(n) = text.strip_prefix('#').filter(|n| !n.starts_with('#')) {
        return Value::Number(Number::from_str(n).expect("a number"));
    }
    if let Some(d) = text.strip_prefix('@') {
        let d = chrono::NaiveDateTime::parse_from_str(d, "%Y-%m-%d %H:%M:%S").expect("a date");
        return Value::Date(d);
    }
    if text == "NULL" {
        Value::Null
    } else {
        Value::text(text)
    }
}

fn call(name: &str, args: &[&str]) -> Result<Value, Fault> {
    let args: Vec<Value> = args.iter().map(|a| value(a)).collect();
    Function::find(name)
        .expect(name)
        .call(&args, &Nls::default())
}

fn is(name: &str, args: &[&str], wanted: &str) {
    assert_eq!(call(name, args), Ok(value(wanted)), "{name}{args:?}");
}

fn fails(name: &str, args: &[&str], code: u32) {
    match call(name, args) {
        Err(Fault::Ora(found, _)) => assert_eq!(found, code, "{name}{args:?}"),
        other => panic!("{name}{args:?}: {other:?}"),
    }
}

#[test]
fn names_are_in_order_and_unique() {
    assert!(super::FUNCTIONS.windows(2).all(|w| w[0].name < w[1].name));
}

/// "Character Functions Returning Character Values".
#[test]
fn text_functions() {
    is("SUBSTR", &["ABCDEFG", "#3", "#4"], "CDEF");
    is("SUBSTR", &["ABCDEFG", "#-5", "#4"], "CDEF");
    is("SUBSTR", &["ABCDEFG", "#0", "#2"], "AB");
    is("SUBSTR", &["ABCDEFG", "#9"], "NULL");
    is("SUBSTR", &["ABC", "#-4", "#2"], "NULL");
    is("INSTR", &["CORPORATE FLOOR", "OR", "#3", "#2"], "#14");
    is("INSTR", &["CORPORATE FLOOR", "OR", "#-3", "#2"], "#2");
    is("INSTR", &["abc", "z"], "#0");
    is("LPAD", &["Page 1", "#15", "*."], "*.*.*.*.*Page 1");
    is("RPAD", &["abc", "#2"], "ab");
    is("LPAD", &["abc", "#0"], "NULL");
    is("INITCAP", &["the soap"], "The Soap");
    is(
        "LTRIM",
        &["<=====>BROWNING<=====>", "<>="],
        "BROWNING<=====>",
    );
    is(
        "RTRIM",
        &["BROWNING: ./=./=./=./=./=.=", "/=."],
        "BROWNING: ",
    );
    is(
        "TRANSLATE",
        &["SQL*Plus User's Guide", " */'", "___"],
        "SQL_Plus_Users_Guide",
    );
    is("REPLACE", &["JACK and JUE", "J", "BL"], "BLACK and BLUE");
    is("REPLACE", &["JACK", "J", "NULL"], "ACK");
    is("CHR", &["#67"], "C");
    is("ASCII", &["Q"], "#81");
    is("LENGTH", &["CANDIDE"], "#7");
    is("LENGTH", &["NULL"], "NULL");
    is("TRIM", &["   "], "NULL");
    is("UPPER", &["Straße"], "STRAßE");
}

/// "Numeric Functions".
#[test]
fn numbers() {
    is("MOD", &["#11", "#4"], "#3");
    is("MOD", &["#-11", "#4"], "#-3");
    is("MOD", &["#11", "#0"], "#11");
    is("REMAINDER", &["#11", "#4"], "#-1");
    is("ROUND", &["#15.193", "#1"], "#15.2");
    is("ROUND", &["#15.193", "#-1"], "#20");
    is("ROUND", &["#-2.5"], "#-3");
    is("TRUNC", &["#15.79", "#1"], "#15.7");
    is("TRUNC", &["#15.79", "#-1"], "#10");
    is("POWER", &["#3", "#2"], "#9");
    is("POWER", &["#2", "#-2"], "#0.25");
    is("SQRT", &["#2"], "#1.41421356237309504880168872420969807857");
    is("FLOOR", &["#-15.7"], "#-16");
    is("CEIL", &["#-15.7"], "#-15");
    is("BITAND", &["#6", "#3"], "#2");
    is("WIDTH_BUCKET", &["#500", "#100", "#5000", "#10"], "#1");
    is("GREATEST", &["#1", "3.925", "2.4"], "#3.925");
    is("GREATEST", &["HARRY", "HARRIOT", "HAROLD"], "HARRY");
    is("LEAST", &["#1", "NULL"], "NULL");
}

/// "Datetime Functions", "ROUND and TRUNC Date Functions".
#[test]
fn dates() {
    is(
        "ADD_MONTHS",
        &["@2024-01-31 10:00:00", "#1"],
        "@2024-02-29 10:00:00",
    );
    is(
        "ADD_MONTHS",
        &["@2023-02-28 00:00:00", "#1"],
        "@2023-03-31 00:00:00",
    );
    is(
        "ADD_MONTHS",
        &["@2023-03-31 00:00:00", "#-1"],
        "@2023-02-28 00:00:00",
    );
    is(
        "MONTHS_BETWEEN",
        &["@1995-02-02 00:00:00", "@1995-01-01 00:00:00"],
        "#1.03225806451612903225806451612903225806",
    );
    is(
        "MONTHS_BETWEEN",
        &["@2024-02-29 05:00:00", "@2024-01-31 00:00:00"],
        "#1",
    );
    is(
        "LAST_DAY",
        &["@2024-02-10 12:30:00"],
        "@2024-02-29 12:30:00",
    );
    is(
        "NEXT_DAY",
        &["@2009-10-15 00:00:00", "TUESDAY"],
        "@2009-10-20 00:00:00",
    );
    is(
        "ROUND",
        &["@2000-10-27 00:00:00", "YEAR"],
        "@2001-01-01 00:00:00",
    );
    is(
        "TRUNC",
        &["@1992-10-27 13:00:00", "YEAR"],
        "@1992-01-01 00:00:00",
    );
    is(
        "ROUND",
        &["@2024-02-15 00:00:00", "Q"],
        "@2024-01-01 00:00:00",
    );
    is(
        "ROUND",
        &["@2024-02-16 00:00:00", "Q"],
        "@2024-04-01 00:00:00",
    );
    is("ROUND", &["@2024-02-16 12:00:00"], "@2024-02-17 00:00:00");
    is(
        "TRUNC",
        &["@2024-02-18 12:00:00", "IW"],
        "@2024-02-12 00:00:00",
    );
    is(
        "TRUNC",
        &["@2024-02-18 12:00:00", "D"],
        "@2024-02-18 00:00:00",
    );
    is(
        "TRUNC",
        &["@2024-02-18 12:34:56", "MI"],
        "@2024-02-18 12:34:00",
    );
    is("EXTRACT_YEAR", &["@1998-03-07 00:00:00"], "#1998");
    is(
        "TO_DATE",
        &["2024-02-29", "YYYY-MM-DD"],
        "@2024-02-29 00:00:00",
    );
    fails("TO_DATE", &["2023-02-29", "YYYY-MM-DD"], 1839);
    fails("TO_DATE", &["2023-13-01", "YYYY-MM-DD"], 1843);
}

/// "Format Models", "Number Format Models": the table of results of number conversions.
#[test]
fn number_formats() {
    is("TO_CHAR", &["#-1234567890", "9999999999S"], "1234567890-");
    is("TO_CHAR", &["#0", "99.99"], "   .00");
    is("TO_CHAR", &["#0.1", "99.99"], "   .10");
    is("TO_CHAR", &["#-0.2", "99.99"], "  -.20");
    is("TO_CHAR", &["#0", "90.99"], "  0.00");
    is("TO_CHAR", &["#0", "9999"], "    0");
    is("TO_CHAR", &["#0", "B9999"], "     ");
    is("TO_CHAR", &["#123.456", "999.999"], " 123.456");
    is("TO_CHAR", &["#123.456", "FM999.009"], "123.456");
    is("TO_CHAR", &["#123.0", "FM999.009"], "123.00");
    is("TO_CHAR", &["#123.45", "FM999.999"], "123.45");
    is("TO_CHAR", &["#1234567", "9,999,999"], " 1,234,567");
    is("TO_CHAR", &["#12345", "999"], "####");
    is("TO_CHAR", &["#-5", "999PR"], "  <5>");
    is("TO_CHAR", &["#0.5"], ".5");
    is("TO_CHAR", &["#7", "000"], " 007");
    is("TO_NUMBER", &["-1,234.50", "9,999.99"], "#-1234.5");
    is("TO_NUMBER", &["  12.5 "], "#12.5");
    fails("TO_NUMBER", &["12a"], 1722);
}

/// "General Comparison Functions", "NULL-Related Functions", DECODE.
#[test]
fn nulls() {
    is("NVL", &["NULL", "x"], "x");
    is("NVL2", &["NULL", "a", "b"], "b");
    is("COALESCE", &["NULL", "NULL", "#3"], "#3");
    is("NULLIF", &["#1", "#1"], "NULL");
    let v = |t: &str| value(t);
    let nls = Nls::default();
    let args = [
        v("NULL"),
        v("#1"),
        v("one"),
        v("NULL"),
        v("none"),
        v("other"),
    ];
    assert_eq!(decode(&args, &nls), Ok(v("none")));
    assert_eq!(decode(&[v("#2"), v("#1"), v("one")], &nls), Ok(Value::Null));
}

/// "Pattern-matching Conditions".
#[test]
fn patterns() {
    assert_eq!(like("Jones", "J_n%", None), Ok(true));
    assert_eq!(like("a%b", "a\\%b", Some('\\')), Ok(true));
    assert_eq!(like("axb", "a\\%b", Some('\\')), Ok(false));
    assert_eq!(
        like("aaaaaaaaaaaaaaaaaaaaaaaab", "%a%a%a%a%a%c", None),
        Ok(false)
    );
    is(
        "REGEXP_SUBSTR",
        &["500 Oracle Parkway, Redwood Shores, CA", ",[^,]+,"],
        ", Redwood Shores,",
    );
    is(
        "REGEXP_INSTR",
        &[
            "500 Oracle Parkway, Redwood Shores, CA",
            "[^ ]+",
            "#1",
            "#6",
        ],
        "#37",
    );
    is(
        "REGEXP_REPLACE",
        &[
            "515.123.4567",
            "([[:digit:]]{3})\\.([[:digit:]]{3})\\.([[:digit:]]{4})",
            "(\\1) \\2-\\3",
        ],
        "(515) 123-4567",
    );
    is(
        "REGEXP_REPLACE",
        &["500   Oracle     Parkway", "( ){2,}", " "],
        "500 Oracle Parkway",
    );
    is(
        "REGEXP_COUNT",
        &["123123123123123", "(12)3", "#1", "i"],
        "#5",
    );
    is("REGEXP_SUBSTR", &["a1b22", "\\d+", "#1", "#2"], "22");
    is(
        "REGEXP_SUBSTR",
        &["key=val", "(\\w+)=(\\w+)", "#1", "#1", "i", "#2"],
        "val",
    );
    assert!(matches!(
        call(
            "REGEXP_SUBSTR",
            &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a|aa)+$"]
        ),
        Ok(_) | Err(Fault::Unsupported(_))
    ));
}
