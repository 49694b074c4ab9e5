//! How an answer is spelled.

mod env;
mod hocon;
mod json;
mod open;
mod yaml;

use crate::{
    redact::SafeView,
    value::{Spanned, Value},
};

/// What an answer can be spelled as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spelling {
    /// JSON on one line. An open reference is the string `${NAME}`; an optional one gives what
    /// lies below it, or nothing.
    #[default]
    Json,
    /// JSON, two blanks a level.
    PrettyJson,
    /// HOCON that the stock clients read back to the same tree; open references stay open.
    Hocon,
    /// YAML 1.1 that `PyYAML` reads back to the same tree; open references as in JSON.
    Yaml,
    /// Lines `NAME='value'` for a POSIX shell, one a leaf: the keys in capitals joined by `__`,
    /// as `clearml-agent` names its variables; a single key as it is. A list is JSON text.
    Env,
    /// A scalar as it is, without quotes; anything else as [`Spelling::PrettyJson`].
    Raw,
}

/// Spells a view. The result ends in a newline, except for [`Spelling::Json`].
///
/// Recurses as deep as the tree, which `Limits::tree_depth` bounds.
pub fn render(view: &SafeView, spelling: Spelling) -> String {
    let value = view.value();
    let mut text = String::new();
    match spelling {
        Spelling::Json => json::write(value, &mut text),
        Spelling::PrettyJson => json::write_pretty(value, &mut text),
        Spelling::Hocon => hocon::write(value, &mut text),
        Spelling::Yaml => yaml::write(value, &mut text),
        Spelling::Env => env::write(value, &mut text),
        Spelling::Raw => match value {
            Value::String(string) => text.push_str(string),
            Value::Array(_) | Value::Object(_) => json::write_pretty(value, &mut text),
            scalar => match open::without_environment(scalar) {
                Some(Value::String(string)) => text.push_str(&string),
                Some(closed) => json::write(&closed, &mut text),
                None => {}
            },
        },
    }
    if spelling != Spelling::Json && !text.ends_with('\n') && !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Returns the keys that a format without references shows, each with its closed stand-in.
fn shown(
    object: &crate::object::Object,
) -> impl Iterator<Item = (&str, std::borrow::Cow<'_, Value>)> {
    object.iter().filter_map(|(key, child)| Some((key.as_str(), shown_value(child)?)))
}

fn shown_value(child: &Spanned) -> Option<std::borrow::Cow<'_, Value>> {
    if child.value.is_open() {
        open::without_environment(&child.value).map(std::borrow::Cow::Owned)
    } else {
        Some(std::borrow::Cow::Borrowed(&child.value))
    }
}
