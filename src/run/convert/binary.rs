//! RAW and BLOB between text and bytes.

use super::reject::{Refusal, RejectCode};
use crate::plan::model::BinaryText;

fn no_binary(form: &str) -> Refusal {
    Refusal::new(RejectCode::BinaryForm, format!("not {form}"))
}

/// Appends the bytes that a text stands for.
pub fn read(text: &[u8], form: BinaryText, out: &mut Vec<u8>) -> Result<(), Refusal> {
    match form {
        BinaryText::Hex => hex(text, out),
        BinaryText::Base64 => base64(text, out),
    }
}

fn hex(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    if !text.len().is_multiple_of(2) {
        return Err(no_binary("hexadecimal (an odd number of digits)"));
    }
    for pair in text.chunks_exact(2) {
        let byte = digit(pair[0]).zip(digit(pair[1]));
        let (high, low) = byte.ok_or_else(|| no_binary("hexadecimal"))?;
        out.push(high << 4 | low);
    }
    Ok(())
}

fn six_bits(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

fn base64(text: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let kept = text.iter().filter(|b| !b.is_ascii_whitespace());
    let body: Vec<u8> = kept.copied().collect();
    let end = body.iter().position(|b| *b == b'=').unwrap_or(body.len());
    let padding_is_last = body[end..].iter().all(|b| *b == b'=') && body.len() - end <= 2;
    if end % 4 == 1 || !padding_is_last {
        return Err(no_binary("base64"));
    }
    for group in body[..end].chunks(4) {
        let mut bits = 0u32;
        for b in group {
            bits = bits << 6 | six_bits(*b).ok_or_else(|| no_binary("base64"))?;
        }
        let bytes = (bits << (6 * (4 - group.len()))).to_be_bytes();
        out.extend_from_slice(&bytes[1..group.len()]);
    }
    Ok(())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends bytes as base64 with padding.
pub fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    for group in bytes.chunks(3) {
        let mut word = [0u8; 4];
        word[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(word);
        for i in 0..4 {
            let six = (bits >> (18 - 6 * i)) & 63;
            out.push(if i <= group.len() {
                ALPHABET[six as usize]
            } else {
                b'='
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_base64_there_and_back() {
        for bytes in [
            &b""[..],
            b"\x00",
            b"\xff\x01",
            b"abc",
            b"abcd",
            b"\x00\x10\x83\x10\x51",
        ] {
            let (mut text, mut back) = (Vec::new(), Vec::new());
            write_base64(bytes, &mut text);
            read(&text, BinaryText::Base64, &mut back).expect("base64");
            assert_eq!(back, bytes);
        }
        let mut out = Vec::new();
        read(b"00fFA0", BinaryText::Hex, &mut out).expect("hex");
        assert_eq!(out, b"\x00\xff\xa0");
        assert!(read(b"0", BinaryText::Hex, &mut out).is_err());
        assert!(read(b"zz", BinaryText::Hex, &mut out).is_err());
        assert!(read(b"A", BinaryText::Base64, &mut out).is_err());
        assert!(read(b"A=BC", BinaryText::Base64, &mut out).is_err());
    }
}
