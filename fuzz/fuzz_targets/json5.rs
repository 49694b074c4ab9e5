//! Random texts as JSON5.
#![no_main]

use resolver::{Format, Mode};

libfuzzer_sys::fuzz_target!(|text: &str| {
    fuzz::resolve(Format::Json5, Mode::Clearml, text);
});
