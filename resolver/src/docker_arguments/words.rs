//! Arguments of `docker run`, read as docker reads them and told in the normal form.
//!
//! As spf13/pflag, which docker and podman use: a long flag has its value behind `=` or in the next
//! argument, short flags may be joined, and the first of them that takes a value takes the rest.

/// Flags without a value, of docker and podman; all others take the next argument.
const SWITCHES: &[&str] = &[
    "detach",
    "disable-content-trust",
    "env-host",
    "help",
    "http-proxy",
    "init",
    "interactive",
    "no-healthcheck",
    "no-hosts",
    "oom-kill-disable",
    "privileged",
    "publish-all",
    "quiet",
    "read-only",
    "replace",
    "rm",
    "sig-proxy",
    "tty",
    "use-api-socket",
];

/// Their short forms.
const SHORT_SWITCHES: [char; 5] = ['d', 'i', 't', 'P', 'q'];

/// Flags whose value may be any text, even one that looks like a flag.
const FREE_TEXT: &[&str] =
    &["--annotation", "--entrypoint", "--health-cmd", "--label", "--log-opt", "-l"];

/// Variables that hold an image with arguments of their own (clearml-agent 3.0.3, `definitions.py`,
/// which takes them apart at each blank).
const IMAGES: [&str; 2] = ["CLEARML_DOCKER_IMAGE=", "TRAINS_DOCKER_IMAGE="];

/// One argument of the normal form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Which argument it comes from.
    pub(super) from: usize,
    /// Its text; `None` if that is the same.
    pub(super) new: Option<String>,
}

/// What the next argument is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A flag, or the image.
    Flag,
    /// The variable of an `-e`.
    Variable,
    /// A value that may look like anything.
    FreeText,
    /// A value, unless it begins as a flag does: then the flag before is a switch that is not known
    /// here.
    Value,
    /// Nothing of docker's: the image has come, what follows is the container's.
    Command,
}

/// What an argument is.
enum Flag<'a> {
    /// Complete as it is, or with what follows.
    Other(Next),
    /// Sets a variable, and holds it, perhaps behind other flags.
    Joined { before: Option<&'a str>, flag: &'static str, variable: &'a str },
    /// Sets the variable that follows, behind other flags.
    Bundled { before: &'a str },
}

/// Returns the normal form of arguments; `None` if that is what they are in. One without a text is
/// a number or the like.
pub(super) fn normal_words(arguments: &[Option<&str>]) -> Option<Vec<Word>> {
    let mut words = Words::default();
    let mut next = Next::Flag;
    for (from, argument) in arguments.iter().enumerate() {
        next = match (next, argument) {
            (Next::Flag, Some(text)) => words.take_flag(from, text),
            (Next::Value, Some(text)) if text.starts_with('-') => words.take_flag(from, text),
            (Next::Variable, Some(text)) => words.take_variable(from, text),
            (Next::Flag, None) | (Next::Command, _) => words.keep(from, Next::Command),
            _ => words.keep(from, Next::Flag),
        };
    }
    words.is_changed.then_some(words.taken)
}

#[derive(Default)]
struct Words {
    taken: Vec<Word>,
    is_changed: bool,
}

impl Words {
    fn keep(&mut self, from: usize, next: Next) -> Next {
        self.taken.push(Word { from, new: None });
        next
    }

    fn add(&mut self, from: usize, text: impl Into<String>) {
        self.taken.push(Word { from, new: Some(text.into()) });
        self.is_changed = true;
    }

    fn take_flag(&mut self, from: usize, text: &str) -> Next {
        match read_flag(text) {
            Flag::Joined { before, flag, variable } if can_move(variable) => {
                if let Some(before) = before {
                    self.add(from, before);
                }
                self.add(from, flag);
                self.add(from, normal_image(variable).as_deref().unwrap_or(variable));
                Next::Flag
            }
            Flag::Joined { .. } => self.keep(from, Next::Flag),
            Flag::Bundled { before } => {
                self.add(from, before);
                self.add(from, "-e");
                Next::Variable
            }
            Flag::Other(next) => self.keep(from, next),
        }
    }

    fn take_variable(&mut self, from: usize, text: &str) -> Next {
        match normal_image(text) {
            Some(normal) => self.add(from, normal),
            None => self.taken.push(Word { from, new: None }),
        }
        Next::Flag
    }
}

fn read_flag(text: &str) -> Flag<'_> {
    if matches!(text, "-" | "--") || !text.starts_with('-') {
        return Flag::Other(Next::Command);
    }
    let Some(long) = text.strip_prefix("--") else { return read_short_flags(text) };
    let joined = long.strip_prefix("env").filter(|rest| rest.starts_with(['=', ' ', '\t']));
    if let Some(rest) = joined {
        return Flag::Joined { before: None, flag: "--env", variable: variable_of(rest) };
    }
    Flag::Other(match long {
        "env" => Next::Variable,
        _ if long.contains('=') || SWITCHES.contains(&long) => Next::Flag,
        _ => value_of(text),
    })
}

/// Reads `-e`, or flags that are joined in one argument: `-it`, `-eA=1`, `-ite`.
fn read_short_flags(text: &str) -> Flag<'_> {
    for (place, letter) in text.char_indices().skip(1) {
        let (before, rest) = text.split_at(place);
        let rest = rest.strip_prefix(letter).unwrap_or_default();
        if SHORT_SWITCHES.contains(&letter) && !rest.starts_with('=') {
            continue;
        }
        return match (letter, before, rest) {
            ('e', "-", "") => Flag::Other(Next::Variable),
            ('e', _, "") => Flag::Bundled { before },
            ('e', ..) => Flag::Joined {
                before: (before != "-").then_some(before),
                flag: "-e",
                variable: variable_of(rest),
            },
            (_, _, "") => Flag::Other(value_of(text)),
            _ => Flag::Other(Next::Flag),
        };
    }
    Flag::Other(Next::Flag)
}

/// Returns the variable in what stands behind a flag. A blank between the two is a part of the name
/// to docker, and of no name that anybody means.
fn variable_of(rest: &str) -> &str {
    rest.strip_prefix('=').unwrap_or_else(|| rest.trim_start())
}

fn value_of(flag: &str) -> Next {
    if FREE_TEXT.contains(&flag) { Next::FreeText } else { Next::Value }
}

/// Whether a variable may stand in an argument of its own: it has a name and a value, and nothing
/// that the stock agent fills in there (`_resolve_docker_env_args`, by Python's `expandvars`).
fn can_move(variable: &str) -> bool {
    let is_filled_in = |rest: &str| {
        rest.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '_' | '{'))
    };
    let has_name = variable.find('=').is_some_and(|place| place > 0);
    has_name && !variable.split('$').skip(1).any(is_filled_in)
}

/// Returns a variable with the normal form of the arguments in it, if it holds an image with some
/// that are not in that form.
fn normal_image(variable: &str) -> Option<String> {
    let name = IMAGES.into_iter().find(|name| variable.starts_with(name))?;
    let mut words = variable.get(name.len()..)?.split(' ');
    let image = words.next()?;
    let words: Vec<&str> = words.collect();
    let arguments: Vec<Option<&str>> = words.iter().copied().map(Some).collect();
    let mut text = format!("{name}{image}");
    for Word { from, new } in normal_words(&arguments)? {
        text.push(' ');
        text.push_str(new.as_deref().or(words.get(from).copied()).unwrap_or_default());
    }
    Some(text)
}
