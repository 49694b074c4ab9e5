//! The secrets that an answer holds.

use std::sync::Arc;

use lean_string::LeanStr;
use percent_encoding::percent_decode_str;

use super::{
    arguments,
    rules::{Carry, Memory, Reading, Rules, Style},
    search::{Literal, SHORTEST},
    shape::{is_count, is_ordinary, is_switch},
    spans::Spans,
    spellings::{add_plain, add_spellings},
    view::Sight,
    weight::Weight,
};
use crate::{
    object::Object,
    snapshot::Snapshot,
    value::{Open, Spanned, Value},
};

/// Lines of a secret of several lines have to be this long to be searched for, in bytes: `{` and
/// `[default]` stand in many texts.
const SHORTEST_LINE: usize = 8;

/// So many secrets are searched for in all their spellings; more, which no configuration for people
/// has, only as they are: a million spellings take 100 MB.
const SPELLED: usize = 10_000;

/// How sure it is that a text is a secret: the surest ones are spelled in all ways first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Surety {
    /// Its name says so, or whoever uses it.
    Sure,
    /// It is told by its form, its section, or a name that other things have, too.
    Likely,
}

/// Secrets that are searched for wherever they may stand.
pub(super) struct Secrets<'a> {
    rules: &'a Rules,
    memory: Memory,
    texts: Vec<(LeanStr, Surety)>,
}

impl<'a> Secrets<'a> {
    /// Returns none, and the rules that tell the secrets in a text.
    pub(super) fn new(rules: &'a Rules) -> Self {
        Self { rules, memory: Memory::default(), texts: Vec::new() }
    }

    /// Adds a secret, as whoever uses it says.
    pub(super) fn add(&mut self, secret: &str) {
        self.add_as(Surety::Sure, secret);
    }

    /// Adds a secret unless it is too short or too plain to be told from other text.
    fn add_as(&mut self, surety: Surety, secret: &str) {
        let is_plain = is_switch(secret.as_bytes()) || is_count(secret.as_bytes());
        // The password of a URL stands elsewhere as it is.
        if let Ok(decoded) = percent_decode_str(secret).decode_utf8()
            && decoded != secret
            && decoded.len() >= SHORTEST
        {
            self.texts.push((decoded.as_ref().into(), surety));
        }
        if secret.len() >= SHORTEST && !is_plain {
            self.texts.push((secret.into(), surety));
        }
    }

    /// Adds the value of a variable if its name says that it is a secret.
    pub(super) fn add_variable(&mut self, name: &str, value: &str) {
        if self.rules.names.weigh(name) >= Weight::Weak && !is_ordinary(value) {
            self.add(value);
        }
    }

    /// Adds the secrets of an answer, and those that a higher layer hides in it.
    pub(super) fn add_of_snapshot(&mut self, snapshot: &Snapshot) {
        self.add_below(&snapshot.root.value, Sight::Plain);
        for layer in snapshot.layers() {
            self.add_hidden(layer.root(), snapshot.root(), Sight::Plain);
        }
    }

    /// Adds what an object of a layer holds and the one in its place in the answer does not: most
    /// of a layer is in the answer as it is.
    fn add_hidden(&mut self, object: &Object, answer: &Object, sight: Sight) {
        for (key, child) in object {
            let shown = answer.get(key).map(|shown| &shown.value);
            if shown.is_some_and(|shown| is_same(&child.value, shown)) {
                continue;
            }
            let sight = sight.below(key, &self.rules.names);
            match (&child.value, shown) {
                (Value::Object(object), Some(Value::Object(answer))) => {
                    self.add_hidden(object, answer, sight);
                }
                (value, _) => self.add_below(value, sight),
            }
        }
    }

    /// Adds all secrets below a value; recurses as deep as the tree, which `Limits` bound.
    fn add_below(&mut self, value: &Value, sight: Sight) {
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
            // A number has no other form of a secret than its name.
            Value::Number(_) if sight == Sight::Plain => {}
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
            Sight::Secret(Weight::Strong | Weight::Certain) => self.add(text),
            Sight::Secret(_) => self.add_as(Surety::Likely, text),
            // Their names do not say that they are secrets: many are switches and paths.
            Sight::MaybeSecret if !is_ordinary(text) => self.add_as(Surety::Likely, text),
            Sight::MaybeSecret | Sight::Plain | Sight::Arguments => self.add_within(text),
        }
    }

    /// Adds what is masked in a text, such as the password of a URL.
    fn add_within(&mut self, text: &str) {
        let mut spans = Spans::default();
        let manner = (Reading::Whole, Style::Prose);
        self.memory.carry = Carry::default();
        self.rules.find(text.as_bytes(), manner, &mut self.memory, &mut spans);
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
        for secret in secrets.filter(|secret| !is_ordinary(secret)) {
            self.add_as(Surety::Likely, secret);
        }
    }

    /// Returns the secrets, each once, the surest first.
    pub(super) fn into_texts(mut self) -> Vec<LeanStr> {
        self.texts.sort_unstable();
        self.texts.dedup_by(|later, text| later.0 == text.0);
        self.texts.sort_by_key(|(_, surety)| *surety);
        self.texts.into_iter().map(|(text, _)| text).collect()
    }
}

/// Whether two values are one, which two trees share, or cannot be told apart. May say no to those
/// that are alike.
fn is_same(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::Object(object), Value::Object(other)) => Arc::ptr_eq(object, other),
        (Value::Array(values), Value::Array(others)) => Arc::ptr_eq(values, others),
        (Value::Open(open), Value::Open(other)) => Arc::ptr_eq(open, other),
        (Value::String(text), Value::String(other)) => text == other,
        (Value::Number(number), Value::Number(other)) => number.spelling() == other.spelling(),
        (Value::Null | Value::Bool(_), _) => true,
        _ => false,
    }
}

/// Returns all that is searched for, of which the first ones are in all their spellings.
pub(super) fn literals(texts: &[LeanStr]) -> Vec<Literal> {
    let mut literals = Vec::new();
    let (spelled, plain) = texts.split_at(texts.len().min(SPELLED));
    for text in spelled {
        // A text is read line by line, so a secret is searched for line by line; where it stands
        // in quotes as one line, it is found as a whole.
        if text.trim().contains(['\n', '\r']) {
            add_spellings(text, &mut literals);
        }
        lines(text).for_each(|line| add_spellings(line, &mut literals));
    }
    for text in plain {
        lines(text).for_each(|line| add_plain(line, &mut literals));
    }
    literals
}

/// Returns the lines of a secret that are searched for: one that is alone, whatever it is; of
/// several those that do not stand in other texts.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_alone = lines().nth(1).is_none();
    lines().filter(move |line| is_alone || line.len() >= SHORTEST_LINE && !is_ordinary(line))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Hidden, names::Names},
        *,
    };

    #[test]
    fn beyond_a_limit_secrets_are_searched_for_as_they_are() {
        let texts: Vec<LeanStr> =
            (0..SPELLED + 10).map(|number| format!("{number:05}/horse").into()).collect();
        let literals = literals(&texts);
        let is_found = |text: &str| literals.iter().any(|it| *it.bytes == *text.as_bytes());
        for (number, is_spelled) in [(0, true), (SPELLED - 1, true), (SPELLED, false)] {
            assert!(is_found(&format!("{number:05}/horse")), "{number}");
            assert_eq!(is_found(&format!("{number:05}%2Fhorse")), is_spelled, "{number}");
        }
    }

    #[test]
    fn the_surest_secrets_are_first() {
        let rules = Rules::new(Names::new(&Hidden::default(), None));
        let mut secrets = Secrets::new(&rules);
        secrets.add_as(Surety::Likely, "a secret, maybe");
        secrets.add_as(Surety::Likely, "both ways");
        secrets.add("this is a secret");
        secrets.add("both ways");
        assert_eq!(secrets.into_texts(), ["both ways", "this is a secret", "a secret, maybe"]);
    }
}
