//! The secrets that an answer holds.

use percent_encoding::percent_decode_str;
use smol_str::SmolStr;

use super::{
    arguments,
    rules::{Carry, Reading, Rules, Style},
    search::{Literal, SHORTEST},
    shape::{is_count, is_ordinary, is_switch},
    spans::Spans,
    spellings::add_spellings,
    view::Sight,
    weight::Weight,
};
use crate::value::{Open, Spanned, Value};

/// Lines of a secret of several lines have to be this long to be searched for, in bytes: `{` and
/// `[default]` stand in many texts.
const SHORTEST_LINE: usize = 10;

/// Secrets that are searched for wherever they may stand.
pub(super) struct Secrets<'a> {
    rules: &'a Rules,
    texts: Vec<SmolStr>,
}

impl<'a> Secrets<'a> {
    /// Returns none, and the rules that tell the secrets in a text.
    pub(super) fn new(rules: &'a Rules) -> Self {
        Self { rules, texts: Vec::new() }
    }

    /// Adds a secret that is surely one, unless it is too short or too plain to be told from other
    /// text.
    pub(super) fn add(&mut self, secret: &str) {
        let is_plain = is_switch(secret.as_bytes()) || is_count(secret.as_bytes());
        // The password of a URL stands elsewhere as it is.
        if let Ok(decoded) = percent_decode_str(secret).decode_utf8()
            && decoded != secret
            && decoded.len() >= SHORTEST
        {
            self.texts.push(decoded.as_ref().into());
        }
        if secret.len() >= SHORTEST && !is_plain {
            self.texts.push(secret.into());
        }
    }

    /// Adds the value of a variable if its name says that it is a secret.
    pub(super) fn add_variable(&mut self, name: &str, value: &str) {
        if self.rules.names.weigh(name) >= Weight::Weak && !is_ordinary(value) {
            self.add(value);
        }
    }

    /// Adds all secrets below a value; recurses as deep as the tree, which `Limits` bound.
    pub(super) fn add_below(&mut self, value: &Value, sight: Sight) {
        match value {
            Value::Object(object) => {
                for (key, child) in object.iter() {
                    self.add_below(&child.value, sight.below(key, &self.rules.names));
                }
            }
            Value::Array(values) if sight == Sight::Arguments => self.add_of_arguments(values),
            Value::Array(values) => {
                values.iter().for_each(|child| self.add_below(&child.value, sight));
            }
            Value::String(text) => self.add_text(text, sight),
            Value::Number(number) => self.add_text(number.spelling(), sight),
            Value::Open(open) => self.add_open(open, sight),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A text beside a reference is a part of a secret, and as secret.
    fn add_open(&mut self, open: &Open, sight: Sight) {
        match open {
            Open::Reference(_) => {}
            Open::Concat(pieces) => {
                pieces.iter().for_each(|piece| self.add_below(&piece.value.value, sight));
            }
            Open::Stack(layers) => {
                for layer in layers {
                    self.add_below(&layer.value, sight);
                }
            }
        }
    }

    fn add_text(&mut self, text: &str, sight: Sight) {
        match sight {
            Sight::Secret => self.add(text),
            // Their names do not say that they are secrets: many are switches and paths.
            Sight::MaybeSecret if !is_ordinary(text) => self.add(text),
            Sight::MaybeSecret | Sight::Plain | Sight::Arguments => self.add_within(text),
        }
    }

    /// Adds what is masked in a text, such as the password of a URL.
    fn add_within(&mut self, text: &str) {
        let mut spans = Spans::default();
        let manner = (Reading::Whole, Style::Prose);
        self.rules.find(text.as_bytes(), manner, Carry::default(), &mut spans);
        self.add_stretches(text, &spans);
    }

    fn add_of_arguments(&mut self, values: &[Spanned]) {
        let texts: Vec<_> =
            values.iter().map(|child| child.value.as_str().unwrap_or_default()).collect();
        for (text, found) in texts.iter().zip(arguments::find(self.rules, &texts)) {
            self.add_stretches(text, &found.spans);
        }
    }

    fn add_stretches(&mut self, text: &str, spans: &Spans) {
        let secrets = spans.settled().iter().filter_map(|span| text.get(span.clone()));
        secrets.filter(|secret| !is_ordinary(secret)).for_each(|secret| self.add(secret));
    }

    /// Returns all that is searched for.
    pub(super) fn into_literals(mut self) -> Vec<Literal> {
        self.texts.sort_unstable();
        self.texts.dedup();
        let mut literals = Vec::new();
        for text in &self.texts {
            // A text is read line by line, so a secret is searched for line by line; where it
            // stands in quotes as one line, it is found as a whole.
            if text.trim().contains(['\n', '\r']) {
                add_spellings(text, &mut literals);
            }
            let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            if let (Some(line), None) = (lines.next(), lines.next()) {
                add_spellings(line, &mut literals);
                continue;
            }
            let long = |line: &&str| line.len() >= SHORTEST_LINE && !is_ordinary(line);
            text.lines().map(str::trim).filter(long).for_each(|line| {
                add_spellings(line, &mut literals);
            });
        }
        literals
    }
}
