//! The bytes of a file: clear, unpacked, converted. Which of them it takes is seen from the first bytes, not the name.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, Encoding};
use flate2::read::MultiGzDecoder;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Gzip,
    Zstd,
}

/// Looks at a file's first bytes.
pub(super) fn packing(path: &Path) -> io::Result<Packing> {
    let mut head = Vec::new();
    File::open(path)?.take(4).read_to_end(&mut head)?;
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Packing::Zstd,
        _ => Packing::None,
    })
}

/// Opens a range of a clear file.
pub(super) fn range(path: &Path, start: u64, end: u64) -> io::Result<Box<dyn Read + Send>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    Ok(Box::new(file.take(end - start)))
}

/// Opens a whole file: unpacked, and converted to UTF-8 where that is asked for.
pub(super) fn whole(
    path: &Path,
    transcode: Option<&'static Encoding>,
) -> io::Result<Box<dyn Read + Send>> {
    let file = BufReader::with_capacity(256 * 1024, File::open(path)?);
    let clear: Box<dyn Read + Send> = match packing(path)? {
        Packing::None => Box::new(file),
        Packing::Gzip => Box::new(MultiGzDecoder::new(file)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
    };
    Ok(match transcode {
        Some(encoding) => Box::new(Transcoded::new(clear, encoding)),
        None => clear,
    })
}

/// A byte that is in no UTF-8 text: what could not be decoded. The row that holds it is refused.
const UNDECODABLE: u8 = 0xff;

/// UTF-8 from another encoding.
struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    input: Vec<u8>,
    at: usize,
    ended: bool,
    output: Vec<u8>,
    given: usize,
}

impl<R: Read> Transcoded<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        Transcoded {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            input: Vec::new(),
            at: 0,
            ended: false,
            output: Vec::new(),
            given: 0,
        }
    }

    /// Decodes what is there, and reads more when there is nothing.
    fn fill(&mut self) -> io::Result<()> {
        self.output.clear();
        self.given = 0;
        if self.at == self.input.len() && !self.ended {
            self.input.resize(64 * 1024, 0);
            let read = self.inner.read(&mut self.input)?;
            self.input.truncate(read);
            self.at = 0;
            self.ended = read == 0;
        }
        let mut out = vec![0; 3 * (self.input.len() - self.at) + 64];
        let (result, used, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.input[self.at..],
            &mut out,
            self.ended,
        );
        self.at += used;
        out.truncate(written);
        self.output = out;
        if let DecoderResult::Malformed(..) = result {
            self.output.push(UNDECODABLE);
        }
        Ok(())
    }

    fn done(&self) -> bool {
        self.ended && self.at == self.input.len()
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut finished = false;
        while self.given == self.output.len() && !finished {
            finished = self.done();
            if !finished {
                self.fill()?;
            }
        }
        let there = &self.output[self.given..];
        let given = there.len().min(buffer.len());
        buffer[..given].copy_from_slice(&there[..given]);
        self.given += given;
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_converted_and_what_cannot_be_is_marked() {
        let read = |bytes: &[u8], name: &str| {
            let encoding = Encoding::for_label(name.as_bytes()).expect("known");
            let mut out = Vec::new();
            Transcoded::new(bytes, encoding)
                .read_to_end(&mut out)
                .expect("reads");
            out
        };
        let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode("表|ソ");
        assert_eq!(read(&sjis, "shift_jis"), "表|ソ".as_bytes());
        assert_eq!(read(b"\xff\xfea\0\n\0", "utf-16le"), b"a\n");
        assert_eq!(read(b"a\x80b", "shift_jis"), "a\u{80}b".as_bytes());
        assert_eq!(read(b"a\x85", "shift_jis"), b"a\xff");
        assert_eq!(
            read(b"\x1b$BF|K\\\x1b(B,1", "iso-2022-jp"),
            "日本,1".as_bytes()
        );
    }
}
