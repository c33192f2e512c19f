use super::*;
use bigdecimal::BigDecimal;
use chrono::NaiveDate;
use proptest::prelude::*;
use std::str::FromStr;

fn n(text: &str) -> Number {
    text.parse().expect(text)
}

#[test]
fn quotients_have_oracles_digits() {
    let quotient = |a: &str, b: &str| n(a).div(&n(b)).expect("quotient").to_oracle_text();
    // As Oracle prints them with SET NUMWIDTH 50.
    assert_eq!(
        n("1").div(&n("3")).expect("q").to_string(),
        format!("0.{}", "3".repeat(40))
    );
    assert_eq!(
        n("2").div(&n("3")).expect("q").to_string(),
        format!("0.{}7", "6".repeat(39))
    );
    assert_eq!(
        n("10").div(&n("3")).expect("q").to_string(),
        format!("3.{}", "3".repeat(38))
    );
    assert_eq!(
        n("100").div(&n("3")).expect("q").to_string(),
        format!("33.{}", "3".repeat(38))
    );
    assert_eq!(quotient("1", "8"), ".125");
    assert_eq!(quotient("-6", "3"), "-2");
    assert_eq!(n("1").div(&n("0")), Err(NumberError::DivideByZero));
}

#[test]
fn equal_values_are_one() {
    assert_eq!(n("1.50"), n("1.5"));
    assert_eq!(n("100"), n("1e2"));
    assert_eq!(n("0.000"), n("-0"));
    assert_eq!(n("1.50").to_string(), "1.5");
    assert_eq!(n("1e2").to_string(), "100");
    assert_eq!(n(" -.5 ").to_string(), "-0.5");
    assert_eq!(n("5.").to_oracle_text(), "5");
    assert_eq!(n("-0.5").to_oracle_text(), "-.5");
}

#[test]
fn thirty_eight_digits_are_exact() {
    let big = "99999999999999999999999999999999999999";
    assert_eq!(n(big).to_string(), big);
    assert_eq!(
        n(big).add(&n("1")).expect("sum").to_string(),
        format!("1{}", "0".repeat(38))
    );
    assert_eq!(n(big).sub(&n(big)).expect("difference"), Number::default());
    let cents = "123456789012345678901234567890123456.78";
    assert_eq!(n(cents).mul(&n("1")).expect("product").to_string(), cents);
}

#[test]
fn the_range_ends_as_oracles_does() {
    assert_eq!("1e126".parse::<Number>(), Err(NumberError::Overflow));
    assert!("9.99e125".parse::<Number>().is_ok());
    assert!(n("1e-131").is_zero());
    assert!(!n("1e-130").is_zero());
    assert_eq!(n("1e125").mul(&n("10")), Err(NumberError::Overflow));
    assert_eq!(
        n("1e100").to_oracle_text(),
        format!("1.{}E+100", "0".repeat(34))
    );
}

#[test]
fn texts_that_are_no_numbers_are_refused() {
    for text in [
        "",
        " ",
        "-",
        ".",
        "1.2.3",
        "1e",
        "1e5.5",
        "abc",
        "1,5",
        "0x10",
        "1e9999999",
        "１",
    ] {
        assert_eq!(
            text.parse::<Number>(),
            Err(NumberError::Invalid),
            "{text:?}"
        );
    }
}

#[test]
fn rounding_is_half_away_from_zero() {
    assert_eq!(n("2.5").round(0), n("3"));
    assert_eq!(n("-2.5").round(0), n("-3"));
    assert_eq!(n("1234.567").round(-2), n("1200"));
    assert_eq!(n("1.005").round(2), n("1.01"));
    assert_eq!(n("-1.999").trunc(1), n("-1.9"));
    assert_eq!((n("-1.5").floor(), n("-1.5").ceil()), (n("-2"), n("-1")));
    assert_eq!(n("-7").modulo(&n("3")), Ok(n("-1")));
    assert_eq!(n("7").modulo(&n("0")), Ok(n("7")));
}

#[test]
fn null_and_padding_compare_as_in_oracle() {
    assert!(Value::text("").is_null());
    assert_eq!(Value::Null.compare(&Value::Null), None);
    let (a, b) = (Value::text("a "), Value::text("a"));
    assert_eq!(a.compare(&b), Some(Ordering::Greater));
    assert_eq!(a.compare_padded(&b), Some(Ordering::Equal));
    assert_eq!(Value::Number(n("1")).compare(&Value::text("1")), None);
}

#[test]
fn dates_move_by_days_and_fractions() {
    let date = |d: u32, h: u32| {
        NaiveDate::from_ymd_opt(1969, 12, d)
            .and_then(|x| x.and_hms_opt(h, 0, 0))
            .expect("date")
    };
    assert_eq!(add_days(date(1, 0), &n("1.5")), Some(date(2, 12)));
    assert_eq!(
        add_days(date(2, 0), &n("1").div(&n("-24")).expect("q")),
        Some(date(1, 23))
    );
    assert_eq!(days_between(date(2, 12), date(1, 0)), n("1.5"));
    assert_eq!(add_days(date(1, 0), &n("1e30")), None);
}

fn decimal() -> impl Strategy<Value = String> {
    (any::<i128>(), 0i32..38, 1u32..39).prop_map(|(m, scale, digits)| {
        let mantissa = m % 10i128.pow(digits - 1).max(2);
        BigDecimal::new(mantissa.into(), i64::from(scale)).to_plain_string()
    })
}

/// The reference: exact arithmetic, then at most 38 significant digits are compared.
fn close(got: &Number, exact: &BigDecimal) -> bool {
    let keep = std::num::NonZeroU64::new(38).expect("not zero");
    let context = bigdecimal::Context::new(keep, bigdecimal::RoundingMode::Down);
    let trim = |v: &BigDecimal| v.with_precision_round(keep, context.rounding_mode());
    let difference = (&got.to_big() - exact).abs();
    let ulp = exact.abs() * BigDecimal::from_str("1e-38").expect("literal");
    trim(&got.to_big()) == trim(exact) || difference <= ulp
}

proptest! {
    #[test]
    fn parse_and_print_round_trip(text in decimal()) {
        let number = n(&text);
        prop_assert_eq!(n(&number.to_string()), number.clone());
        prop_assert_eq!(number.to_big(), BigDecimal::from_str(&text).expect("decimal"));
    }

    #[test]
    fn arithmetic_agrees_with_big_decimals(a in decimal(), b in decimal()) {
        let (x, y) = (n(&a), n(&b));
        let (p, q) = (x.to_big(), y.to_big());
        prop_assert!(close(&x.add(&y).expect("sum"), &(&p + &q)));
        prop_assert!(close(&x.sub(&y).expect("difference"), &(&p - &q)));
        prop_assert!(close(&x.mul(&y).expect("product"), &(&p * &q)));
        prop_assert_eq!(x.cmp(&y), p.cmp(&q));
        if !y.is_zero() {
            let quotient = x.div(&y).expect("quotient");
            // Multiplying back undoes the division but for the rounding.
            let back = quotient.to_big() * &q;
            let error = (&back - &p).abs();
            let bound = p.abs() * BigDecimal::from_str("1e-38").expect("literal");
            prop_assert!(error <= bound, "{} / {} = {}", a, b, quotient);
        }
    }

    #[test]
    fn results_that_fit_are_exact(a in -1_000_000_000_000i64..1_000_000_000_000, b in -1_000_000_000i64..1_000_000_000) {
        let (x, y) = (Number::from(a), Number::from(b));
        prop_assert_eq!(x.mul(&y).expect("product").to_big(), BigDecimal::from(i128::from(a) * i128::from(b)));
        prop_assert_eq!(x.add(&y).expect("sum").to_i64(), Some(a + b));
    }

    #[test]
    fn any_text_is_taken_or_refused_without_a_panic(text in "[-+0-9.eE ]{0,12}") {
        let _ = text.parse::<Number>();
    }
}
