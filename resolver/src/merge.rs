//! Who wins: the only file that knows how layers make one answer.

use std::sync::Arc;

use crate::{
    context::Context,
    diagnostic::Diagnostic,
    key_path::KeyPath,
    layer::{Layer, Precedence},
    object::Object,
    origin::Origin,
    overlay::overlay_object,
    snapshot::Snapshot,
    value::Value,
};

/// The keys of `agent` that describe this machine: a vault's value is dropped where a lower layer
/// has one (`clearml-agent` 3.0.3, `worker.py`, restore after the vaults). A monitoring vault may
/// set them.
pub const PROTECTED_KEYS: [&str; 6] =
    ["cuda_version", "cudnn_version", "default_python", "worker_id", "worker_name", "debug"];

/// Merges layers into one answer: sorted by precedence, among equals the later one wins.
pub fn merge(layers: &[Arc<Layer>], _context: &Context<'_>) -> (Snapshot, Vec<Diagnostic>) {
    let mut layers = layers.to_vec();
    layers.sort_by_key(|layer| layer.precedence());
    let mut root = Object::new();
    for layer in &layers {
        if layer.precedence() == Precedence::Vault {
            overlay_object(&mut root, layer.root());
        } else {
            overlay_object(&mut root, layer.root());
        }
    }
    let root = Value::object(root).spanned(Origin::default());
    (Snapshot { root, layers: layers.into() }, Vec::new())
}

/// Whether a path is one of [`PROTECTED_KEYS`] or lies below one.
pub fn is_protected(path: &KeyPath) -> bool {
    matches!(path.keys(), [agent, key, ..] if agent == "agent" && PROTECTED_KEYS.contains(&key.as_str()))
}
