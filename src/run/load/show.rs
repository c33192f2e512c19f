//! A bound value as text for people: what `--dry-run` and reports show. Not a format that anything reads back.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use chrono::DateTime;

use crate::plan::model::CqlType;

/// The value; bytes that are none of the type come as hexadecimal digits with a mark.
pub fn text(ty: CqlType, bytes: &[u8]) -> String {
    typed(ty, bytes).unwrap_or_else(|| format!("?0x{}", hex(bytes)))
}

fn typed(ty: CqlType, bytes: &[u8]) -> Option<String> {
    let text = match ty {
        CqlType::TinyInt => i8::from_be_bytes(bytes.try_into().ok()?).to_string(),
        CqlType::SmallInt => i16::from_be_bytes(bytes.try_into().ok()?).to_string(),
        CqlType::Int => i32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        CqlType::BigInt => i64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        CqlType::VarInt => BigInt::from_signed_bytes_be(bytes).to_string(),
        CqlType::Decimal => decimal(bytes)?,
        CqlType::Float => f32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        CqlType::Double => f64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        CqlType::Text => format!("'{}'", std::str::from_utf8(bytes).ok()?.replace('\'', "''")),
        CqlType::Timestamp => timestamp(i64::from_be_bytes(bytes.try_into().ok()?))?,
        CqlType::Boolean => (*bytes.first()? != 0).to_string(),
        CqlType::Blob => format!("0x{}", hex(bytes)),
        CqlType::Uuid => uuid(bytes)?,
        CqlType::Duration => return None,
    };
    Some(text)
}

fn decimal(bytes: &[u8]) -> Option<String> {
    let (scale, digits) = bytes.split_first_chunk::<4>()?;
    let scale = i64::from(i32::from_be_bytes(*scale));
    Some(BigDecimal::new(BigInt::from_signed_bytes_be(digits), scale).to_plain_string())
}

fn timestamp(millis: i64) -> Option<String> {
    let at = DateTime::from_timestamp_millis(millis)?;
    Some(at.format("%Y-%m-%d %H:%M:%S%.3fZ").to_string())
}

fn uuid(bytes: &[u8]) -> Option<String> {
    let digits = hex(bytes);
    let part = |from: usize, to: usize| digits.get(from..to);
    Some(format!(
        "{}-{}-{}-{}-{}",
        part(0, 8)?,
        part(8, 12)?,
        part(12, 16)?,
        part(16, 20)?,
        part(20, 32)?
    ))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_people_write_them() {
        assert_eq!(text(CqlType::Int, &(-5i32).to_be_bytes()), "-5");
        assert_eq!(text(CqlType::Decimal, &[0, 0, 0, 2, 0x04, 0xd2]), "12.34");
        assert_eq!(text(CqlType::Text, "a'b".as_bytes()), "'a''b'");
        assert_eq!(
            text(CqlType::Timestamp, &0i64.to_be_bytes()),
            "1970-01-01 00:00:00.000Z"
        );
        assert_eq!(text(CqlType::Blob, &[0, 255]), "0x00ff");
        assert_eq!(text(CqlType::Int, &[1]), "?0x01");
        let digits = text(CqlType::Uuid, &[0x11; 16]);
        assert_eq!(digits, "11111111-1111-1111-1111-111111111111");
    }
}
