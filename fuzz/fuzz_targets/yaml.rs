//! Random texts as YAML.
#![no_main]

use resolver::{Format, Mode};

libfuzzer_sys::fuzz_target!(|text: &str| {
    fuzz::resolve(Format::Yaml, Mode::Clearml, text);
});
