//! Random texts as JSON, also held to `serde_json`.
#![no_main]

use resolver::{Format, Mode};

libfuzzer_sys::fuzz_target!(|text: &str| {
    fuzz::compare_with_serde_json(text);
    fuzz::resolve(Format::Json, Mode::Clearml, text);
});
