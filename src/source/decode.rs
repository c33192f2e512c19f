//! Bytes to text, with a stated confidence. Pure: no file is opened here. Order of evidence: what the
//! user named, a byte order mark, the shape of UTF-16, ISO-2022-JP escapes, valid UTF-8, and only then a detector's guess.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
};

use super::EncodingConfidence;

/// A decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// WHATWG name of the encoding.
    pub encoding: &'static str,
    /// How sure the choice is.
    pub confidence: EncodingConfidence,
}

/// How much of a file the detector looks at, from its first byte beyond ASCII on.
const DETECT_BYTES: usize = 1 << 20;

/// Oracle's names of character sets, which people know better than WHATWG labels.
const ORACLE_NAMES: &[(&str, &str)] = &[
    ("AL32UTF8", "utf-8"),
    ("UTF8", "utf-8"),
    ("AL16UTF16", "utf-16be"),
    ("AL16UTF16LE", "utf-16le"),
    ("JA16SJIS", "shift_jis"),
    ("JA16SJISTILDE", "shift_jis"),
    ("JA16EUC", "euc-jp"),
    ("JA16EUCTILDE", "euc-jp"),
    ("ISO2022-JP", "iso-2022-jp"),
    ("WE8ISO8859P1", "windows-1252"),
    ("WE8ISO8859P15", "iso-8859-15"),
    ("WE8MSWIN1252", "windows-1252"),
    ("EE8MSWIN1250", "windows-1250"),
    ("EE8ISO8859P2", "iso-8859-2"),
    ("CL8MSWIN1251", "windows-1251"),
    ("EL8MSWIN1253", "windows-1253"),
    ("TR8MSWIN1254", "windows-1254"),
    ("KO16MSWIN949", "euc-kr"),
    ("ZHS16GBK", "gbk"),
    ("ZHT16MSWIN950", "big5"),
    ("US7ASCII", "windows-1252"),
    ("CP932", "shift_jis"),
    ("MS932", "shift_jis"),
    ("CP1252", "windows-1252"),
];

/// The encoding of a WHATWG label or an Oracle character set name; None when there is none.
pub fn encoding_named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim();
    let oracle = ORACLE_NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(label));
    let label = oracle.map_or(label, |(_, whatwg)| whatwg);
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// Names that `encoding_named` knows, for messages.
pub fn known_names() -> impl Iterator<Item = &'static str> {
    let common = [
        "UTF-8",
        "UTF-16LE",
        "UTF-16BE",
        "Shift_JIS",
        "EUC-JP",
        "ISO-2022-JP",
        "windows-1252",
    ];
    common
        .into_iter()
        .chain(ORACLE_NAMES.iter().map(|(name, _)| *name))
}

/// Decodes `bytes` in the encoding that the user named, or in the one that they show.
pub fn decode(bytes: &[u8], named: Option<&'static Encoding>) -> Decoded {
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        return in_encoding(encoding, &bytes[bom..], EncodingConfidence::Certain);
    }
    if let Some(encoding) = named {
        return in_encoding(encoding, bytes, EncodingConfidence::Certain);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return in_encoding(encoding, bytes, EncodingConfidence::Likely);
    }
    if has_iso_2022_jp_escape(bytes) {
        return in_encoding(ISO_2022_JP, bytes, EncodingConfidence::Likely);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded {
            text: text.to_string(),
            encoding: UTF_8.name(),
            confidence: EncodingConfidence::Certain,
        },
        Err(_) if mostly_utf8(bytes) => in_encoding(UTF_8, bytes, EncodingConfidence::Doubtful),
        Err(_) => guessed(bytes),
    }
}

/// The same for bytes that are owned: valid UTF-8, which is most of what is read, is not copied.
pub fn decode_owned(bytes: Vec<u8>, named: Option<&'static Encoding>) -> Decoded {
    let plain = named.is_none_or(|e| e == UTF_8)
        && Encoding::for_bom(&bytes).is_none()
        && utf16_without_mark(&bytes).is_none()
        && !has_iso_2022_jp_escape(&bytes);
    if !plain {
        return decode(&bytes, named);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Decoded {
            text,
            encoding: UTF_8.name(),
            confidence: EncodingConfidence::Certain,
        },
        Err(e) => decode(e.as_bytes(), named),
    }
}

/// True for bytes that are not text: NULs outside UTF-16, a known signature, or many control characters.
pub fn looks_binary(bytes: &[u8]) -> bool {
    const SIGNATURES: &[&[u8]] = &[b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x7fELF", b"\x89PNG"];
    if SIGNATURES.iter().any(|s| bytes.starts_with(s)) {
        return true;
    }
    let head = &bytes[..bytes.len().min(64 * 1024)];
    if Encoding::for_bom(head).is_some() || utf16_without_mark(head).is_some() {
        return false;
    }
    let control = |b: &&u8| matches!(**b, 0x01..=0x08 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    head.contains(&0) || head.iter().filter(control).count() * 20 > head.len()
}

fn in_encoding(
    encoding: &'static Encoding,
    bytes: &[u8],
    confidence: EncodingConfidence,
) -> Decoded {
    let (text, faulty) = encoding.decode_without_bom_handling(bytes);
    // Single-byte encodings decode anything: C1 controls show that the choice was wrong.
    let faulty = faulty || text.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c));
    Decoded {
        text: text.into_owned(),
        encoding: encoding.name(),
        confidence: if faulty {
            EncodingConfidence::Doubtful
        } else {
            confidence
        },
    }
}

fn guessed(bytes: &[u8]) -> Decoded {
    let from = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(0);
    let window = &bytes[from..bytes.len().min(from + DETECT_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(window, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    if let Some(japanese) = short_japanese(bytes, window, encoding) {
        return japanese;
    }
    let decoded = in_encoding(encoding, bytes, EncodingConfidence::Likely);
    if decoded.confidence == EncodingConfidence::Doubtful && encoding != SHIFT_JIS {
        // A detector that is thrown off by few Japanese characters is corrected by a clean reading.
        let japanese = in_encoding(SHIFT_JIS, bytes, EncodingConfidence::Likely);
        if japanese.confidence == EncodingConfidence::Likely {
            return japanese;
        }
    }
    decoded
}

/// Few characters are too few for frequencies: of East Asian readings of a short text, that as
/// Japanese counts where all of it is.
fn short_japanese(bytes: &[u8], window: &[u8], guess: &'static Encoding) -> Option<Decoded> {
    const SHORT: usize = 60;
    let high = window
        .iter()
        .filter(|b| !b.is_ascii())
        .take(SHORT + 1)
        .count();
    let east_asian = [GBK, BIG5, EUC_KR].contains(&guess);
    if high > SHORT || !east_asian {
        return None;
    }
    let readings = [SHIFT_JIS, EUC_JP].map(|e| in_encoding(e, bytes, EncodingConfidence::Likely));
    let [sjis, euc] = readings.map(|r| is_japanese(&r).then_some(r));
    match (sjis, euc) {
        (Some(one), None) | (None, Some(one)) => Some(one),
        (Some(_), Some(euc)) => Some(euc),
        (None, None) => None,
    }
}

/// Whatever is not ASCII is kana, a common ideograph or Japanese punctuation; half-width kana,
/// which any Western text decodes to, do not count.
fn is_japanese(decoded: &Decoded) -> bool {
    let wide = |c: char| matches!(c, '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff5e}');
    let mut others = decoded.text.chars().filter(|c| !c.is_ascii()).peekable();
    decoded.confidence == EncodingConfidence::Likely && others.peek().is_some() && others.all(wide)
}

/// UTF-16 of mostly Latin text shows itself by zeros at every other byte: all of them on one side,
/// and what is read has no faults and no control characters.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4096) & !1];
    if head.len() < 8 {
        return None;
    }
    let zeros = |odd: usize| {
        head.iter()
            .skip(odd)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd, pairs) = (zeros(0), zeros(1), head.len() / 2);
    let encoding = match (even * 4 >= pairs, odd * 4 >= pairs) {
        (true, false) if odd == 0 => UTF_16BE,
        (false, true) if even == 0 => UTF_16LE,
        (true, true) | (true, false) | (false, true) | (false, false) => return None,
    };
    // The head may end inside a pair of surrogates.
    let (text, _) = encoding.decode_without_bom_handling(&head[..head.len().min(4092)]);
    let faulty = |c: char| c == '\u{fffd}' || c.is_control() && !c.is_ascii_whitespace();
    (!text.chars().any(faulty)).then_some(encoding)
}

fn has_iso_2022_jp_escape(bytes: &[u8]) -> bool {
    const ESCAPES: &[&[u8]] = &[b"$@", b"$B", b"(J", b"(I"];
    bytes.is_ascii()
        && bytes
            .iter()
            .enumerate()
            .filter(|(_, b)| **b == 0x1b)
            .any(|(i, _)| ESCAPES.iter().any(|e| bytes[i + 1..].starts_with(e)))
}

/// True when the well-formed multi-byte sequences far outnumber the broken ones: a damaged UTF-8 text.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && good >= bad * 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use EncodingConfidence::{Certain, Doubtful, Likely};
    use encoding_rs::{WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

    const JAPANESE: &str = "-- 検針データの日次集計。欠測は翌日に補完する。\nCREATE TABLE 検針値 (メーター番号 NUMBER);\n";

    fn check(bytes: &[u8], encoding: &str, confidence: EncodingConfidence, text: &str) {
        let got = decode(bytes, None);
        assert_eq!((got.encoding, got.confidence), (encoding, confidence));
        assert_eq!(got.text, text);
    }

    #[test]
    fn japanese_encodings_are_told_apart() {
        check(&SHIFT_JIS.encode(JAPANESE).0, "Shift_JIS", Likely, JAPANESE);
        check(&EUC_JP.encode(JAPANESE).0, "EUC-JP", Likely, JAPANESE);
        check(
            &ISO_2022_JP.encode(JAPANESE).0,
            "ISO-2022-JP",
            Likely,
            JAPANESE,
        );
        check(JAPANESE.as_bytes(), "UTF-8", Certain, JAPANESE);
    }

    #[test]
    fn few_japanese_characters_are_enough() {
        for text in [
            "-- 売上の集計\n",
            "COMMENT ON COLUMN t.c IS '検針日の翌日';\n",
            "-- 日次バッチ\nCOMMIT;\n",
        ] {
            check(&SHIFT_JIS.encode(text).0, "Shift_JIS", Likely, text);
            check(&EUC_JP.encode(text).0, "EUC-JP", Likely, text);
        }
    }

    #[test]
    fn utf16_without_a_mark_is_seen_in_japanese_text() {
        let bytes = |pair: fn(u16) -> [u8; 2]| -> Vec<u8> {
            JAPANESE.encode_utf16().flat_map(pair).collect()
        };
        check(&bytes(u16::to_le_bytes), "UTF-16LE", Likely, JAPANESE);
        check(&bytes(u16::to_be_bytes), "UTF-16BE", Likely, JAPANESE);
        assert!(!looks_binary(&bytes(u16::to_le_bytes)));
        assert!(looks_binary(
            b"SELECT 1\0 FROM dual;\nSELECT 2 FROM dual;\n"
        ));
    }

    #[test]
    fn code_pages_of_europe_are_told_apart() {
        let polish =
            "-- Miesięczne zestawienie sprzedaży dla oddziałów, z podziałem na źródło płatności\n";
        let russian = "-- Ежедневный расчёт остатков по счетам клиентов\n";
        check(
            &WINDOWS_1250.encode(polish).0,
            "windows-1250",
            Likely,
            polish,
        );
        check(
            &WINDOWS_1251.encode(russian).0,
            "windows-1251",
            Likely,
            russian,
        );
    }

    #[test]
    fn owned_bytes_are_read_alike() {
        let euc = EUC_JP.encode(JAPANESE).0.into_owned();
        for bytes in [
            JAPANESE.as_bytes().to_vec(),
            euc,
            b"\xef\xbb\xbfx".to_vec(),
            b"\xff".to_vec(),
        ] {
            assert_eq!(decode_owned(bytes.clone(), None), decode(&bytes, None));
        }
    }

    #[test]
    fn cp932_extensions_decode() {
        let text = "①㈱髙 ～";
        let got = decode(&SHIFT_JIS.encode(text).0, encoding_named("cp932"));
        assert_eq!((got.text.as_str(), got.confidence), (text, Certain));
    }

    #[test]
    fn marks_win_over_what_the_user_named() {
        let with_bom = |bom: &[u8], body: Vec<u8>| [bom, &body].concat();
        let le: Vec<u8> = "SELECT é"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let be: Vec<u8> = "SELECT é"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        check(
            &with_bom(b"\xff\xfe", le.clone()),
            "UTF-16LE",
            Certain,
            "SELECT é",
        );
        check(&with_bom(b"\xfe\xff", be), "UTF-16BE", Certain, "SELECT é");
        check(&le, "UTF-16LE", Likely, "SELECT é");
        let got = decode(b"\xef\xbb\xbfx", Some(SHIFT_JIS));
        assert_eq!((got.text.as_str(), got.encoding), ("x", "UTF-8"));
    }

    #[test]
    fn western_text_is_windows_1252() {
        let text = "-- résumé des ventes à créer\nSELECT 'naïve' FROM dual;\n";
        check(&WINDOWS_1252.encode(text).0, "windows-1252", Likely, text);
    }

    #[test]
    fn damaged_utf8_stays_utf8_and_is_doubtful() {
        let mut bytes = JAPANESE.as_bytes().to_vec();
        bytes[4] = 0xff;
        let got = decode(&bytes, None);
        assert_eq!((got.encoding, got.confidence), ("UTF-8", Doubtful));
        assert!(got.text.contains('\u{fffd}') && got.text.contains("検針値"));
    }

    #[test]
    fn a_wrong_name_is_doubtful() {
        let got = decode(JAPANESE.as_bytes(), encoding_named("windows-1252"));
        assert_eq!(got.confidence, Doubtful);
    }

    #[test]
    fn names_of_oracle_and_of_the_web_are_known() {
        assert_eq!(encoding_named("JA16SJISTILDE"), Some(SHIFT_JIS));
        assert_eq!(encoding_named("sjis"), Some(SHIFT_JIS));
        assert_eq!(encoding_named("klingon"), None);
        assert!(known_names().all(|n| encoding_named(n).is_some()));
    }

    #[test]
    fn binary_is_seen() {
        assert!(looks_binary(b"\x7fELF\x02\x01\x01"));
        assert!(looks_binary(b"abc\0def"));
        assert!(!looks_binary(JAPANESE.as_bytes()));
        assert!(!looks_binary(&ISO_2022_JP.encode(JAPANESE).0));
        let le: Vec<u8> = "SELECT 1"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(!looks_binary(&le));
        assert!(!looks_binary(b""));
    }
}
