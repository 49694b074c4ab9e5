//! Joining pieces side by side: strings to a string, lists to a list, objects to an object.

use std::sync::Arc;

use lean_string::LeanStr;

use crate::{
    context::Mode,
    diagnostic::Diagnostic,
    object::Object,
    origin::Origin,
    overlay::{Beneath, overlay_object},
    value::{Open, Piece, Spanned, Value},
};

/// A piece whose references are closed.
pub(crate) struct ClosedPiece {
    /// The blanks between the piece before and this one.
    pub(crate) space: LeanStr,
    /// What it came to; `None` for an optional reference to nothing.
    pub(crate) value: Option<Spanned>,
    /// Whether a reference stood here.
    pub(crate) was_reference: bool,
}

/// How many bytes of text cost as much to copy as a key or an item.
const BYTES_PER_KEY: u64 = 64;

/// Joins closed pieces; `None` where all of them came to nothing. Gives how many keys, items and
/// pieces were looked at or copied, too: what it cost.
///
/// Pieces that stay open are kept side by side.
///
/// # Errors
/// Pieces of different kinds.
pub(crate) fn join(
    pieces: Vec<ClosedPiece>,
    mode: Mode,
    origin: Origin,
) -> Result<(Option<Spanned>, u64), Box<Diagnostic>> {
    let mut looked_at = pieces.len() as u64;
    if let Some(alone) = without_company(&pieces, mode) {
        return Ok((alone.cloned(), looked_at));
    }
    let mut present = pieces.iter().filter_map(|piece| piece.value.as_ref());
    if present.clone().any(|value| value.value.is_open()) {
        return keep(pieces, origin).map(|kept| (Some(kept), looked_at));
    }
    let value = match present.clone().find(|value| is_container(&value.value)) {
        None => {
            let text = join_text(&pieces, mode);
            looked_at += text.len() as u64 / BYTES_PER_KEY;
            Value::String(text)
        }
        Some(container) => match present.next() {
            Some(first) if is_container(&first.value) => {
                join_containers(first, present, mode, origin, &mut looked_at)?
            }
            Some(first) => return Err(Box::new(mismatch(first, container, origin))),
            None => return Ok((None, looked_at)),
        },
    };
    Ok((Some(value.spanned(origin)), looked_at))
}

/// Returns the one value that pieces come to if it stays as it is, or that they come to none.
///
/// In mode `clearml` a reference before another piece becomes text even where that came to
/// nothing; in mode `hocon` the blanks between pieces are text.
#[expect(clippy::option_option, reason = "no value is a result, too")]
fn without_company(pieces: &[ClosedPiece], mode: Mode) -> Option<Option<&Spanned>> {
    let mut present = pieces.iter().enumerate().filter_map(|(at, piece)| {
        piece.value.as_ref().map(|value| (at, piece.was_reference, value))
    });
    let first = present.next();
    if present.next().is_some() {
        return None;
    }
    let is_text = match (first, mode) {
        (Some((_, _, value)), _) if is_container(&value.value) || value.value.is_open() => false,
        (Some((at, was_reference, _)), Mode::Clearml) => was_reference && at + 1 < pieces.len(),
        (None, Mode::Clearml) => false,
        (_, Mode::Hocon) => pieces.iter().any(|piece| !piece.space.is_empty()),
    };
    (!is_text).then(|| first.map(|(_, _, value)| value))
}

const fn is_container(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}

/// Says that two pieces are of kinds that do not join.
pub(crate) fn mismatch(first: &Spanned, other: &Spanned, origin: Origin) -> Diagnostic {
    let (one, two) = (first.value.kind_with_article(), other.value.kind_with_article());
    Diagnostic::error("concat-mismatch", format!("cannot join {one} and {two}"), origin)
        .with_related(other.origin, format!("the {} is here", other.value.kind()))
        .with_help(
            "join strings with strings, lists with lists, objects with objects; \
             two values need a comma or a line's end between them",
        )
}

/// Joins lists or objects.
fn join_containers<'v>(
    first: &'v Spanned,
    others: impl Iterator<Item = &'v Spanned>,
    mode: Mode,
    origin: Origin,
    looked_at: &mut u64,
) -> Result<Value, Box<Diagnostic>> {
    let mut joined = match &first.value {
        Value::Array(items) => {
            *looked_at += items.len() as u64;
            Joined::Items(items.to_vec())
        }
        Value::Object(members) => Joined::Members(Arc::clone(members)),
        other => return Ok(other.clone()),
    };
    for other in others {
        joined = match joined.with(&other.value, mode, looked_at) {
            Some(joined) => joined,
            None => return Err(Box::new(mismatch(first, other, origin))),
        };
    }
    Ok(match joined {
        Joined::Items(items) => Value::array(items),
        Joined::Members(members) => Value::Object(members),
    })
}

/// Lists or objects, joined so far.
enum Joined {
    Items(Vec<Spanned>),
    Members(Arc<Object>),
}

impl Joined {
    /// Joins one more. In mode `hocon`, an object with numbers for keys is a list beside a list
    /// (HOCON specification, "Conversion of numerically-indexed objects to arrays").
    fn with(self, value: &Value, mode: Mode, looked_at: &mut u64) -> Option<Self> {
        *looked_at += value.as_array().map_or(0, |items| items.len() as u64);
        match (self, value) {
            (Self::Members(mut members), Value::Object(above)) => {
                let copied = if Arc::get_mut(&mut members).is_none() { members.len() } else { 0 };
                *looked_at += copied as u64
                    + overlay_object(Arc::make_mut(&mut members), above, Beneath::Dropped);
                Some(Self::Members(members))
            }
            (Self::Items(mut items), Value::Array(more)) => {
                items.extend(more.iter().cloned());
                Some(Self::Items(items))
            }
            (Self::Items(mut items), Value::Object(indexed)) if mode == Mode::Hocon => {
                items.extend(indexed.items_by_index()?);
                Some(Self::Items(items))
            }
            (Self::Members(indexed), Value::Array(more)) if mode == Mode::Hocon => {
                let mut items = indexed.items_by_index()?;
                items.extend(more.iter().cloned());
                Some(Self::Items(items))
            }
            _ => None,
        }
    }
}

/// Joins text. In mode `hocon` all blanks between pieces stay. In mode `clearml` they belong to
/// the piece before them: they go with it, and they go where nothing follows, unless that piece
/// is a reference (pyhocon as `clearml` 2.1.12 vendors it).
fn join_text(pieces: &[ClosedPiece], mode: Mode) -> LeanStr {
    let last = pieces.iter().rposition(|piece| piece.value.is_some()).unwrap_or(0);
    let mut text = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| pieces.get(before));
        let stays = mode == Mode::Hocon
            || before.is_some_and(|before| {
                before.value.is_some() && (at <= last || before.was_reference)
            });
        if stays {
            text.push_str(&piece.space);
        }
        if let Some(value) = &piece.value {
            text.push_str(&as_text(&value.value, mode));
        }
    }
    text.into()
}

/// Spells a scalar inside a string: as Python's `str` in mode `clearml` (a number as it compares,
/// `True`), as its own text in mode `hocon`.
pub(crate) fn as_text(value: &Value, mode: Mode) -> LeanStr {
    match (value, mode) {
        (Value::String(text), _) => text.clone(),
        (Value::Number(number), Mode::Clearml) => number.python_str(),
        (Value::Number(number), Mode::Hocon) => number.spelling().into(),
        (Value::Bool(true), Mode::Clearml) => LeanStr::from_static_str("True"),
        (Value::Bool(false), Mode::Clearml) => LeanStr::from_static_str("False"),
        (Value::Bool(true), Mode::Hocon) => LeanStr::from_static_str("true"),
        (Value::Bool(false), Mode::Hocon) => LeanStr::from_static_str("false"),
        (Value::Null, _) => LeanStr::from_static_str("null"),
        _ => LeanStr::default(),
    }
}

/// Keeps pieces of which one stays open; those that are closed must join nevertheless.
fn keep(pieces: Vec<ClosedPiece>, origin: Origin) -> Result<Spanned, Box<Diagnostic>> {
    let pieces = pieces
        .into_iter()
        .filter_map(|piece| Some(Piece { space: piece.space, value: piece.value? }));
    let pieces: Box<[Piece]> = pieces.collect();
    let mut closed = pieces.iter().map(|piece| &piece.value).filter(|value| !value.value.is_open());
    if let Some(first) = closed.next()
        && let Some(other) = closed.find(|other| !are_of_a_kind(&first.value, &other.value))
    {
        return Err(Box::new(mismatch(first, other, origin)));
    }
    Ok(Value::Open(Open::Concat(pieces).into()).spanned(origin))
}

const fn are_of_a_kind(one: &Value, other: &Value) -> bool {
    match one {
        Value::Object(_) => matches!(other, Value::Object(_)),
        Value::Array(_) => matches!(other, Value::Array(_)),
        _ => !is_container(other),
    }
}
