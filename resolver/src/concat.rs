//! Joining pieces side by side: strings to a string, lists to a list, objects to an object.

use smol_str::{SmolStr, SmolStrBuilder};

use crate::{
    context::Mode,
    diagnostic::Diagnostic,
    origin::Origin,
    overlay::overlay,
    value::{Open, Piece, Spanned, Value},
};

/// Joins closed pieces, each with the blanks before it; a piece that came to nothing is `None`.
///
/// Pieces that stay open are kept side by side.
///
/// # Errors
/// Pieces of different kinds.
pub(crate) fn join(
    pieces: Vec<(SmolStr, Option<Spanned>)>,
    mode: Mode,
    origin: Origin,
) -> Result<Option<Spanned>, Box<Diagnostic>> {
    let mut present = pieces.iter().filter_map(|(_, piece)| piece.as_ref());
    let Some(first) = present.next() else { return Ok(None) };
    if present.clone().next().is_none() && (mode == Mode::Clearml || is_container(&first.value)) {
        return Ok(pieces.into_iter().find_map(|(_, piece)| piece));
    }
    if let Some(other) = present.find(|piece| !joins(&first.value, &piece.value)) {
        return Err(Box::new(mismatch(first, other, origin)));
    }
    if pieces.iter().flat_map(|(_, piece)| piece).any(|piece| piece.value.is_open()) {
        return Ok(Some(keep(pieces, origin)));
    }
    let values = pieces.iter().filter_map(|(_, piece)| piece.clone());
    Ok(Some(match &first.value {
        Value::Object(_) => join_objects(values, origin),
        Value::Array(_) => join_lists(values, origin),
        _ => Value::String(join_text(&pieces, mode)).spanned(origin),
    }))
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}

/// Whether two values can stand side by side; what is open can become anything.
fn joins(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Open(_), _) | (_, Value::Open(_)) => true,
        (Value::Object(_), other) => other.is_object(),
        (Value::Array(_), other) => matches!(other, Value::Array(_)),
        (_, other) => !is_container(other),
    }
}

fn mismatch(first: &Spanned, other: &Spanned, origin: Origin) -> Diagnostic {
    Diagnostic::error(
        "concat-mismatch",
        format!("cannot join a {} and a {}", first.value.kind(), other.value.kind()),
        origin,
    )
    .with_help("join strings with strings, lists with lists, objects with objects")
}

fn join_objects(mut values: impl Iterator<Item = Spanned>, origin: Origin) -> Spanned {
    let mut joined = values.next().unwrap_or_else(|| Value::Null.spanned(origin));
    for value in values {
        overlay(&mut joined, value);
    }
    joined.value.spanned(origin)
}

fn join_lists(values: impl Iterator<Item = Spanned>, origin: Origin) -> Spanned {
    let mut items = Vec::new();
    for value in values {
        items.extend(value.value.as_array().unwrap_or_default().iter().cloned());
    }
    Value::array(items).spanned(origin)
}

/// Joins text. Blanks between pieces count; those beside a piece that came to nothing stay with
/// the text before it in mode `clearml`, and all stay in mode `hocon`.
fn join_text(pieces: &[(SmolStr, Option<Spanned>)], mode: Mode) -> SmolStr {
    let mut text = SmolStrBuilder::new();
    for (index, (space, piece)) in pieces.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| pieces.get(before));
        if mode == Mode::Hocon || before.is_some_and(|(_, before)| before.is_some()) {
            text.push_str(space);
        }
        if let Some(piece) = piece {
            text.push_str(&as_text(&piece.value, mode));
        }
    }
    text.finish()
}

/// Spells a scalar inside a string: as Python's `str` in mode `clearml` (a number as it compares,
/// `True`), as its own text in mode `hocon`.
pub(crate) fn as_text(value: &Value, mode: Mode) -> SmolStr {
    match (value, mode) {
        (Value::String(text), _) => text.clone(),
        (Value::Number(number), Mode::Clearml) => number.canonical(),
        (Value::Number(number), Mode::Hocon) => number.spelling().into(),
        (Value::Bool(true), Mode::Clearml) => SmolStr::new_static("True"),
        (Value::Bool(false), Mode::Clearml) => SmolStr::new_static("False"),
        (Value::Bool(true), Mode::Hocon) => SmolStr::new_static("true"),
        (Value::Bool(false), Mode::Hocon) => SmolStr::new_static("false"),
        (Value::Null, _) => SmolStr::new_static("null"),
        _ => SmolStr::default(),
    }
}

fn keep(pieces: Vec<(SmolStr, Option<Spanned>)>, origin: Origin) -> Spanned {
    let pieces =
        pieces.into_iter().filter_map(|(space, piece)| Some(Piece { space, value: piece? }));
    Value::Open(Open::Concat(pieces.collect()).into()).spanned(origin)
}
