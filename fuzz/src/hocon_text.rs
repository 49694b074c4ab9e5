//! Texts that look like HOCON: what bytes alone would hardly ever make.

use crate::Choices;

/// How deep lists and objects lie in one another.
const MOST_LEVELS: usize = 4;

/// Entries of one object, and items of one list.
const MOST_ENTRIES: usize = 5;

const KEYS: &[&str] = &[
    "a", "b", "c", "d", "a.b", "a.c", "b.a", "c.d.a", "\"a\"", "\"a.b\"", "\"x y\"", "a-b", "x y",
    "1", "1.5", "007", "-1", "é", "a/b", "_", "nulls", "true", "a.1", "0", "\"é\"", "included",
];

const ODD_KEYS: &[&str] = &[
    "\"\"",
    "\"\\\\\"",
    ".a",
    "a.",
    "a..b",
    "\"a\".b",
    "a.\"b\"",
    "a$",
    "\"a\\nb\"",
    "a\tb",
    "\"a\tb\"",
    ".",
    "include",
    "include \"x\"",
    "a.1.5",
    "1.5.a",
    "1e3",
    "1 a",
    "a 1",
    "+1",
    ".5",
    "\"1\"",
    "\" a \"",
    "ж",
    "a+b",
    "\"a\"\"b\"",
    "\"a\"b",
    "a\"b\"",
    "a:b",
    "[a]",
    "\"\"\"a\"\"\"",
];

const SEPARATORS: &[&str] =
    &[" = ", "=", ": ", ":", " : ", " = ", "\t=\t", " =\n  ", "\n= ", " += ", " # c\n= ", "="];

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "007",
    "-1",
    "+5",
    "1.50",
    ".5",
    "-.5",
    "1e3",
    "1E-7",
    "1e+2",
    "12345678901234567890",
    "1.",
    "1.2.3",
    "1e",
    "-",
    "0x1f",
    "1_000",
    "--1",
    "1e400",
    "-0",
    "-0.0",
    "00.10",
    "5e-324",
];

const WORDS: &[&str] = &[
    "x",
    "foo",
    "foo bar",
    "x//y",
    "http://h:80/p",
    "s3://b/k",
    "a:b",
    "a: b",
    "'q'",
    "10 s",
    "10s",
    "5 days",
    "x-y",
    "truex",
    "nullx",
    "yes",
    "x;y",
    "\\n",
    "a\\tb",
    "\\\\",
    "a\\=b",
    "\\#",
    "\\\"",
    "é",
    "ж",
    "a\tb",
    "~/d",
    "/",
    "a/",
    "%x%",
    "(x)",
    "x|y",
    "<x>",
    "inc",
    "include x",
    "_",
    "1x",
    "x1",
    "1 x",
    "x 1",
    "1 2",
    "- x",
    "-x",
    "a,",
    "\\u00e9",
    "x .5",
    "10m",
];

const ODD_WORDS: &[&str] = &[
    "x\\",
    "\u{2028}",
    "+",
    "$",
    "$x",
    "a=b",
    "a@b",
    "!",
    "a*b",
    "a?b",
    "^",
    "`",
    "&",
    "\"",
    "}",
    "]",
    "{",
    "[",
    "\\",
    "+=",
    "=",
    ":",
    "//",
    "#",
    "\u{a0}",
    "\u{feff}",
    "\u{0}",
    "\r",
    "\u{85}",
    "\u{b}",
    "\u{c}",
    "\"\"\"",
    "include \"x\"",
    "${",
    "${}",
    "${?}",
];

const LITERALS: &[&str] =
    &["true", "false", "null", "True", "FALSE", "NULL", "True x", "null x", "x true"];

const STRINGS: &[&str] = &[
    "\"\"",
    "\"x\"",
    "\"x y\"",
    "\"a\\nb\"",
    "\"a\\\\b\"",
    "\"a\\\"b\"",
    "\"\\u00e9\"",
    "\"#x\"",
    "\"${a}\"",
    "\"a\tb\"",
    "\"\"\"x\"\"\"",
    "\"\"\"a\nb\"\"\"",
    "\"\"\"a\\n\"b\"\"\"\"",
    "\"é\"",
    "\"\\/\"",
    "\"1\"",
    "\"true\"",
    "\" x \"",
    "\"\\\\\\\"\"",
    "\"\"\"\"\"\"",
];

const REFERENCES: &[&str] = &[
    "${a}",
    "${b}",
    "${?a}",
    "${?c}",
    "${a.b}",
    "${?a.b}",
    "${b.a}",
    "${c.d.a}",
    "${SET}",
    "${?SET}",
    "${?UNSET}",
    "${?EMPTY}",
    "${\"a\"}",
    "${ a }",
    "${d}",
    "${?d}",
];

const GAPS: &[&str] = &[" ", "", "  ", "\t", " \\\n "];

const ENDS: &[&str] = &[
    "\n", "\n", "\n", ",", ",\n", " # c\n", " // c\n", "\r\n", "\n\n", " \n", ", ", " ,\n", "#c\n",
    ",,\n",
];

/// Whether a text refers to its own keys and to the environment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum References {
    /// It does.
    Some,
    /// It does not.
    None,
}

/// Writes a text.
pub fn hocon_text(choices: &mut Choices<'_>, references: References) -> String {
    let mut text = String::new();
    let mut writer = Writer { choices, references, text: &mut text };
    let has_braces = writer.choices.one_in(8);
    if has_braces {
        writer.text.push_str("{\n");
    }
    writer.entries(0);
    if has_braces {
        writer.text.push('}');
    }
    text
}

/// What a piece of a value is.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    List,
    Object,
    Reference,
}

struct Writer<'w, 'b> {
    choices: &'w mut Choices<'b>,
    references: References,
    text: &'w mut String,
}

impl Writer<'_, '_> {
    fn entries(&mut self, level: usize) {
        for _ in 0..=self.choices.below(MOST_ENTRIES) {
            if self.choices.is_spent() {
                return;
            }
            let keys = if self.choices.one_in(20) { ODD_KEYS } else { KEYS };
            self.add(keys);
            if self.choices.one_in(4) {
                self.add(&["", " ", "\n"]);
                self.object(level);
            } else {
                self.add(SEPARATORS);
                self.value(level);
            }
            self.add(ENDS);
        }
    }

    /// Writes a value: mostly one piece, or several that join; those that do not, seldom.
    fn value(&mut self, level: usize) {
        let kinds: &[Kind] = match self.choices.below(32) {
            0..=15 => &[Kind::Text],
            16..=19 => &[Kind::Text, Kind::Text],
            20 => &[Kind::Text, Kind::Text, Kind::Text],
            21..=24 => &[Kind::List],
            25 => &[Kind::List, Kind::List],
            26 => &[Kind::Reference, Kind::List],
            27 | 28 => &[Kind::Object],
            29 => &[Kind::Object, Kind::Object],
            30 => &[Kind::Reference, Kind::Object],
            _ => &[Kind::Text, Kind::List],
        };
        for (index, kind) in kinds.iter().enumerate() {
            if index > 0 {
                self.add(GAPS);
            }
            self.piece(*kind, level);
        }
    }

    fn piece(&mut self, kind: Kind, level: usize) {
        match kind {
            Kind::List => self.list(level),
            Kind::Object => self.object(level),
            Kind::Reference if self.references == References::Some => self.add(REFERENCES),
            Kind::Reference => {}
            Kind::Text => self.text_piece(),
        }
    }

    fn text_piece(&mut self) {
        match self.choices.below(16) {
            0 => {}
            1..=4 => self.add(WORDS),
            5..=7 => self.add(NUMBERS),
            8 | 9 => self.add(LITERALS),
            10..=12 if self.references == References::Some => self.add(REFERENCES),
            13 if self.choices.one_in(8) => self.add(ODD_WORDS),
            _ => self.add(STRINGS),
        }
    }

    fn object(&mut self, level: usize) {
        if level >= MOST_LEVELS {
            return self.text.push_str("{}");
        }
        self.add(&["{", "{\n", "{ ", "{ # c\n", "{,"]);
        self.entries(level + 1);
        self.add(&["}", "}", " }", "\n}"]);
    }

    fn list(&mut self, level: usize) {
        if level >= MOST_LEVELS {
            return self.text.push_str("[]");
        }
        self.add(&["[", "[\n", "[ ", "[ # c\n", "[,"]);
        for item in 0..self.choices.below(MOST_ENTRIES) {
            if item > 0 {
                self.add(&[",", ", ", "\n", ",\n", " , ", " # c\n", "\n,", ",,"]);
            }
            self.value(level + 1);
        }
        self.add(&["]", "]", " ]", "\n]", ",]"]);
    }

    fn add(&mut self, texts: &[&str]) {
        self.text.push_str(self.choices.pick(texts));
    }
}
