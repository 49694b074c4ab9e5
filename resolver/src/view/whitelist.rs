//! The SNUG whitelist: the administrator's rules, to which lower tiers may only add hosts.

use std::sync::Arc;

use crate::{
    key_path::KeyPath,
    layer::{Layer, Precedence},
    object::Object,
    origin::Origin,
    overlay::{Beneath, assign, overlay_object},
    value::{Spanned, Value},
};

/// Replaces `agent.snug.whitelist` by the union of all tiers: monitoring vaults, then config
/// vaults, then files. Hosts are compared trimmed and in lower case, the first one stays; an
/// addition without a host is dropped. Version and default action are the highest vault tier's.
///
/// Nothing changes when no vault has the key (`clearml-agent` 4.0.15rc0,
/// `snug.whitelist.resolve_effective_whitelist`).
pub(super) fn apply(root: &mut Object, layers: &[Arc<Layer>]) {
    let monitoring = tier(layers, |precedence| precedence == Precedence::Monitoring);
    let vaults = tier(layers, |precedence| precedence == Precedence::Vault);
    let files = tier(layers, |precedence| precedence < Precedence::Vault);
    let below = if monitoring.is_some() { vaults.as_ref() } else { None };
    let Some(base) = monitoring.as_ref().or(vaults.as_ref()).and_then(Value::as_object) else {
        return;
    };
    let mut union = rules(Some(base));
    for added in [below, files.as_ref()] {
        add(&mut union, &rules(added.and_then(Value::as_object)));
    }
    let mut whitelist = base.clone();
    whitelist.insert("rules".into(), Value::array(union).spanned(Origin::default()));
    let whitelist = Value::object(whitelist).spanned(Origin::default());
    // `assign` would join the two: what is there goes first.
    assign(root, path().keys(), Value::Null.spanned(Origin::default()));
    assign(root, path().keys(), whitelist);
}

fn path() -> KeyPath {
    ["agent", "snug", "whitelist"].into_iter().collect()
}

fn tier(layers: &[Arc<Layer>], is_in: impl Fn(Precedence) -> bool) -> Option<Value> {
    let mut merged = Object::new();
    for layer in layers.iter().filter(|layer| is_in(layer.precedence())) {
        overlay_object(&mut merged, layer.root(), Beneath::Dropped);
    }
    merged.at(&path()).cloned()
}

fn rules(whitelist: Option<&Object>) -> Vec<Spanned> {
    let rules = whitelist.and_then(|whitelist| whitelist.get("rules"));
    rules.and_then(|rules| rules.value.as_array()).unwrap_or_default().to_vec()
}

fn add(union: &mut Vec<Spanned>, added: &[Spanned]) {
    for rule in added {
        let Some(new) = host(rule) else { continue };
        if !union.iter().any(|there| host(there).as_ref() == Some(&new)) {
            union.push(rule.clone());
        }
    }
}

fn host(rule: &Spanned) -> Option<String> {
    let host = rule.value.as_object()?.get("host")?.value.as_str()?.trim().to_lowercase();
    Some(host).filter(|host| !host.is_empty())
}
