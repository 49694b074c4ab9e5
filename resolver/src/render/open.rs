//! What stands for an open value where a format has no references.

use crate::{
    overlay::{Beneath, overlay},
    value::{Open, Piece, Reference, Spanned, Value},
};

/// Returns what a value is while no environment is known: the text `${NAME}` for what must have
/// one, what lies below for what may do without, `None` where nothing does.
pub(crate) fn without_environment(value: &Value) -> Option<Value> {
    let Value::Open(open) = value else { return Some(value.clone()) };
    match &**open {
        Open::Reference(reference) if reference.optional => None,
        Open::Reference(reference) => Some(Value::String(spelled(reference).into())),
        Open::Concat(pieces) => concat_without_environment(pieces),
        Open::Stack(layers) => stack_without_environment(layers),
    }
}

/// Spells a reference as HOCON does.
pub(super) fn spelled(reference: &Reference) -> String {
    let optional = if reference.optional { "?" } else { "" };
    format!("${{{optional}{}}}", reference.name)
}

fn concat_without_environment(pieces: &[Piece]) -> Option<Value> {
    let mut text = String::new();
    let mut any = false;
    for piece in pieces {
        let Some(value) = without_environment(&piece.value.value) else { continue };
        text.push_str(&piece.space);
        match &value {
            Value::String(string) => text.push_str(string),
            Value::Number(number) => text.push_str(number.spelling()),
            Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
            Value::Null => text.push_str("null"),
            // Beside a variable, which is always a text, a list or object is an error later.
            Value::Array(_) | Value::Object(_) | Value::Open(_) => return Some(value),
        }
        any = true;
    }
    any.then(|| Value::String(text.into()))
}

/// A stack nests no stacks, so this recurses once.
fn stack_without_environment(layers: &[Spanned]) -> Option<Value> {
    let mut shown: Option<Spanned> = None;
    for layer in layers {
        let Some(value) = without_environment(&layer.value) else { continue };
        let value = value.spanned(layer.origin);
        match &mut shown {
            Some(below) => {
                overlay(below, value, Beneath::Dropped);
            }
            None => shown = Some(value),
        }
    }
    shown.map(|shown| shown.value)
}
