//! Stacks of structured texts, merged, explained and linted.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::merge_layers(bytes);
});
