//! Masks as Oracle reads and writes them.

use super::super::moment::ZoneText;
use super::*;

fn read(mask: &str, text: &str) -> Result<String, MomentError> {
    let mask = Mask::for_reading(mask).expect("a mask");
    let m = mask.parse(text.as_bytes())?;
    let shown = Mask::compile("SYYYY-MM-DD HH24:MI:SS.FF9 TZR").expect("a mask");
    Ok(shown.format(&m).trim().to_string())
}

fn is(mask: &str, text: &str, wanted: &str) {
    let wanted = format!("{wanted} +00:00");
    assert_eq!(
        read(mask, text).as_deref(),
        Ok(wanted.as_str()),
        "{mask} {text}"
    );
}

#[test]
fn masks_read_what_oracle_reads() {
    is("YYYY-MM-DD", "2024-02-29", "2024-02-29 00:00:00.000000000");
    is("DD-MON-RR", "03-JAN-49", "2049-01-03 00:00:00.000000000");
    is("DD-MON-RR", "03-jan-50", "1950-01-03 00:00:00.000000000");
    is("DD-MON-YY", "3-Dec-99", "2099-12-03 00:00:00.000000000");
    is(
        "DD-MON-RRRR",
        "03-JAN-1823",
        "1823-01-03 00:00:00.000000000",
    );
    is(
        "YYYY\"年\"MM\"月\"DD\"日\"",
        "2024年03月05日",
        "2024-03-05 00:00:00.000000000",
    );
    is("RR-MON-DD", "24-11月-05", "2024-11-05 00:00:00.000000000");
    is(
        "DD/MM/YYYY HH:MI:SS AM",
        "31/12/1999 12:00:01 AM",
        "1999-12-31 00:00:01.000000000",
    );
    is(
        "DD-MON-RR HH.MI.SS.FF PM",
        "01-JAN-24 11.59.59.123456 PM",
        "2024-01-01 23:59:59.123456000",
    );
    is(
        "YYYYMMDDHH24MISS",
        "20240102030405",
        "2024-01-02 03:04:05.000000000",
    );
    is(
        "fmDD-Month-YYYY",
        "1-September-2024",
        "2024-09-01 00:00:00.000000000",
    );
    is(
        "DD-MONTH-YYYY",
        "01-MAY      -2024",
        "2024-05-01 00:00:00.000000000",
    );
    is("YYYY-DDD", "2024-366", "2024-12-31 00:00:00.000000000");
    is("J", "2440588", "1970-01-01 00:00:00.000000000");
    is(
        "YYYY-MM-DD SSSSS",
        "2024-01-01 86399",
        "2024-01-01 23:59:59.000000000",
    );
    is(
        "SYYYY-MM-DD",
        "-0044-03-15",
        "-0044-03-15 00:00:00.000000000",
    );
    is(
        "YYYY-MM-DD BC",
        "0044-03-15 BC",
        "-0044-03-15 00:00:00.000000000",
    );
    is(
        "DD RM YYYY",
        "01 VIII 2024",
        "2024-08-01 00:00:00.000000000",
    );
    is(
        "DY DD-MON-YYYY",
        "FRI 05-JAN-2024",
        "2024-01-05 00:00:00.000000000",
    );
}

#[test]
fn zones_are_read() {
    let mask = "YYYY-MM-DD HH24:MI:SS TZH:TZM";
    assert_eq!(
        read(mask, "2024-01-01 00:00:00 -05:30").as_deref(),
        Ok("2024-01-01 00:00:00.000000000 -05:30")
    );
    let mask = Mask::for_reading("YYYY-MM-DD HH24:MI:SS TZR").expect("a mask");
    let m = mask
        .parse(b"2024-01-01 00:00:00 Asia/Tokyo")
        .expect("reads");
    assert_eq!(m.zone, ZoneText::Region(20, 30));
}

#[test]
fn what_does_not_follow_the_mask_is_refused() {
    assert_eq!(
        read("YYYY-MM-DD", "2024-01-01x"),
        Err(MomentError::Trailing)
    );
    assert_eq!(read("YYYY-MM-DD", "2024-01"), Err(MomentError::Form));
    assert_eq!(read("DD-MON-YYYY", "01-FOO-2024"), Err(MomentError::Form));
    assert_eq!(read("FXDD-MM-YYYY", "1-01-2024"), Err(MomentError::Form));
    assert_eq!(
        read("HH:MI AM YYYY-MM-DD", "13:00 AM 2024-01-01"),
        Err(MomentError::Range)
    );
    assert_eq!(read("YYYY-DDD", "2023-366"), Err(MomentError::Range));
    assert!(matches!(
        Mask::for_reading("HH24:MI"),
        Err(MaskError::Incomplete(_))
    ));
    assert!(matches!(
        Mask::compile("YYYY-QX-ZZ"),
        Err(MaskError::Unknown(_))
    ));
    assert!(matches!(
        Mask::for_reading("YYYY-MM-DD Q"),
        Err(MaskError::OutputOnly(_))
    ));
}

#[test]
fn dates_are_shown_as_to_char_shows_them() {
    let m = Moment {
        hour: 15,
        ..Moment::day(2024, 3, 5)
    };
    let show = |mask: &str| Mask::compile(mask).expect("a mask").format(&m);
    assert_eq!(show("DD-MON-RR HH:MI AM"), "05-MAR-24 03:00 PM");
    assert_eq!(show("fmDD.MM.YYYY"), "5.3.2024");
    assert_eq!(show("MONTH"), "MARCH    ");
    assert_eq!(show("YYYY\"Q\"Q IW DDD"), "2024Q1 10 065");
}
