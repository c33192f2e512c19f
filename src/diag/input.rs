//! What is to be said about reading the input: one finding a file that was not read or may be misread.

use super::{Code, Diagnostic};
use crate::source::{EncodingConfidence, Input, SkipReason, Skipped, Span};

/// Findings about files, in order of path within each kind.
pub fn input_findings(input: &Input) -> Vec<Diagnostic> {
    let skipped = input.skipped.iter().filter_map(skipped);
    let doubtful =
        input
            .sources
            .iter()
            .filter(|(_, f)| f.confidence == EncodingConfidence::Doubtful)
            .map(|(id, f)| {
                let bad = f.text.find('\u{fffd}').unwrap_or(0);
                let end = bad + f.text[bad..].chars().next().map_or(0, char::len_utf8);
                let message = format!("{} does not decode cleanly as {}", f.path, f.encoding);
                Diagnostic::new(Code::DoubtfulEncoding, message)
                .at(Span::new(id, bad as u32, end as u32), "first doubtful character")
                .help("name the encoding in ora2stream.toml under [encodings], or with --encoding")
            });
    let changed = input.changed.iter().map(|path| {
        let message = format!("{path} changed while it was read");
        Diagnostic::new(Code::FileChanged, message).help("run again when nothing writes to it")
    });
    skipped.chain(changed).chain(doubtful).collect()
}

fn skipped(file: &Skipped) -> Option<Diagnostic> {
    let code = match &file.reason {
        SkipReason::Binary => Code::BinaryFile,
        SkipReason::Unreadable(_) => Code::Unreadable,
        SkipReason::TooLarge(_) => Code::HugeFile,
        SkipReason::NotRecognised | SkipReason::Data | SkipReason::Link | SkipReason::Excluded => {
            return None;
        }
    };
    Some(Diagnostic::new(
        code,
        format!("{}: {}", file.path, file.reason),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    #[test]
    fn unread_and_doubtful_files_are_named() {
        let mut input = Input::default();
        input.skipped.push(Skipped {
            path: "a.sql".into(),
            bytes: 3,
            reason: SkipReason::Unreadable("denied".into()),
        });
        input.sources.add(SourceFile::decoded(
            "b.sql".into(),
            "x\u{fffd}".into(),
            2,
            "UTF-8",
            EncodingConfidence::Doubtful,
        ));
        let codes: Vec<_> = input_findings(&input).iter().map(|d| d.code).collect();
        assert_eq!(codes, [Code::Unreadable, Code::DoubtfulEncoding]);
    }
}
