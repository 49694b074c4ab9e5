//! The one rule by which a later value covers an earlier one: in a text, and between layers.

use std::sync::Arc;

use lean_string::LeanStr;

use crate::{
    object::Object,
    value::{Open, Spanned, Value},
};

/// What becomes of a scalar or list that an object covers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beneath {
    /// It is gone.
    Dropped,
    /// It stays below the object, so that no object of a lower layer joins that one: in mode `hocon`
    /// `a = null, a = {x: 1}` hides what lower layers have (HOCON specification, "Duplicate keys and
    /// object merging", and merging is associative).
    Kept,
}

/// Lays `high` over `low`: objects join key by key, anything else replaces, `null` and lists
/// included. Keys of `low` keep their place, new ones follow.
///
/// Where either side is open, both are kept, lowest first, until the references are closed.
/// (`clearml` 2.1.12, `ConfigTree.merge_configs`; HOCON specification, "Duplicate keys and object
/// merging".)
///
/// Returns how many keys were looked at or copied: what it cost.
pub(crate) fn overlay(low: &mut Spanned, high: Spanned, beneath: Beneath) -> u64 {
    match (&mut low.value, &high.value) {
        (Value::Object(below), Value::Object(above)) => {
            let copied = if Arc::get_mut(below).is_none() { below.len() as u64 } else { 0 };
            low.origin = high.origin;
            copied + overlay_object(Arc::make_mut(below), above, beneath)
        }
        (_, Value::Open(_)) | (Value::Open(_), Value::Object(_)) => {
            stack(low, high, beneath);
            1
        }
        (_, Value::Object(_)) if beneath == Beneath::Kept => {
            stack(low, high, beneath);
            1
        }
        _ => {
            *low = high;
            1
        }
    }
}

/// Lays every key of `above` over `below`. Recurses as deep as the shallower of the two, which
/// `Limits::tree_depth` bounds. Returns what it cost, as [`overlay`].
pub(crate) fn overlay_object(below: &mut Object, above: &Object, beneath: Beneath) -> u64 {
    let mut looked_at = above.len() as u64;
    for (key, value) in above {
        match below.get_mut(key) {
            Some(there) => looked_at += overlay(there, value.clone(), beneath),
            None => below.push_new(key.clone(), value.clone()),
        }
    }
    looked_at
}

/// Assigns a value to a path of keys below an object; objects on the way are made where there is
/// none, as `a.b.c: 1` means `a { b { c: 1 } }`.
pub(crate) fn assign(object: &mut Object, keys: &[LeanStr], value: Spanned) {
    assign_over(object, keys, value, Beneath::Dropped);
}

/// As [`assign`]; what an object covers is kept or not.
pub(crate) fn assign_over(object: &mut Object, keys: &[LeanStr], value: Spanned, beneath: Beneath) {
    let Some((key, rest)) = keys.split_first() else { return };
    if rest.is_empty() {
        match object.get_mut(key) {
            Some(there) => {
                overlay(there, value, beneath);
            }
            None => object.push_new(key.clone(), value),
        }
        return;
    }
    let origin = value.origin;
    match object.get_mut(key) {
        Some(Spanned { value: Value::Object(inner), origin: there }) => {
            assign_over(Arc::make_mut(inner), rest, value, beneath);
            *there = origin;
        }
        Some(there) => {
            overlay(there, nested(rest, value), beneath);
        }
        None => object.push_new(key.clone(), nested(rest, value)),
    }
}

/// Wraps a value into one object a key.
pub(crate) fn nested(keys: &[LeanStr], value: Spanned) -> Spanned {
    keys.iter().rev().fold(value, |inner, key| {
        let origin = inner.origin;
        let mut object = Object::new();
        object.push_new(key.clone(), inner);
        Value::object(object).spanned(origin)
    })
}

/// Keeps both, `high` above `low`, until the references are closed.
pub(crate) fn stack(low: &mut Spanned, high: Spanned, beneath: Beneath) {
    let origin = high.origin;
    let below = std::mem::replace(&mut low.value, Value::Null).spanned(low.origin);
    let mut layers = match below.value {
        Value::Open(open) => match Arc::unwrap_or_clone(open) {
            Open::Stack(layers) => layers,
            other => vec![Value::Open(Arc::new(other)).spanned(below.origin)],
        },
        value => vec![value.spanned(below.origin)],
    };
    match high.value {
        Value::Open(open) if matches!(*open, Open::Stack(_)) => {
            if let Open::Stack(upper) = Arc::unwrap_or_clone(open) {
                layers.extend(upper);
            }
        }
        value => match (layers.last_mut(), &value) {
            // One object a run, so that a text of many braces makes no stack of many layers.
            (Some(top), Value::Object(_)) if top.value.is_object() => {
                overlay(top, value.spanned(origin), beneath);
            }
            _ => layers.push(value.spanned(origin)),
        },
    }
    *low = Value::Open(Arc::new(Open::Stack(layers))).spanned(origin);
}
