//! Words of the language in any order; every 64th text many times over.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = oracle::soup(bytes);
    oracle::check(&text);
    if bytes.len() > 4 && bytes[bytes.len() - 1] % 64 == 0 {
        oracle::check_repeated(&text);
    }
});
