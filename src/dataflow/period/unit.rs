//! Units of time: which format model names which unit, which unit a name hints at, which unit lies within which.

use crate::rel::{Literal, PeriodUnit, Scalar};

/// The unit that a format model of TO_CHAR distinguishes, if it names a period completely from the year on.
pub(super) fn of_format(format: &str) -> Option<PeriodUnit> {
    let upper = format.to_ascii_uppercase();
    let outside: String = upper.split('"').step_by(2).collect();
    let plain: String = outside
        .trim_start_matches("FM")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let plain = plain.replace("RRRR", "YYYY").replace("SYYYY", "YYYY");
    Some(match plain.as_str() {
        "YYYY" => PeriodUnit::Year,
        "YYYYQ" => PeriodUnit::Quarter,
        "YYYYMM" | "MMYYYY" => PeriodUnit::Month,
        "IYYYIW" => PeriodUnit::Week,
        "YYYYMMDD" | "DDMMYYYY" | "MMDDYYYY" | "YYYYDDD" => PeriodUnit::Day,
        "YYYYMMDDHH24" => PeriodUnit::Hour,
        "YYYYMMDDHH24MI" => PeriodUnit::Minute,
        _ => return None,
    })
}

/// The unit of a format model of TRUNC.
pub(super) fn of_trunc(format: &str) -> Option<PeriodUnit> {
    Some(match format.to_ascii_uppercase().as_str() {
        "DD" | "DDD" | "J" => PeriodUnit::Day,
        "MM" | "MON" | "MONTH" | "RM" => PeriodUnit::Month,
        "Y" | "YY" | "YYY" | "YYYY" | "YEAR" | "SYYYY" | "SYEAR" => PeriodUnit::Year,
        "Q" => PeriodUnit::Quarter,
        "HH" | "HH12" | "HH24" => PeriodUnit::Hour,
        "MI" => PeriodUnit::Minute,
        "IW" => PeriodUnit::Week,
        _ => return None,
    })
}

/// Every period of `coarse` is made of whole periods of `fine`.
pub(super) fn within(fine: PeriodUnit, coarse: PeriodUnit) -> bool {
    use PeriodUnit::{Day, Hour, Minute, Month, Quarter, Week, Year};
    match (fine, coarse) {
        (Minute | Hour | Day, Week) => true,
        (Week, Week) => true,
        (Week, Minute | Hour | Day | Month | Quarter | Year) => false,
        (Month | Quarter | Year, Week) => false,
        (f, c @ (Minute | Hour | Day | Month | Quarter | Year)) => f <= c,
    }
}

/// The unit that a schedule's expression starts at: `TRUNC(SYSDATE) - 1` is the start of a day.
pub(in crate::dataflow) fn of_run_date(text: &str) -> Option<PeriodUnit> {
    let upper: String = text
        .to_ascii_uppercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let format = |from: &str| -> Option<String> {
        let quoted = from.split('\'').nth(1)?;
        Some(quoted.to_string())
    };
    if let Some(at) = upper.find("TO_CHAR(") {
        return of_format(&format(&upper[at..])?);
    }
    let at = upper.find("TRUNC(")?;
    let inner = &upper[at + "TRUNC(".len()..];
    let close = closing(inner)?;
    let (trunc, rest) = inner.split_at(close);
    let unit = match trunc.contains('\'') {
        true => of_trunc(&format(trunc)?)?,
        false => PeriodUnit::Day,
    };
    keeps_start(&rest[1..], unit).then_some(unit)
}

/// Position of the parenthesis that closes what was opened before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(i),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A shift behind a TRUNC that goes from one start of a period to another.
fn keeps_start(shift: &str, unit: PeriodUnit) -> bool {
    let shift = shift.trim_end_matches(')');
    if shift.is_empty() || shift.starts_with(',') {
        return true;
    }
    let amount = shift.trim_start_matches(['+', '-']);
    let whole = !amount.is_empty() && amount.bytes().all(|b| b.is_ascii_digit());
    match unit {
        PeriodUnit::Day => whole,
        PeriodUnit::Hour => whole || amount.ends_with("/24"),
        PeriodUnit::Minute => whole || amount.ends_with("/24") || amount.ends_with("/1440"),
        PeriodUnit::Week => amount == "7" || amount == "14",
        PeriodUnit::Month | PeriodUnit::Quarter | PeriodUnit::Year => false,
    }
}

/// The unit that a name of a column or parameter suggests.
pub(super) fn of_name(name: &str) -> Option<PeriodUnit> {
    let upper = name.to_ascii_uppercase();
    let word = |w: &&str| match *w {
        "MONTH" | "MON" | "MTH" | "YM" | "YYYYMM" | "YYMM" | "MONTHS" => Some(PeriodUnit::Month),
        "HOUR" | "HH" | "HOURS" => Some(PeriodUnit::Hour),
        "MINUTE" | "MIN" => Some(PeriodUnit::Minute),
        "YEAR" | "YYYY" | "YR" | "FY" => Some(PeriodUnit::Year),
        "QUARTER" | "QTR" => Some(PeriodUnit::Quarter),
        "WEEK" | "WK" => Some(PeriodUnit::Week),
        "DAY" | "DATE" | "DT" | "YMD" | "YYYYMMDD" | "DD" => Some(PeriodUnit::Day),
        _ => None,
    };
    let words: Vec<&str> = upper.split(['_', '.', ' ']).collect();
    words.iter().rev().find_map(word).or_else(|| {
        let has = |c: &str| upper.contains(c);
        match () {
            () if has("時") => Some(PeriodUnit::Hour),
            () if has("日") => Some(PeriodUnit::Day),
            () if has("月") => Some(PeriodUnit::Month),
            () if has("年") => Some(PeriodUnit::Year),
            () => None,
        }
    })
}

/// The word.
pub(super) fn word(unit: PeriodUnit) -> &'static str {
    match unit {
        PeriodUnit::Minute => "minute",
        PeriodUnit::Hour => "hour",
        PeriodUnit::Day => "day",
        PeriodUnit::Week => "week",
        PeriodUnit::Month => "month",
        PeriodUnit::Quarter => "quarter",
        PeriodUnit::Year => "year",
    }
}

/// `TRUNC(x, unit)`, without truncating twice.
pub(super) fn period_of(x: &Scalar, unit: PeriodUnit) -> Scalar {
    if let Scalar::PeriodOf {
        operand,
        unit: inner,
    } = x
    {
        if within(*inner, unit) {
            return period_of(operand, unit);
        }
        if within(unit, *inner) {
            return x.clone();
        }
    }
    Scalar::PeriodOf {
        operand: Box::new(x.clone()),
        unit,
    }
}

/// A text constant.
pub(super) fn text(s: &Scalar) -> Option<&str> {
    match s {
        Scalar::Literal(Literal::Text(t)) => Some(t),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_name_a_whole_period() {
        assert_eq!(of_format("YYYYMM"), Some(PeriodUnit::Month));
        assert_eq!(of_format("yyyy-mm-dd"), Some(PeriodUnit::Day));
        assert_eq!(of_format("YYYY\"年\"MM\"月\""), Some(PeriodUnit::Month));
        assert_eq!(of_format("IYYYIW"), Some(PeriodUnit::Week));
        assert_eq!(of_format("MM"), None);
        assert_eq!(of_format("YYMM"), None);
        assert_eq!(of_format("YYYYMMDDHH"), None);
    }

    #[test]
    fn run_dates_that_are_starts() {
        assert_eq!(of_run_date("TRUNC(SYSDATE) - 1"), Some(PeriodUnit::Day));
        assert_eq!(
            of_run_date("trunc(sysdate, 'HH24') - 1/24"),
            Some(PeriodUnit::Hour)
        );
        assert_eq!(
            of_run_date("TO_CHAR(ADD_MONTHS(SYSDATE, -1), 'YYYYMM')"),
            Some(PeriodUnit::Month)
        );
        assert_eq!(
            of_run_date("ADD_MONTHS(TRUNC(SYSDATE, 'MM'), -1)"),
            Some(PeriodUnit::Month)
        );
        assert_eq!(of_run_date("TRUNC(SYSDATE) - 6/24"), None);
        assert_eq!(of_run_date("SYSDATE - 1"), None);
    }

    #[test]
    fn weeks_do_not_make_months() {
        assert!(within(PeriodUnit::Day, PeriodUnit::Week));
        assert!(!within(PeriodUnit::Week, PeriodUnit::Month));
        assert!(!within(PeriodUnit::Month, PeriodUnit::Week));
        assert!(within(PeriodUnit::Month, PeriodUnit::Year));
        assert!(!within(PeriodUnit::Month, PeriodUnit::Day));
    }
}
