//! Oracle's format models of dates as Java patterns, which both engines read. Only elements that mean the same
//! on both sides and in every language are translated.

/// Elements, longest first.
const ELEMENTS: &[(&str, &str)] = &[
    ("YYYY", "yyyy"),
    ("HH24", "HH"),
    ("MM", "MM"),
    ("DD", "dd"),
    ("MI", "mm"),
    ("SS", "ss"),
    ("FF3", "SSS"),
];

/// The Java pattern; None where an element has none.
pub fn java(model: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = model;
    while let Some(c) = rest.chars().next() {
        let element = ELEMENTS
            .iter()
            .find(|(oracle, _)| starts_with(rest, oracle));
        if let Some((oracle, java)) = element {
            out.push_str(java);
            rest = &rest[oracle.len()..];
        } else if c == '"' {
            let (text, after) = rest[1..].split_once('"')?;
            out.push_str(&format!("'{}'", text.replace('\'', "''")));
            rest = after;
        } else if "-/.,:;_ ".contains(c) {
            out.push(c);
            rest = &rest[1..];
        } else {
            return None;
        }
    }
    (!out.is_empty()).then_some(out)
}

/// For parsing: true where the pattern names a whole day, so that no part is left to a default.
pub fn names_a_day(model: &str) -> bool {
    let upper = model.to_ascii_uppercase();
    ["YYYY", "MM", "DD"].iter().all(|e| upper.contains(e))
}

fn starts_with(text: &str, element: &str) -> bool {
    text.get(..element.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(element))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_translated() {
        assert_eq!(
            java("YYYY-MM-DD HH24:MI:SS").as_deref(),
            Some("yyyy-MM-dd HH:mm:ss")
        );
        assert_eq!(java("yyyymmdd").as_deref(), Some("yyyyMMdd"));
        assert_eq!(java("YYYY\"年\"MM").as_deref(), Some("yyyy'年'MM"));
    }

    #[test]
    fn the_rest_is_refused() {
        for model in [
            "DD-MON-RR",
            "HH:MI AM",
            "FMDD",
            "D",
            "Q",
            "YYYYx",
            "\"open",
            "",
        ] {
            assert_eq!(java(model), None, "{model}");
        }
        assert!(!names_a_day("YYYYMM"));
    }
}
