//! Who wins: the only file that knows how layers make one answer.

use std::sync::Arc;

use crate::{
    context::{Context, Mode},
    diagnostic::Diagnostic,
    key_path::KeyPath,
    layer::{Layer, Precedence},
    object::Object,
    origin::Origin,
    overlay::{Beneath, overlay_object},
    snapshot::Snapshot,
    substitute,
    value::Value,
    view::{self, View},
};

/// The keys of `agent` that describe this machine: a vault's value is dropped where a lower layer
/// has one (`clearml-agent` 3.0.3, `worker.py`, the restore after the vaults). A monitoring vault
/// may set them.
pub const PROTECTED_KEYS: [&str; 6] =
    ["cuda_version", "cudnn_version", "default_python", "worker_id", "worker_name", "debug"];

/// Merges layers into one answer: sorted by precedence, among equals the later one wins.
///
/// In mode `hocon` the references of all layers are closed here; what goes wrong then is returned,
/// each finding with its place, and the answer lacks the values concerned.
pub fn merge(layers: &[Arc<Layer>], context: &Context<'_>) -> (Snapshot, Vec<Diagnostic>) {
    merge_view(layers, View::Merged, context)
}

/// Merges layers into the answer that one kind of client would have.
///
/// For [`View::Agent`], `layers` should hold what [`agent_layers`](crate::agent_layers) makes of
/// the asking process's environment.
pub fn merge_view(
    layers: &[Arc<Layer>],
    view: View,
    context: &Context<'_>,
) -> (Snapshot, Vec<Diagnostic>) {
    let mut layers: Vec<_> =
        layers.iter().filter(|layer| view.reads(layer.precedence())).cloned().collect();
    layers.sort_by_key(|layer| layer.precedence());
    let root = Value::object(overlaid(&layers, view)).spanned(Origin::default());
    let (root, diagnostics) = match context.mode {
        Mode::Clearml => (root, Vec::new()),
        Mode::Hocon => substitute::close(&root, context),
    };
    let root = view::finish(root, &layers, view, context);
    (Snapshot { root, layers: layers.into(), rewritten: Arc::default() }, diagnostics)
}

fn overlaid(layers: &[Arc<Layer>], view: View) -> Object {
    let mut root = Object::new();
    let mut local = None;
    for layer in layers {
        if layer.precedence() < Precedence::Vault {
            overlay_object(&mut root, layer.root(), Beneath::Dropped);
            continue;
        }
        // What a vault may not cover is what lower tiers have, not what another vault sets.
        let local = local.get_or_insert_with(|| match view {
            View::ClientFile => PROTECTED_KEYS.to_vec(),
            _ => protected_in(&root),
        });
        let protects = view.protects() && layer.precedence() == Precedence::Vault;
        let allowed = protects.then(|| without_protected(layer.root(), local)).flatten();
        overlay_object(&mut root, allowed.as_ref().unwrap_or(layer.root()), Beneath::Dropped);
    }
    root
}

/// Returns the protected keys that a tree has.
fn protected_in(root: &Object) -> Vec<&'static str> {
    let agent = root.get("agent").and_then(|agent| agent.value.as_object());
    PROTECTED_KEYS
        .into_iter()
        .filter(|key| agent.is_some_and(|agent| agent.get(key).is_some()))
        .collect()
}

/// Returns a vault's keys less those it may not set; `None` when it sets none of them.
fn without_protected(root: &Object, local: &[&str]) -> Option<Object> {
    let agent = root.get("agent")?;
    let keys = agent.value.as_object()?;
    if !local.iter().any(|key| keys.get(key).is_some()) {
        return None;
    }
    let mut keys = keys.clone();
    for key in local {
        keys.remove(key);
    }
    let mut allowed = root.clone();
    allowed.insert("agent".into(), Value::object(keys).spanned(agent.origin));
    Some(allowed)
}

/// Whether a path is one of [`PROTECTED_KEYS`] or lies below one.
pub fn is_protected(path: &KeyPath) -> bool {
    matches!(path.keys(), [agent, key, ..]
        if agent == "agent" && PROTECTED_KEYS.contains(&key.as_str()))
}
