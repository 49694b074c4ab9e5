//! Random texts as HOCON of Lightbend's specification.
#![no_main]

use resolver::{Format, Mode};

libfuzzer_sys::fuzz_target!(|text: &str| {
    fuzz::resolve(Format::Hocon, Mode::Hocon, text);
});
