//! Structured texts that refer to themselves, in both modes.
#![no_main]

use fuzz::{Choices, References};
use resolver::{Format, Mode};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = fuzz::hocon_text(&mut Choices::new(bytes), References::Some);
    fuzz::resolve(Format::Hocon, Mode::Clearml, &text);
    fuzz::resolve(Format::Hocon, Mode::Hocon, &text);
});
