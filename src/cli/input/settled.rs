//! Reads a file as it was at one moment: where it changes meanwhile it is read again, a few times.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// Readings before a file that goes on changing is taken as it is.
const TRIES: usize = 3;

/// What tells that a file was written to.
type Stamp = (u64, Option<SystemTime>);

/// The bytes, and whether the file changed during every reading of it.
pub fn read(path: &Path) -> io::Result<(Vec<u8>, bool)> {
    settle(
        || std::fs::metadata(path).map(|meta| stamp(&meta)),
        || std::fs::read(path),
    )
}

fn stamp(meta: &Metadata) -> Stamp {
    (meta.len(), meta.modified().ok())
}

fn settle(
    stamp: impl Fn() -> io::Result<Stamp>,
    mut read: impl FnMut() -> io::Result<Vec<u8>>,
) -> io::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    for _ in 0..TRIES {
        let before = stamp()?;
        bytes = read()?;
        // Sizes of files that the system makes up are no sizes.
        let whole = before.0 == 0 || bytes.len() as u64 == before.0;
        if whole && stamp()? == before {
            return Ok((bytes, false));
        }
    }
    Ok((bytes, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_file_that_settles_is_read_again() {
        let reads = Cell::new(0usize);
        let stamp = || Ok((2, Some(SystemTime::UNIX_EPOCH)));
        let read = || {
            reads.set(reads.get() + 1);
            Ok(if reads.get() == 1 {
                b"h".to_vec()
            } else {
                b"ab".to_vec()
            })
        };
        let got = settle(stamp, read).expect("read");
        assert_eq!((got, reads.get()), ((b"ab".to_vec(), false), 2));
    }

    #[test]
    fn a_file_that_never_settles_is_taken_and_said() {
        let size = Cell::new(1);
        let stamp = || {
            size.set(size.get() + 1);
            Ok((size.get(), None))
        };
        let (bytes, changed) = settle(stamp, || Ok(b"x".to_vec())).expect("read");
        assert_eq!((bytes.as_slice(), changed), (b"x".as_slice(), true));
    }

    #[test]
    fn errors_stay_errors() {
        let refused = || Err(io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(settle(|| Ok((1, None)), refused).is_err());
    }
}
