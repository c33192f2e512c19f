//! Source text of the places that the report shows, each once.

use std::collections::BTreeMap;

use super::Cx;
use crate::assess::model::{Excerpt, LoopReport, WriteReport};
use crate::source::SourceFile;

/// Lines shown of one place.
const MAX_LINES: usize = 60;
/// Characters shown of one line: generated code has lines of megabytes.
const MAX_COLUMNS: usize = 400;

/// Excerpts in order of file and line.
pub(super) fn build(cx: &Cx<'_>, writes: &[WriteReport], loops: &[LoopReport]) -> Vec<Excerpt> {
    let mut ranges: BTreeMap<(&str, u32), u32> = BTreeMap::new();
    let of_writes = writes.iter().map(|w| (w.file.as_str(), w.line, w.end_line));
    let of_loops = loops
        .iter()
        .map(|l| (l.place.file.as_str(), l.place.line, l.place.end_line));
    for (file, line, end) in of_writes.chain(of_loops) {
        let last = ranges.entry((file, line)).or_insert(end);
        *last = (*last).max(end);
    }
    let files: BTreeMap<&str, &SourceFile> = cx
        .on
        .input
        .sources
        .iter()
        .map(|(_, f)| (f.path.as_str(), f))
        .collect();
    ranges
        .into_iter()
        .filter_map(|((file, line), end)| excerpt(files.get(file)?, line, end))
        .collect()
}

fn excerpt(file: &SourceFile, line: u32, end: u32) -> Option<Excerpt> {
    let wanted = (end.checked_sub(line)? + 1) as usize;
    let mut cut = wanted > MAX_LINES;
    let mut text = String::new();
    let lines = file.text.lines().skip(line.saturating_sub(1) as usize);
    for l in lines.take(wanted.min(MAX_LINES)) {
        if let Some((at, _)) = l.char_indices().nth(MAX_COLUMNS) {
            text.push_str(&l[..at]);
            cut = true;
        } else {
            text.push_str(l);
        }
        text.push('\n');
    }
    Some(Excerpt {
        file: file.path.clone(),
        line,
        text,
        cut,
    })
}
