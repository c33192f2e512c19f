//! Any bytes, decoded as files are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ora2stream::source::decode::{decode, looks_binary};

fuzz_target!(|bytes: &[u8]| {
    if !looks_binary(bytes) {
        oracle::check(&decode(bytes, None).text);
    }
});
