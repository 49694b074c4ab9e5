//! Random texts as Java properties.
#![no_main]

use resolver::{Format, Mode};

libfuzzer_sys::fuzz_target!(|text: &str| {
    fuzz::resolve(Format::Properties, Mode::Clearml, text);
});
