//! One form for values that mean the same, so that comparing bytes is comparing values: decimals without zeros at the
//! end, varints as short as can be, one NaN, one zero; a value that is not set and a NULL are the same.

use crate::plan::model::CqlType;
use crate::run::convert::number::{self, Decimal};
use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;

/// Appends a value's length and canonical bytes.
pub fn value(ty: CqlType, bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    let Some(bytes) = bytes else {
        out.extend_from_slice(&(-1i32).to_be_bytes());
        return;
    };
    match ty {
        CqlType::Decimal => decimal(bytes, out),
        CqlType::VarInt => number::push_value(out, shortest(bytes)),
        CqlType::Float => match bytes.try_into().map(f32::from_be_bytes) {
            Ok(v) if v.is_nan() => number::push_value(out, &f32::NAN.to_be_bytes()),
            Ok(v) => number::push_value(out, &(v + 0.0).to_be_bytes()),
            Err(_) => number::push_value(out, bytes),
        },
        CqlType::Double => match bytes.try_into().map(f64::from_be_bytes) {
            Ok(v) if v.is_nan() => number::push_value(out, &f64::NAN.to_be_bytes()),
            Ok(v) => number::push_value(out, &(v + 0.0).to_be_bytes()),
            Err(_) => number::push_value(out, bytes),
        },
        CqlType::TinyInt
        | CqlType::SmallInt
        | CqlType::Int
        | CqlType::BigInt
        | CqlType::Text
        | CqlType::Timestamp
        | CqlType::Boolean
        | CqlType::Blob
        | CqlType::Uuid
        | CqlType::Duration => number::push_value(out, bytes),
    }
}

/// A two's complement without needless bytes at its front.
fn shortest(bytes: &[u8]) -> &[u8] {
    let mut bytes = bytes;
    while let [first, second, ..] = bytes {
        let fill = if second & 0x80 == 0 { 0x00 } else { 0xff };
        if *first != fill {
            break;
        }
        bytes = &bytes[1..];
    }
    bytes
}

fn decimal(bytes: &[u8], out: &mut Vec<u8>) {
    match decimal_of(bytes) {
        Some(value) => number::push_decimal(out, &value.trimmed()),
        None => number::push_value(out, bytes),
    }
}

/// The number that a decimal's bytes hold.
pub fn decimal_of(bytes: &[u8]) -> Option<Decimal> {
    let (scale, unscaled) = bytes.split_first_chunk::<4>()?;
    let scale = i32::from_be_bytes(*scale);
    if unscaled.len() <= 15 && (0..=38).contains(&scale) {
        let fill = if unscaled.first().is_some_and(|b| b & 0x80 != 0) {
            0xff
        } else {
            0
        };
        let mut wide = [fill; 16];
        wide[16 - unscaled.len()..].copy_from_slice(unscaled);
        return Some(Decimal::Small(i128::from_be_bytes(wide), scale));
    }
    // A scale beyond this is nobody's amount; its bytes are compared as they are.
    if scale.unsigned_abs() > 10_000 {
        return None;
    }
    let unscaled = BigInt::from_signed_bytes_be(unscaled);
    Some(number::shrink(&BigDecimal::new(unscaled, i64::from(scale))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(ty: CqlType, a: &[u8], b: &[u8]) -> bool {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        value(ty, Some(a), &mut x);
        value(ty, Some(b), &mut y);
        x == y
    }

    #[test]
    fn equal_values_have_equal_bytes() {
        assert!(same(
            CqlType::Decimal,
            &[0, 0, 0, 1, 10],
            &[0, 0, 0, 2, 0, 100]
        ));
        assert!(same(
            CqlType::Decimal,
            &[0xff, 0xff, 0xff, 0xfe, 1],
            &[0, 0, 0, 0, 100]
        ));
        assert!(!same(
            CqlType::Decimal,
            &[0, 0, 0, 1, 10],
            &[0, 0, 0, 1, 11]
        ));
        assert!(same(
            CqlType::Decimal,
            &[0, 0, 0, 0, 0xff],
            &[0, 0, 0, 1, 0xf6]
        ));
        assert!(
            same(CqlType::VarInt, &[0, 0, 5], &[5])
                && same(CqlType::VarInt, &[0xff, 0xff], &[0xff])
        );
        assert!(!same(CqlType::VarInt, &[0, 0x80], &[0x80]));
        assert!(same(
            CqlType::Double,
            &(-0.0f64).to_be_bytes(),
            &0f64.to_be_bytes()
        ));
        assert!(!same(
            CqlType::Double,
            &1f64.to_be_bytes(),
            &(1f64.to_bits() + 1).to_be_bytes()
        ));
        assert!(!same(CqlType::Text, b"a", b"a "));
        let mut null = Vec::new();
        value(CqlType::Text, None, &mut null);
        let mut empty = Vec::new();
        value(CqlType::Text, Some(b""), &mut empty);
        assert_ne!(null, empty);
    }
}
