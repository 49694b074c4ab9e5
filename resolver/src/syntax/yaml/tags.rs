//! Tags: what `!!int` and its kin ask for.

use granit_parser::Tag;

use crate::{
    diagnostic::{Diagnostic, Quoted},
    origin::Origin,
};

/// What a tag makes of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// There is no tag.
    Untagged,
    /// `!`: to be read as if it were plain.
    Plain,
    Str,
    Int,
    Float,
    Bool,
    Null,
    List,
    Mapping,
    /// `!!merge`, which a plain `<<` has by itself.
    Merge,
    /// Any other tag.
    Foreign,
}

const YAML: &str = "tag:yaml.org,2002:";

/// Returns what a tag means.
pub(super) fn meaning(tag: &Tag) -> Meaning {
    let full = format!("{}{}", tag.handle(), tag.suffix());
    match full.strip_prefix(YAML) {
        None if full == "!" => Meaning::Plain,
        Some("str") => Meaning::Str,
        Some("int") => Meaning::Int,
        Some("float") => Meaning::Float,
        Some("bool") => Meaning::Bool,
        Some("null") => Meaning::Null,
        Some("seq") => Meaning::List,
        Some("map") => Meaning::Mapping,
        Some("merge") => Meaning::Merge,
        _ => Meaning::Foreign,
    }
}

/// Returns what there is to say about a tag that is not obeyed.
pub(super) fn refusal(meaning: Meaning, written: &str, origin: Origin) -> Diagnostic {
    let tag = Quoted(written);
    if meaning == Meaning::Foreign {
        let message = format!("{tag} asks for more than JSON holds");
        let help = "take the tag out, and write a string, number, list or object";
        return Diagnostic::error("yaml-unknown-tag", message, origin).with_help(help);
    }
    let message = format!("{tag} does not fit the value behind it");
    Diagnostic::error("yaml-misfit-tag", message, origin).with_help("take the tag out")
}
