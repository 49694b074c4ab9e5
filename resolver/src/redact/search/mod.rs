//! Finding the places of a text that are worth a closer look, fast.
//!
//! ```text
//! cues      Sieve ─places→ Cues     ─→ the rules look around
//! secrets   Samples ─near→ Literals ─→ masked
//! ```
//!
//! Both go over the whole text by themselves, each in a loop that has no branch for the bytes that
//! are nothing.

mod byte_set;
mod cues;
mod grams;
mod literals;
mod places;
mod runs;
mod samples;
mod sieve;
mod signs;

pub(super) use self::{
    byte_set::ByteSet,
    cues::{Cue, Cues},
    literals::{Hit, Literal, Literals, SHORTEST},
    runs::Runs,
    sieve::GROUPS,
    signs::Sign,
};
