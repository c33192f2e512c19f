//! Points in time as text gives them, with Oracle's calendar: no year 0, Julian leap years before October 1582.
//! Knows masks ([`super::mask`]) only by what they yield; counts days in the proleptic Gregorian calendar.

/// A date with a time of day, and the zone if the text names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Astronomical year: 0 is 1 BC, -4711 is 4712 BC.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999,999,999.
    pub nano: u32,
    /// Zone.
    pub zone: ZoneText,
}

/// What a text says about the zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZoneText {
    /// Nothing.
    #[default]
    None,
    /// Minutes east of Greenwich.
    Offset(i16),
    /// A region, as bytes of the text from .. to.
    Region(u16, u16),
}

/// Why a text is no point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// Something else than the format asks for.
    #[error("the text does not follow the format")]
    Form,
    /// ORA-01843 and its kin.
    #[error("a part is out of its range (month 1-12, hour 0-23, minute and second 0-59)")]
    Range,
    /// ORA-01847, ORA-01839.
    #[error("the month has no such day")]
    Day,
    /// ORA-01841.
    #[error("a year is between -4712 and 9999, and not 0")]
    Year,
    /// 29 February of 1500, 1300, ...
    #[error("the day exists in the Julian calendar only")]
    JulianOnly,
    /// Text behind the date.
    #[error("text follows the date")]
    Trailing,
}

const SECONDS_OF_DAY: i64 = 86_400;

impl Moment {
    /// Midnight of a day.
    pub fn day(year: i32, month: u8, day: u8) -> Moment {
        Moment {
            year,
            month,
            day,
            hour: 0,
            minute: 0,
            second: 0,
            nano: 0,
            zone: ZoneText::None,
        }
    }

    /// Checks ranges and the calendar.
    pub fn checked(self) -> Result<Moment, MomentError> {
        if self.month < 1 || self.month > 12 {
            return Err(MomentError::Range);
        }
        if self.hour > 23 || self.minute > 59 || self.second > 59 {
            return Err(MomentError::Range);
        }
        if self.year < -4711 || self.year > 9999 {
            return Err(MomentError::Year);
        }
        if self.day >= 1 && self.day <= month_days(self.year, self.month, is_leap(self.year)) {
            return Ok(self);
        }
        let julian = self.year <= 1582 && self.year.rem_euclid(4) == 0;
        let julian = julian && self.day == 29 && self.month == 2;
        Err(if julian {
            MomentError::JulianOnly
        } else {
            MomentError::Day
        })
    }

    /// Days since 1970-01-01, proleptic Gregorian.
    pub fn epoch_day(&self) -> i64 {
        let shifted = i64::from(self.year) - i64::from(self.month <= 2);
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// Seconds since 1970; the zone's offset, if there is one, is taken off.
    pub fn epoch_second(&self) -> i64 {
        let of_day = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60;
        let wall = self.epoch_day() * SECONDS_OF_DAY + of_day + i64::from(self.second);
        match self.zone {
            ZoneText::Offset(minutes) => wall - i64::from(minutes) * 60,
            ZoneText::None | ZoneText::Region(..) => wall,
        }
    }

    /// Milliseconds since 1970, rounded down, also before 1970.
    pub fn epoch_milli(&self) -> i64 {
        self.epoch_second() * 1000 + i64::from(self.nano / 1_000_000)
    }

    /// From days since 1970.
    pub fn of_epoch_day(day: i64) -> Moment {
        let shifted = day + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        Moment::day(year as i32, month as u8, day as u8)
    }

    /// From seconds and nanoseconds since 1970.
    pub fn of_epoch(second: i64, nano: u32) -> Moment {
        let of_day = second.rem_euclid(SECONDS_OF_DAY);
        Moment {
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
            nano,
            ..Moment::of_epoch_day(second.div_euclid(SECONDS_OF_DAY))
        }
    }

    /// ISO 8601 as exports write it: `[-]yyyy-mm-dd[ |T]hh:mi:ss[.f]`, then `Z`, an offset or a region.
    /// A leading `-` is Oracle's SYYYY for years before Christ.
    pub fn parse_iso(text: &[u8]) -> Result<Moment, MomentError> {
        iso(text)
    }
}

fn is_leap(year: i32) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

/// Days of a month.
pub(super) fn month_days(_year: i32, month: u8, leap: bool) -> u8 {
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The last day of a month, proleptic Gregorian.
pub fn last_day(year: i32, month: u8) -> u8 {
    month_days(year, month, is_leap(year))
}

fn two(text: &[u8], at: usize) -> Result<u8, MomentError> {
    match text.get(at..at + 2) {
        Some([a, b]) if a.is_ascii_digit() && b.is_ascii_digit() => {
            Ok((a - b'0') * 10 + (b - b'0'))
        }
        _ => Err(MomentError::Form),
    }
}

fn expect(text: &[u8], at: usize, wanted: &[u8]) -> Result<(), MomentError> {
    let found = text.get(at).is_some_and(|b| wanted.contains(b));
    if found {
        Ok(())
    } else {
        Err(MomentError::Form)
    }
}

fn iso(text: &[u8]) -> Result<Moment, MomentError> {
    let lead = text.iter().take_while(|b| **b == b' ').count();
    let before_christ = text.get(lead) == Some(&b'-');
    let at = lead + usize::from(before_christ);
    let year = i32::from(two(text, at)?) * 100 + i32::from(two(text, at + 2)?);
    if year == 0 {
        return Err(MomentError::Year);
    }
    expect(text, at + 4, b"-/")?;
    expect(text, at + 7, b"-/")?;
    let year = if before_christ { 1 - year } else { year };
    let mut m = Moment::day(year, two(text, at + 5)?, two(text, at + 8)?);
    let mut end = at + 10;
    if matches!(text.get(end), Some(b' ' | b'T'))
        && text.get(end + 1).is_some_and(u8::is_ascii_digit)
    {
        end = iso_time(text, end + 1, &mut m)?;
    }
    m.zone = zone(text, end)?;
    m.checked()
}

/// Time of day from `at` on; where it ends.
fn iso_time(text: &[u8], at: usize, m: &mut Moment) -> Result<usize, MomentError> {
    m.hour = two(text, at)?;
    expect(text, at + 2, b":.")?;
    m.minute = two(text, at + 3)?;
    let mut end = at + 5;
    if matches!(text.get(end), Some(b':' | b'.')) {
        m.second = two(text, end + 1)?;
        end += 3;
        if matches!(text.get(end), Some(b'.' | b',')) {
            let (nano, used) = fraction(&text[end + 1..]);
            if used == 0 {
                return Err(MomentError::Form);
            }
            m.nano = nano;
            end += 1 + used;
        }
    }
    Ok(end)
}

/// Nanoseconds of up to nine digits, and how many there were.
pub(in crate::value) fn fraction(text: &[u8]) -> (u32, usize) {
    let digits = text
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count()
        .min(9);
    let value = text[..digits]
        .iter()
        .fold(0u32, |v, b| v * 10 + u32::from(b - b'0'));
    (value * 10u32.pow(9 - digits as u32), digits)
}

/// What follows a time: nothing, `Z`, an offset or a region.
pub(in crate::value) fn zone(text: &[u8], at: usize) -> Result<ZoneText, MomentError> {
    let rest = text.get(at..).unwrap_or_default();
    let blanks = rest.iter().take_while(|b| **b == b' ').count();
    let rest = rest[blanks..].trim_ascii_end();
    match rest.first() {
        None => Ok(ZoneText::None),
        Some(b'+' | b'-') => offset(rest),
        Some(b) if b.is_ascii_alphabetic() => Ok(region(rest, at + blanks)),
        Some(_) => Err(MomentError::Trailing),
    }
}

fn region(name: &[u8], at: usize) -> ZoneText {
    let utc: [&[u8]; 6] = [b"Z", b"UTC", b"GMT", b"Etc/UTC", b"UCT", b"Etc/GMT"];
    if utc.iter().any(|u| name.eq_ignore_ascii_case(u)) {
        return ZoneText::Offset(0);
    }
    ZoneText::Region(at as u16, (at + name.len()) as u16)
}

fn offset(text: &[u8]) -> Result<ZoneText, MomentError> {
    let colon = usize::from(text.get(3) == Some(&b':'));
    let minutes = if text.len() > 3 {
        two(text, 3 + colon)?
    } else {
        0
    };
    if text.len() > 5 + colon {
        return Err(MomentError::Trailing);
    }
    let hours = i16::from(two(text, 1)?);
    if hours > 15 || minutes > 59 {
        return Err(MomentError::Range);
    }
    let total = hours * 60 + i16::from(minutes);
    Ok(ZoneText::Offset(if text[0] == b'-' {
        -total
    } else {
        total
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milli(text: &str) -> Result<i64, MomentError> {
        Moment::parse_iso(text.as_bytes()).map(|m| m.epoch_milli())
    }

    #[test]
    fn iso_texts_become_milliseconds() {
        assert_eq!(milli("1970-01-01"), Ok(0));
        assert_eq!(
            milli("2024-02-29 23:59:59.999999999"),
            Ok(1_709_251_199_999)
        );
        assert_eq!(milli("1969-12-31T23:59:59.9995"), Ok(-1));
        assert_eq!(milli("2024-01-01 09:00:00 +09:00"), Ok(1_704_067_200_000));
        assert_eq!(milli("2024-01-01 00:00:00 UTC"), Ok(1_704_067_200_000));
        assert_eq!(milli(" 0001-01-01 00:00:00"), Ok(-62_135_596_800_000));
        // One day before 1 January of the year 1 is 31 December of 1 BC.
        assert_eq!(milli("-0001-12-31 00:00:00"), Ok(-62_135_683_200_000));
    }

    #[test]
    fn what_is_no_date_is_refused_with_the_reason() {
        assert_eq!(milli("2023-02-29"), Err(MomentError::Day));
        assert_eq!(milli("2023-13-01"), Err(MomentError::Range));
        assert_eq!(milli("1500-02-29"), Err(MomentError::JulianOnly));
        assert_eq!(milli("0000-01-01"), Err(MomentError::Year));
        assert_eq!(milli("-4713-01-01"), Err(MomentError::Year));
        assert_eq!(milli("01/02/2023"), Err(MomentError::Form));
        assert_eq!(milli("2023-01-01 10:00:00 !"), Err(MomentError::Trailing));
        assert_eq!(milli("2023-01-01 25:00:00"), Err(MomentError::Range));
    }

    #[test]
    fn days_count_there_and_back() {
        for day in (-2_500_000..2_932_000).step_by(997) {
            let m = Moment::of_epoch_day(day);
            assert_eq!(m.epoch_day(), day, "{m:?}");
        }
        assert_eq!(Moment::of_epoch(-1, 0).second, 59);
    }
}
