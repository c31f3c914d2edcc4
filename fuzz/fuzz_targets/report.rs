//! `cargo fuzz run report fuzz/corpus/report tests/logs/9.2`: no input makes the reader panic or loop, and where the
//! input is cut into chunks does not matter.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pytest_medic::report::{Reader, parse};

fuzz_target!(|bytes: &[u8]| {
    let whole = parse(bytes);
    let cut = bytes.first().map_or(0, |first| usize::from(*first) * bytes.len() / 256);
    let mut reader = Reader::default();
    reader.feed(&bytes[..cut]);
    let _ = reader.report();
    reader.feed(&bytes[cut..]);
    assert_eq!(reader.finish(), whole);
});
