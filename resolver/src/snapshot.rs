//! The immutable answer: all layers merged, and the layers themselves to explain it by.

use std::{fmt, sync::Arc};

use crate::{
    key_path::KeyPath,
    layer::Layer,
    object::Object,
    origin::{SourceId, SourceText},
    value::{Spanned, Value},
};

/// All layers merged; `Debug` shows no content. Cloning shares.
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) root: Spanned,
    pub(crate) layers: Arc<[Arc<Layer>]>,
    /// The paths whose values are not as the layers have them.
    pub(crate) rewritten: Arc<[KeyPath]>,
}

impl Snapshot {
    /// Returns the merged keys.
    pub fn root(&self) -> &Object {
        static EMPTY: Object = Object::new();
        self.root.value.as_object().unwrap_or(&EMPTY)
    }

    /// Returns the value at a path; the root for the empty one.
    pub fn get(&self, path: &KeyPath) -> Option<&Value> {
        self.root.value.at(path)
    }

    /// Returns the layers it was merged from, lowest first.
    pub fn layers(&self) -> &[Arc<Layer>] {
        &self.layers
    }

    /// Returns the text that an origin points into.
    pub fn text(&self, id: SourceId) -> Option<&SourceText> {
        self.layers.iter().flat_map(|layer| layer.texts()).find(|text| text.id == id)
    }

    /// Returns the paths of the values that only the asking process's environment can close,
    /// in order.
    pub fn unresolved(&self) -> Vec<KeyPath> {
        let mut paths = Vec::new();
        collect_open(&self.root.value, &mut KeyPath::root(), &mut paths);
        paths
    }

    /// Whether two answers hold the same keys and values, whatever their origins.
    pub fn same_answer(&self, other: &Self) -> bool {
        self.root.value == other.root.value
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Snapshot")
            .field("keys", &self.root().len())
            .field("layers", &self.layers)
            .finish_non_exhaustive()
    }
}

/// Recurses as deep as the tree, which `Limits::tree_depth` bounds.
fn collect_open(value: &Value, at: &mut KeyPath, paths: &mut Vec<KeyPath>) {
    match value {
        Value::Open(_) => paths.push(at.clone()),
        Value::Object(object) => {
            for (key, child) in object.iter() {
                at.push(key.clone());
                collect_open(&child.value, at, paths);
                at.pop();
            }
        }
        Value::Array(values) => {
            for (index, child) in values.iter().enumerate() {
                at.push(index.to_string());
                collect_open(&child.value, at, paths);
                at.pop();
            }
        }
        _ => {}
    }
}
