//! What in a text is a secret, by its own bytes or by what stands around it.

mod assignment;
mod beside;
mod bytes;
mod command;
mod cues;
mod kind;
mod met;
mod prompt;
mod separator;
mod token;
mod url;
mod value;

use std::{
    mem,
    ops::Range,
    sync::{Arc, OnceLock},
};

use lean_string::LeanStr;
use memchr::memchr2_iter;

use self::{
    beside::may_have_value,
    bytes::{NAME, byte_at, byte_before, is_name},
    kind::{Kind, Name},
    met::Met,
    value::Measured,
};
use super::{
    names::Names,
    search::{Cues, Hit, Literals, Runs, Sign},
    secrets,
    spans::Spans,
};

/// How a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Line by line: nothing but a private key is longer than its line.
    Lines,
    /// As a whole: a value in quotes may hold line ends.
    Whole,
}

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// A program or a person: `token` is a word of machine learning there.
    Prose,
    /// Whoever calls a program: `token` is a secret there.
    Command,
}

/// What the lines so far say about the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Carry {
    /// How many more lines may belong to a private key.
    key_lines: u16,
    /// Whether the next line may be the value of a variable that is a secret's.
    expects_value: bool,
    /// Whether the line goes on within a secret, whose mask has been shown.
    pub(super) is_in_secret: bool,
}

/// What is remembered from one text to the next, if they are parts of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub(super) carry: Carry,
    met: Met,
}

/// All that is known about secrets.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) names: Names,
    /// The names in a text.
    names_around: Runs,
    cues: Arc<Cues>,
    listed_cues: Option<Cues>,
    /// The `@` behind a login.
    login_sign: Sign,
    secrets: Vec<LeanStr>,
    /// The secrets in their spellings, from the first text on that is looked at.
    literals: OnceLock<Literals>,
    /// Whether a listed name cannot be searched for, so that every `=` and `:` is looked at.
    looks_at_separators: bool,
}

/// One look through a text.
struct Finder<'r, 't> {
    rules: &'r Rules,
    text: &'t [u8],
    reading: Reading,
    style: Style,
    memory: &'r mut Memory,
    spans: &'r mut Spans,
    /// What lies before it has been looked at.
    names_from: usize,
    measured: Measured,
}

impl Rules {
    /// Takes the names of secrets; no secret is known yet.
    pub(super) fn new(names: Names) -> Self {
        let looks_at_separators = cues::are_beyond_cues(&names);
        let (cues, listed_cues) = (cues::cues(), cues::listed_cues(&names));
        let (secrets, literals) = (Vec::new(), OnceLock::new());
        let (names_around, login_sign) = (Runs::new(&NAME), Sign::new(b'@'));
        Self {
            names,
            names_around,
            cues,
            listed_cues,
            login_sign,
            secrets,
            literals,
            looks_at_separators,
        }
    }

    /// Returns the same rules for these secrets, of which the first ones are searched for in all
    /// their spellings.
    pub(super) fn with_secrets(self, secrets: Vec<LeanStr>) -> Self {
        Self { secrets, literals: OnceLock::new(), ..self }
    }

    /// Returns how many secrets are searched for.
    pub(super) fn secret_count(&self) -> usize {
        self.secrets.len()
    }

    fn literals(&self) -> Option<&Literals> {
        let make = || Literals::new(secrets::literals(&self.secrets));
        (!self.secrets.is_empty()).then(|| self.literals.get_or_init(make))
    }

    /// Finds what is to be masked in a text that consists of whole lines; settles the stretches.
    pub(super) fn find(
        &self,
        text: &[u8],
        manner: (Reading, Style),
        memory: &mut Memory,
        spans: &mut Spans,
    ) {
        let mut finder = Finder::new(self, text, manner, memory, spans);
        finder.continue_lines();
        let names_from = finder.names_from;
        finder.look_at_cues(&self.cues);
        if let Some(cues) = &self.listed_cues {
            finder.names_from = names_from;
            finder.look_at_cues(cues);
        }
        finder.mask_literals();
        finder.look_at_signs();
        if self.looks_at_separators {
            finder.look_at_separators();
        }
        spans.settle();
    }

    /// Adds the folders of URLs that look random; the stretches are settled again.
    pub(super) fn find_random_folders(&self, text: &[u8], spans: &mut Spans) {
        let manner = (Reading::Whole, Style::Command);
        Finder::new(self, text, manner, &mut Memory::default(), spans).mask_random_folders();
        spans.settle();
    }
}

impl<'r, 't> Finder<'r, 't> {
    fn new(
        rules: &'r Rules,
        text: &'t [u8],
        (reading, style): (Reading, Style),
        memory: &'r mut Memory,
        spans: &'r mut Spans,
    ) -> Self {
        let measured = Measured::default();
        Self { rules, text, reading, style, memory, spans, names_from: 0, measured }
    }

    /// Masks a value; there is nothing to look for in it.
    fn mask(&mut self, value: Range<usize>) {
        self.names_from = self.names_from.max(value.end);
        self.spans.add(value);
    }

    /// Masks what the lines before this text say about its first ones.
    fn continue_lines(&mut self) {
        if self.memory.carry.key_lines > 0 {
            self.mask_key_lines(0);
        }
        if mem::take(&mut self.memory.carry.expects_value) {
            self.mask_value_of_pair(0);
        }
        if mem::take(&mut self.memory.carry.is_in_secret) {
            let is_end = |byte: &u8| *byte <= b' ' || matches!(byte, b'"' | b'\'');
            let length = self.text.iter().skip(1).position(is_end);
            self.mask(0..length.map_or(self.text.len(), |length| length + 1));
        }
    }

    fn look_at_cues(&mut self, cues: &Cues) {
        cues.for_each_few(self.text, |few| {
            few.refine(|place| (place, self.is_worth_a_look(place)));
            for place in few.drain() {
                if place >= self.names_from {
                    self.look_at_cue(place);
                }
            }
        });
    }

    /// Whether the run around a cue may call for a rule; told without a branch, as nobody can
    /// foretell it, and four of five do not.
    #[inline]
    fn is_worth_a_look(&self, place: usize) -> bool {
        let run = self.rules.names_around.around(self.text, place);
        let has_value = may_have_value(self.text, &run);
        !self.memory.met.is_idle(self.text, &run, has_value)
    }

    fn mask_literals(&mut self) {
        let (rules, text) = (self.rules, self.text);
        if let Some(literals) = rules.literals() {
            literals.for_each(text, |hit| self.spans.add(with_partial_ends(text, hit)));
        }
    }

    /// Applies the rules that the run of name characters around a cue calls for.
    fn look_at_cue(&mut self, place: usize) {
        let run = self.rules.names_around.around(self.text, place);
        self.names_from = run.end.max(place + 1);
        let (rules, text) = (self.rules, self.text);
        let tell = || Kind::of(text.get(run.clone()).unwrap_or_default(), &rules.names);
        match self.memory.met.kind(text, &run, tell) {
            Kind::Other => {}
            Kind::Name(name) => self.look_at_name(&run, name),
            Kind::Token => {
                self.spans.add(run.clone());
                self.look_at_any_name(&run);
            }
            Kind::Webhook => {
                self.look_at_webhook(&run);
                self.look_at_any_name(&run);
            }
            Kind::Bearer => self.look_at_bearer(&run),
            Kind::Program(program) => self.look_at_program(program, run.end),
            Kind::Literal => self.look_at_literal(run.end),
            Kind::PrivateKey => self.look_at_private_key(&run),
        }
    }

    /// Looks at a run of name characters of which nothing is remembered.
    fn look_at_any_name(&mut self, run: &Range<usize>) {
        let name = self.text.get(run.clone()).unwrap_or_default();
        if let Some(name) = Name::of(name, &self.rules.names) {
            self.look_at_name(run, name);
        }
    }

    fn look_at_signs(&mut self) {
        let mut from = 0;
        self.rules.login_sign.for_each(self.text, |sign| {
            if sign >= from {
                from = self.look_at_sign(sign, from);
            }
        });
    }

    /// Looks at the name before each separator, whatever the name.
    fn look_at_separators(&mut self) {
        for separator in memchr2_iter(b'=', b':', self.text) {
            let last = self.text.get(..separator).unwrap_or_default();
            let quotes = last.iter().rev().take_while(|byte| !is_name(**byte)).take(4).count();
            let run = self.rules.names_around.around(self.text, separator - quotes);
            self.look_at_any_name(&run);
        }
    }
}

/// Returns the stretch of a secret, with the characters that may tell some of its bits.
fn with_partial_ends(text: &[u8], hit: Hit) -> Range<usize> {
    if !hit.has_partial_ends {
        return hit.range;
    }
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    let Range { start, end } = hit.range;
    let starts_before = is_base64(byte_before(text, start));
    start - usize::from(starts_before)..end + usize::from(is_base64(byte_at(text, end)))
}
