//! Where a value came from: who set it last, and whom that hides.

use std::sync::Arc;

use crate::{
    key_path::KeyPath,
    layer::{Layer, Precedence},
    merge::is_protected,
    object::Object,
    origin::Origin,
    snapshot::Snapshot,
    value::{Open, Spanned, Value},
};

/// All that set a path, highest first.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// The path.
    pub path: KeyPath,
    /// Each place that sets it, highest first.
    pub assignments: Vec<Assignment>,
}

/// One place that sets a path.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The layer it is in.
    pub layer: Arc<Layer>,
    /// The place in one of the layer's texts.
    pub origin: Origin,
    /// What it sets; `None` for an earlier assignment of the same text, whose value is not kept.
    pub value: Option<Value>,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is the value, or the last to set a key of it.
    Wins,
    /// It is an object, and keys of it are in the value beside a higher one's.
    Extends,
    /// A higher one covers it.
    Shadowed,
    /// It is a vault's value for a key that describes this machine, and the machine has its own.
    Protected,
}

impl Snapshot {
    /// Says where the value at a path came from.
    ///
    /// The rules are those of [`merge`](crate::merge), followed for one path.
    pub fn explain(&self, path: &KeyPath) -> Provenance {
        let local = is_protected(path)
            && self.layers.iter().any(|layer| {
                layer.precedence() < Precedence::Vault && in_layer(layer, path).is_ok()
            });
        let mut assignments = Vec::new();
        let mut settled = false;
        for layer in self.layers.iter().rev() {
            let protected = local && layer.precedence() == Precedence::Vault;
            match in_layer(layer, path) {
                Ok(found) => {
                    let fate = match (protected, settled, assignments.is_empty()) {
                        (true, ..) => Fate::Protected,
                        (_, true, _) => Fate::Shadowed,
                        (_, false, true) => Fate::Wins,
                        (_, false, false) if found.value.is_object() => Fate::Extends,
                        (_, false, false) => wins_or_shadowed(&assignments),
                    };
                    settled |= !protected && !found.value.is_object();
                    assignments.push(Assignment {
                        layer: Arc::clone(layer),
                        origin: found.origin,
                        value: Some(found.value.clone()),
                        fate,
                    });
                    assignments.extend(covered(layer, found.origin));
                }
                // A scalar on the way up covers whatever lower layers have below it.
                Err(Absent::Covered) => settled |= !protected,
                Err(Absent::NotSet) => {}
            }
        }
        Provenance { path: path.clone(), assignments }
    }
}

/// A scalar below others that count: it is covered by an object, or it is the first that counts.
fn wins_or_shadowed(assignments: &[Assignment]) -> Fate {
    let counts = |assignment: &Assignment| matches!(assignment.fate, Fate::Wins | Fate::Extends);
    if assignments.iter().any(counts) { Fate::Shadowed } else { Fate::Wins }
}

enum Absent {
    NotSet,
    Covered,
}

fn in_layer(layer: &Layer, path: &KeyPath) -> Result<Spanned, Absent> {
    let mut found = Value::Object(Arc::clone(layer.root())).spanned(Origin::default());
    for key in path.keys() {
        let child = match &found.value {
            Value::Object(object) => object.get(key).cloned(),
            Value::Array(values) => {
                key.parse::<usize>().ok().and_then(|index| values.get(index).cloned())
            }
            // An object that hides what lower layers have (`Beneath::Kept`).
            Value::Open(open) => match top_object(open).and_then(|object| object.get(key)) {
                Some(child) => Some(child.clone()),
                None => return Err(Absent::Covered),
            },
            _ => return Err(Absent::Covered),
        };
        found = child.ok_or(Absent::NotSet)?;
    }
    Ok(found)
}

fn top_object(open: &Open) -> Option<&Object> {
    match open {
        Open::Stack(layers) => layers.last()?.value.as_object(),
        _ => None,
    }
}

/// Returns the earlier assignments of the same text that an assignment covers.
fn covered(layer: &Arc<Layer>, by: Origin) -> Vec<Assignment> {
    let covered = layer.covered.iter().filter(|covered| covered.by == by);
    covered
        .map(|covered| Assignment {
            layer: Arc::clone(layer),
            origin: covered.origin,
            value: None,
            fate: Fate::Shadowed,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Format, Mode, SourceName, merge};

    /// Two files, the lower one first.
    const FILES: [&str; 2] = ["a: {x: 1, y: 2}", "a: null\na: {x: 3}"];

    #[test]
    fn an_object_that_covers_a_scalar_of_its_text_hides_lower_layers_in_mode_hocon() {
        for (mode, path, fates) in [
            (Mode::Hocon, "a.x", vec![Fate::Wins, Fate::Shadowed]),
            (Mode::Hocon, "a.y", vec![Fate::Shadowed]),
            (Mode::Clearml, "a.x", vec![Fate::Wins, Fate::Shadowed]),
            (Mode::Clearml, "a.y", vec![Fate::Wins]),
        ] {
            let context = Context::alone(mode);
            let layer = |text| {
                let name = SourceName::Text("file".into());
                Layer::build_alone(name, Format::Hocon, text, &context).layer.unwrap()
            };
            let (snapshot, _) = merge(&FILES.map(layer), &context);
            let explained = snapshot.explain(&KeyPath::parse(path).unwrap()).assignments;
            let found: Vec<_> = explained.iter().map(|assignment| assignment.fate).collect();
            assert_eq!(found, fates, "{mode:?} {path}");
        }
    }
}
