//! Random texts as HOCON of the stock clients' dialect.
#![no_main]

use resolver::{Format, Mode};

libfuzzer_sys::fuzz_target!(|text: &str| {
    fuzz::resolve(Format::Hocon, Mode::Clearml, text);
});
