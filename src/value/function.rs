//! Single-row functions for callers without a session: those of [`super::func`] whose result depends on nothing but
//! their arguments. Characters are Unicode scalars, as in an AL32UTF8 database.

use super::func::{Fault, Function, decode};
use super::{Nls, Value};

/// Why a call fails for its arguments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{function}: {text}")]
pub struct CallError {
    /// Function.
    pub function: String,
    /// Why.
    pub text: String,
}

/// True if [`call`] evaluates the function with so many arguments.
pub fn is_known(function: &str, arguments: usize) -> bool {
    match function {
        "DECODE" => arguments >= 3,
        // Without a mask the session's settings decide.
        "TO_DATE" | "TO_TIMESTAMP" => arguments == 2,
        _ => Function::find(function).is_some_and(|f| (f.least..=f.most).contains(&arguments)),
    }
}

/// Functions that take dates as they are.
const OF_DATES: &[&str] = &[
    "ADD_MONTHS",
    "COALESCE",
    "DECODE",
    "EXTRACT_DAY",
    "EXTRACT_HOUR",
    "EXTRACT_MINUTE",
    "EXTRACT_MONTH",
    "EXTRACT_SECOND",
    "EXTRACT_YEAR",
    "GREATEST",
    "LAST_DAY",
    "LEAST",
    "MONTHS_BETWEEN",
    "NEXT_DAY",
    "NULLIF",
    "NVL",
    "NVL2",
    "ROUND",
    "TO_CHAR",
    "TO_DATE",
    "TO_TIMESTAMP",
    "TRUNC",
];

/// Calls a function.
pub fn call(function: &str, args: &[Value]) -> Result<Value, CallError> {
    let fail = |text: &str| CallError {
        function: function.into(),
        text: text.into(),
    };
    if !is_known(function, args.len()) {
        return Err(fail("is not known with so many arguments"));
    }
    let dated = args
        .iter()
        .any(|a| matches!(a, Value::Date(_) | Value::Timestamp(_)));
    let masked = function != "TO_CHAR" || args.len() > 1;
    if dated && !(OF_DATES.contains(&function) && masked) {
        return Err(fail(
            "a text is wanted; Oracle would convert by the session's settings",
        ));
    }
    let nls = Nls::default();
    let result = match Function::find(function) {
        Some(f) => f.call(args, &nls),
        None => decode(args, &nls),
    };
    result.map_err(|e| match e {
        Fault::Ora(_, text) | Fault::Unsupported(text) => fail(&text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::from_moment;
    use crate::value::moment::Moment;

    fn t(text: &str) -> Value {
        Value::text(text)
    }

    fn n(text: &str) -> Value {
        Value::Number(text.parse().expect("a number"))
    }

    fn d(text: &str) -> Value {
        let m = Moment::parse_iso(text.as_bytes()).expect("a date");
        Value::Date(from_moment(&m).expect("a date"))
    }

    #[test]
    fn functions_give_what_oracle_gives() {
        let cases: Vec<(&str, Vec<Value>, Value)> = vec![
            ("NVL", vec![Value::Null, n("1")], n("1")),
            ("NVL2", vec![t("x"), n("1"), n("2")], n("1")),
            ("COALESCE", vec![Value::Null, Value::Null], Value::Null),
            ("NULLIF", vec![n("1"), n("1.0")], Value::Null),
            (
                "DECODE",
                vec![Value::Null, Value::Null, t("n"), t("o")],
                t("n"),
            ),
            ("DECODE", vec![n("3"), n("1"), t("a"), t("o")], t("o")),
            ("SUBSTR", vec![t("日本語"), n("-2"), n("1")], t("本")),
            ("SUBSTR", vec![t("abc"), n("0"), n("2")], t("ab")),
            ("SUBSTR", vec![t("abc"), n("4")], Value::Null),
            ("INSTR", vec![t("日本語"), t("語")], n("3")),
            ("LPAD", vec![n("7"), n("3"), t("0")], t("007")),
            ("RPAD", vec![t("abcd"), n("2")], t("ab")),
            ("TRIM", vec![t("  x ")], t("x")),
            ("LTRIM", vec![t("00x0"), t("0")], t("x0")),
            ("REPLACE", vec![t("a-b"), t("-"), Value::Null], t("ab")),
            ("INITCAP", vec![t("john o'neil")], t("John O'Neil")),
            ("ROUND", vec![n("2.345"), n("2")], n("2.35")),
            ("TRUNC", vec![n("-2.9")], n("-2")),
            ("MOD", vec![n("-7"), n("3")], n("-1")),
            ("GREATEST", vec![n("1"), n("3"), n("2")], n("3")),
            ("LENGTH", vec![Value::Null], Value::Null),
            ("ADD_MONTHS", vec![d("2024-01-31"), n("1")], d("2024-02-29")),
            ("ADD_MONTHS", vec![d("2024-02-29"), n("1")], d("2024-03-31")),
            (
                "LAST_DAY",
                vec![d("2023-02-03 10:00:00")],
                d("2023-02-28 10:00:00"),
            ),
            (
                "MONTHS_BETWEEN",
                vec![d("2024-03-31"), d("2024-02-29")],
                n("1"),
            ),
            ("TO_CHAR", vec![d("2024-03-05"), t("YYYYMM")], t("202403")),
            (
                "TO_DATE",
                vec![t("05/03/24"), t("DD/MM/RR")],
                d("2024-03-05"),
            ),
            ("TRUNC", vec![d("2024-03-05 11:00:00")], d("2024-03-05")),
        ];
        for (function, args, wanted) in cases {
            assert_eq!(call(function, &args), Ok(wanted), "{function} {args:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(!is_known("SYSDATE", 0));
        assert!(!is_known("NVL", 3));
        assert!(!is_known("TO_DATE", 1));
        assert!(call("TO_CHAR", &[d("2024-01-01")]).is_err());
        assert!(call("TO_NUMBER", &[t("x")]).is_err());
        assert!(call("UPPER", &[d("2024-01-01")]).is_err());
    }
}
