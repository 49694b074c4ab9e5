//! Lists of command-line arguments, of which each may say what the next one is.

use std::{borrow::Cow, ops::Range};

use super::{
    MASK, Redactor,
    rules::{Memory, Reading, Rules, Style},
    search::{Literal, Literals, SHORTEST},
    shape::{is_count, is_literal, is_ordinary},
    spans::Spans,
    weight::Weight,
};

/// How each argument is read.
const MANNER: (Reading, Style) = (Reading::Whole, Style::Command);

/// Flags whose argument is `NAME=value`, of docker, podman, kubectl, env, systemd-run and others.
const VARIABLE_FLAGS: &[&str] = &[
    "-e",
    "--env",
    "-E",
    "--build-arg",
    "-l",
    "--label",
    "--setenv",
    "--from-literal",
    "--set",
    "--set-string",
    "--opt",
    "--annotation",
    "--env-merge",
    "--secret-env",
];

/// The flag of `kubectl create secret` whose argument holds a secret, whatever its name.
const LITERAL_FLAG: &str = "--from-literal=";

/// Variables that hold a whole docker command (clearml-agent 3.0.3, `definitions.py`).
const DOCKER_IMAGE: [&str; 2] = ["CLEARML_DOCKER_IMAGE", "TRAINS_DOCKER_IMAGE"];

/// Flags whose argument is `user:password`, in `curl` and its like.
const LOGIN_FLAGS: [&str; 4] = ["-u", "--user", "-U", "--proxy-user"];

/// How many short flags may be joined in one word; a longer one is a long flag with one dash.
const LONGEST_BUNDLE: usize = 5;

/// Programs that have those flags.
const LOGIN_PROGRAMS: [&str; 3] = ["curl", "wget", "http"];

impl Redactor {
    /// Masks secrets in a list of command-line arguments, as a program gets them: an argument is
    /// looked at together with those around it. One that holds no secret is borrowed.
    ///
    /// Where clearml-agent 3.0.3 masks all that is secret in an argument, the result is the same
    /// text, down to the blanks that it writes for line ends beside a masked URL.
    pub fn mask_arguments<'a>(&self, arguments: &[&'a str]) -> Vec<Cow<'a, str>> {
        let found = find(&self.rules, arguments);
        let masked = arguments.iter().zip(found).map(|(argument, found)| found.write(argument));
        masked.collect()
    }
}

/// What is to be masked in one argument.
#[derive(Default)]
pub(super) struct Found {
    pub(super) spans: Spans,
    /// Whether the stock agent masks a URL in it, and writes it anew.
    has_login_url: bool,
}

impl Found {
    fn write<'a>(&self, argument: &'a str) -> Cow<'a, str> {
        let masked = self.spans.masked(argument);
        if self.has_login_url { Cow::Owned(rewritten(&masked)) } else { masked }
    }
}

/// Finds what is to be masked in each argument of a list.
pub(super) fn find(rules: &Rules, arguments: &[&str]) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::with_capacity(arguments.len());
    for (index, argument) in arguments.iter().enumerate() {
        let previous = index.checked_sub(1).and_then(|before| arguments.get(before)).copied();
        let mut found = Found::default();
        Argument { rules, text: argument, found: &mut found }.look(previous, arguments);
        all.push(found);
    }
    mask_repeated(arguments, &mut all);
    all
}

/// One look at an argument.
struct Argument<'a> {
    rules: &'a Rules,
    text: &'a str,
    found: &'a mut Found,
}

impl Argument<'_> {
    fn look(&mut self, previous: Option<&str>, all: &[&str]) {
        let text = self.text;
        self.rules.find(text.as_bytes(), MANNER, &mut Memory::default(), &mut self.found.spans);
        let holds_masked_url = text.contains("://") && !self.found.spans.settled().is_empty();
        self.found.has_login_url = holds_masked_url && has_masked_login(text, &self.found.spans);
        self.rules.find_random_folders(text.as_bytes(), &mut self.found.spans);
        match previous {
            Some("--from-literal") => self.look_at_literal(0),
            Some(flag) if VARIABLE_FLAGS.contains(&flag) => self.look_at_variable(0),
            Some(flag) if is_bundle_with_variable(flag) => self.look_at_variable(0),
            Some(flag) if LOGIN_FLAGS.contains(&flag) && all.iter().any(is_login_program) => {
                self.look_at_login();
            }
            Some(flag) if self.is_secret_flag(flag) => self.add(0..text.len()),
            _ => {}
        }
        if text.starts_with(LITERAL_FLAG) {
            self.look_at_literal(LITERAL_FLAG.len());
        } else if let Some(start) = variable_start(text) {
            self.look_at_variable(start);
        }
        self.found.spans.settle();
    }

    /// Looks at `NAME=value` that reaches from a place to the end of the argument.
    fn look_at_variable(&mut self, start: usize) {
        let pair = self.text.get(start..).unwrap_or_default();
        let Some((quoted_name, rest)) = pair.split_once('=') else { return };
        let name = quoted_name.trim_start_matches(['"', '\'']);
        if DOCKER_IMAGE.contains(&name.trim()) {
            return;
        }
        let weight = self.rules.names.weigh(name);
        let place = start + quoted_name.len() + 1;
        // Quotes that a shell did not take off stand around the pair.
        let closing = rest.len() - rest.trim_end_matches(['"', '\'']).len();
        let opening = quoted_name.len() - name.len();
        let value = rest.get(..rest.len() - opening.min(closing)).unwrap_or(rest);
        if weight == Weight::Certain && value.is_empty() {
            self.found.spans.add_empty(place);
        } else if is_secret_value(weight, value) {
            self.found.has_login_url = false;
            self.add(place..place + value.len());
        }
    }

    /// Looks at `key=value` of a secret of Kubernetes.
    fn look_at_literal(&mut self, start: usize) {
        let pair = self.text.get(start..).unwrap_or_default();
        if let Some(separator) = pair.find('=') {
            self.add(start + separator + 1..self.text.len());
        }
    }

    /// Looks at `user:password`.
    fn look_at_login(&mut self) {
        if let Some(colon) = self.text.find(':') {
            self.add(colon + 1..self.text.len());
        }
    }

    /// Whether the whole argument behind a flag is a secret: `--password`, but not
    /// `--password=x`; nor `--secret id=x`, by which docker names a file.
    fn is_secret_flag(&self, flag: &str) -> bool {
        let name = flag.trim_start_matches('-');
        let is_flag = name.len() < flag.len() && !name.contains('=');
        let is_other = self.text.starts_with('-') || self.text.starts_with("id=");
        is_flag && !is_other && is_secret_value(self.rules.names.weigh(name), self.text)
    }

    fn add(&mut self, range: Range<usize>) {
        self.found.spans.add(range);
    }
}

/// Whether what a name of this weight holds is a secret, in a command.
fn is_secret_value(weight: Weight, value: &str) -> bool {
    let value = value.as_bytes();
    match weight {
        Weight::None | Weight::Faint => false,
        Weight::Weak => !is_literal(value) && !is_count(value),
        Weight::Strong => !is_literal(value),
        Weight::Certain => !value.is_empty(),
    }
}

fn is_login_program(argument: &&str) -> bool {
    let program = argument.rsplit('/').next().unwrap_or_default();
    LOGIN_PROGRAMS.contains(&program)
}

/// Whether a word of short flags ends in the one for a variable: `-ite`.
fn is_bundle_with_variable(flag: &str) -> bool {
    let flags = flag.strip_prefix('-').unwrap_or_default();
    (2..=LONGEST_BUNDLE).contains(&flags.len())
        && flags.ends_with('e')
        && flags.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Returns where `NAME=value` begins if the argument is one, or a flag joined to one: `-eNAME=…`,
/// `--env=NAME=…`, `-e NAME=…` in one argument.
fn variable_start(text: &str) -> Option<usize> {
    let name_end = text.find('=')?;
    let name = text.get(..name_end)?;
    if is_variable(name.trim_start_matches(['"', '\''])) {
        return Some(0);
    }
    if let Some(flag) = VARIABLE_FLAGS.iter().find(|flag| **flag == name) {
        return Some(flag.len() + 1);
    }
    if let Some(long) = name.strip_prefix("--").filter(|long| is_variable(long)) {
        return Some(name.len() - long.len());
    }
    let (flag, variable) = name.split_once([' ', '\t']).unwrap_or(("", ""));
    if VARIABLE_FLAGS.contains(&flag) && is_variable(variable.trim_start_matches(['"', '\''])) {
        return Some(flag.len() + 1);
    }
    let flags = name.strip_prefix('-').filter(|flags| !flags.starts_with('-'))?;
    let bundle = flags.bytes().take_while(u8::is_ascii_lowercase).count();
    let variable = flags.get(..bundle)?.rfind('e')? + 2;
    is_variable(name.get(variable..)?).then_some(variable)
}

fn is_variable(name: &str) -> bool {
    let is_inside =
        |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte == b'-';
    !name.is_empty() && !name.starts_with(['-', '.']) && name.bytes().all(is_inside)
}

/// Whether one of the stretches is a password before the `@` of a URL.
fn has_masked_login(text: &str, spans: &Spans) -> bool {
    spans.settled().iter().any(|span| {
        let is_before_host = text.get(span.end..).is_some_and(|rest| rest.starts_with('@'));
        let is_behind_user = text.get(..span.start).is_some_and(|before| before.ends_with(':'));
        is_before_host && is_behind_user
    })
}

/// Writes an argument with a masked URL as the stock agent does, by Python's `urlunparse`: blanks
/// for line ends and tabs, the scheme in lower case.
fn rewritten(masked: &str) -> String {
    let words = masked.split(char::is_whitespace).map(|word| match word.split_once("://") {
        Some((before, rest)) if rest.contains(MASK) => {
            let is_outside = |character: char| !character.is_ascii_alphanumeric();
            let scheme = before.rfind(is_outside).map_or(0, |last| last + 1);
            let (before, scheme) = before.split_at_checked(scheme).unwrap_or((before, ""));
            format!("{before}{}://{rest}", scheme.to_ascii_lowercase())
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Masks what is secret in one argument wherever it stands in another.
fn mask_repeated(arguments: &[&str], all: &mut [Found]) {
    let mut secrets: Vec<String> = Vec::new();
    for (argument, found) in arguments.iter().zip(all.iter()) {
        let masked = found.spans.settled().iter().filter_map(|span| argument.get(span.clone()));
        secrets.extend(
            masked
                .map(|secret| secret.trim_matches(['"', '\'']))
                .filter(|secret| secret.len() >= SHORTEST && !is_ordinary(secret))
                .map(ToOwned::to_owned),
        );
    }
    secrets.sort_unstable();
    secrets.dedup();
    let plain =
        |secret: &String| Literal { bytes: secret.as_bytes().into(), has_partial_ends: false };
    let literals = Literals::new(secrets.iter().map(plain).collect());
    for (argument, found) in arguments.iter().zip(all) {
        literals.for_each(argument.as_bytes(), |hit| found.spans.add(hit.range));
        found.spans.settle();
    }
}
