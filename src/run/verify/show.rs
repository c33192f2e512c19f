//! Values for people: what a CQL value's bytes mean. None is NULL.

use bigdecimal::num_bigint::BigInt;

use super::canon;
use crate::plan::model::CqlType;
use crate::value::mask::Mask;
use crate::value::moment::Moment;

/// Longer texts are cut.
const LONGEST: usize = 200;

/// A value as text.
pub fn value(ty: CqlType, bytes: Option<&[u8]>) -> Option<String> {
    let bytes = bytes?;
    let shown = typed(ty, bytes).unwrap_or_else(|| hex(bytes));
    Some(match shown.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}... ({} bytes)", &shown[..at], bytes.len()),
        None => shown,
    })
}

fn typed(ty: CqlType, bytes: &[u8]) -> Option<String> {
    Some(match ty {
        CqlType::TinyInt | CqlType::SmallInt | CqlType::Int | CqlType::BigInt | CqlType::VarInt => {
            BigInt::from_signed_bytes_be(bytes).to_string()
        }
        CqlType::Decimal => {
            let mut out = Vec::new();
            canon::decimal_of(bytes)?.write_plain(&mut out);
            String::from_utf8(out).ok()?
        }
        CqlType::Float => f32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        CqlType::Double => f64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        CqlType::Text => String::from_utf8(bytes.to_vec()).ok()?,
        CqlType::Timestamp => timestamp(i64::from_be_bytes(bytes.try_into().ok()?))?,
        CqlType::Boolean => (bytes != [0]).to_string(),
        CqlType::Blob | CqlType::Uuid | CqlType::Duration => return None,
    })
}

fn timestamp(millis: i64) -> Option<String> {
    // Beyond Oracle's years the number says more.
    if !(-210_000_000_000_000..=253_402_300_799_999).contains(&millis) {
        return Some(millis.to_string());
    }
    let nano = millis.rem_euclid(1000) as u32 * 1_000_000;
    let m = Moment::of_epoch(millis.div_euclid(1000), nano);
    let mask = Mask::compile("SYYYY-MM-DD HH24:MI:SS.FF3").ok()?;
    Some(mask.format(&m).trim().to_string())
}

fn hex(bytes: &[u8]) -> String {
    let shown = bytes.iter().take(LONGEST).map(|b| format!("{b:02x}"));
    format!("0x{}", shown.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown() {
        let show = |ty, bytes: &[u8]| value(ty, Some(bytes)).expect("a value");
        assert_eq!(show(CqlType::Int, &[0xff; 4]), "-1");
        assert_eq!(show(CqlType::Decimal, &[0, 0, 0, 2, 0xff]), "-0.01");
        assert_eq!(
            show(CqlType::Timestamp, &(-1i64).to_be_bytes()),
            "1969-12-31 23:59:59.999"
        );
        assert_eq!(show(CqlType::Blob, &[1, 255]), "0x01ff");
        assert_eq!(value(CqlType::Text, None), None);
        assert!(show(CqlType::Text, &[b'x'; 900]).ends_with("... (900 bytes)"));
    }
}
