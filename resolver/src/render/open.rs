//! What stands for an open value where a format has no references.

use super::json;
use crate::{
    concat::{self, ClosedPiece, as_text},
    context::Mode,
    origin::Origin,
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
    let closed: Vec<_> = pieces
        .iter()
        .map(|Piece { space, value }| ClosedPiece {
            space: space.clone(),
            value: without_environment(&value.value).map(|closed| closed.spanned(value.origin)),
            was_reference: value.value.is_open(),
        })
        .collect();
    let mut present = closed.iter().filter_map(|piece| piece.value.as_ref());
    if present.all(|value| !matches!(value.value, Value::Array(_) | Value::Object(_))) {
        return text_of(&closed);
    }
    match concat::join(closed, Mode::Hocon, Origin::default()) {
        Ok((joined, _)) => joined.map(|joined| joined.value),
        // A variable is always text, and will not join them.
        Err(_) => Some(Value::String(as_written(pieces).into())),
    }
}

fn text_of(pieces: &[ClosedPiece]) -> Option<Value> {
    let mut text = String::new();
    let mut any = false;
    for piece in pieces {
        let Some(Spanned { value, .. }) = &piece.value else { continue };
        text.push_str(&piece.space);
        text.push_str(&as_text(value, Mode::Hocon));
        any = true;
    }
    any.then(|| Value::String(text.into()))
}

/// Spells pieces as HOCON on one line, so that no format drops the reference among them.
fn as_written(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for (index, Piece { space, value }) in pieces.iter().enumerate() {
        let is_bare = index > 0 && space.is_empty();
        text.push_str(if is_bare { " " } else { space });
        match &value.value {
            Value::Open(open) => match &**open {
                Open::Reference(reference) => text.push_str(&spelled(reference)),
                Open::Concat(_) | Open::Stack(_) => {}
            },
            closed => json::write(closed, &mut text),
        }
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Format, Layer, SourceName};

    #[test]
    fn no_reference_and_no_piece_beside_one_is_dropped() {
        for (text, shown) in [
            ("p-${X}-q", r#""p-${X}-q""#),
            ("${X} {y: 1}", r#""${X} {\"y\":1}""#),
            ("[1] ${X} [2]", r#""[1] ${X} [2]""#),
            ("[1] ${?X} [2]", "[1,2]"),
            ("{y: 1} ${?X} {z: 2}", r#"{"y":1,"z":2}"#),
            ("${?X}${?Y}", "null"),
        ] {
            let context = Context::alone(Mode::Clearml);
            let name = SourceName::Text("text".into());
            let build = Layer::build_alone(name, Format::Hocon, &format!("a: {text}"), &context);
            let layer = build.layer.unwrap();
            let mut json = String::new();
            json::write(&layer.root().get("a").unwrap().value, &mut json);
            assert_eq!(json, shown, "{text}");
        }
    }
}
