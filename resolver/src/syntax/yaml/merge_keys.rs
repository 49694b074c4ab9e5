//! Merge keys: `<<: *defaults`.

use lean_string::LeanStr;

use crate::{
    diagnostic::Diagnostic,
    object::Object,
    value::{Spanned, Value},
};

/// What the merge keys of one mapping bring into it.
#[derive(Default)]
pub(super) struct Merged(Option<Box<Object>>);

impl Merged {
    /// Adds the mapping, or the list of mappings, that follows a merge key.
    ///
    /// In a list earlier mappings win over later ones; of several merge keys the last one wins. A
    /// key is replaced as a whole (`PyYAML` 6.0, `SafeConstructor.flatten_mapping`).
    pub(super) fn add(&mut self, value: &Spanned) -> Result<(), Diagnostic> {
        match &value.value {
            Value::Object(object) => self.add_mapping(object),
            Value::Array(values) => {
                for value in values.iter().rev() {
                    match &value.value {
                        Value::Object(object) => self.add_mapping(object),
                        other => return Err(fault(other, value)),
                    }
                }
            }
            other => return Err(fault(other, value)),
        }
        Ok(())
    }

    /// Lays the mapping's own keys over what was merged, which comes first in order.
    pub(super) fn below(self, own: Object) -> Object {
        let Some(mut merged) = self.0 else { return own };
        for (key, value) in &own {
            set(&mut merged, key, value);
        }
        *merged
    }

    fn add_mapping(&mut self, mapping: &Object) {
        let merged = self.0.get_or_insert_default();
        for (key, value) in mapping {
            set(merged, key, value);
        }
    }
}

fn set(object: &mut Object, key: &LeanStr, value: &Spanned) {
    object.insert(key.clone(), value.clone());
}

fn fault(value: &Value, place: &Spanned) -> Diagnostic {
    let message = format!("`<<` merges objects, this is a {}", value.kind());
    Diagnostic::error("yaml-merge-no-object", message, place.origin)
        .with_help("write `<<: *name` with the name of an anchored object, or a list of those")
}
