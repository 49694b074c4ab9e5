//! Whose answer: what every reader has, or what a stock client would make of the same layers.

mod agent;
mod whitelist;

use std::sync::Arc;

use crate::{
    context::{Context, Environment, Variable},
    layer::{Layer, Precedence},
    value::{Spanned, Value},
};
pub use agent::agent_layers;

/// Whose answer a merge gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// All layers, protected keys kept, no environment: what the daemon serves.
    #[default]
    Merged,
    /// What a stock SDK process would see (`clearml` 2.1.12), less its packaged defaults: no
    /// monitoring vaults, no protected keys, the key `env`.
    Sdk,
    /// What a stock agent would see (`clearml-agent` 4.0.15rc0), less its packaged defaults:
    /// variables of its environment, protected keys, the key `env`, the SNUG whitelist's union.
    Agent,
    /// What may lie in a file that a stock client reads: no monitoring vaults, which must outrank
    /// the client's environment, and no vault's word on the machine, which the client would take
    /// for its host's.
    ClientFile,
}

impl View {
    /// Whether it reads layers of a tier.
    pub(crate) fn reads(self, precedence: Precedence) -> bool {
        match self {
            Self::Merged => !precedence.is_environment(),
            Self::Sdk | Self::ClientFile => {
                !precedence.is_environment() && precedence != Precedence::Monitoring
            }
            Self::Agent => true,
        }
    }

    /// Whether it keeps machine keys of the host against vaults.
    pub(crate) fn protects(self) -> bool {
        self != Self::Sdk
    }
}

/// Adds what a client adds after its layers are merged.
pub(crate) fn finish(
    root: Spanned,
    layers: &[Arc<Layer>],
    view: View,
    context: &Context<'_>,
) -> Spanned {
    let Value::Object(object) = &root.value else { return root };
    let mut object = Arc::clone(object);
    let keys = Arc::make_mut(&mut object);
    match view {
        View::Merged | View::ClientFile => return root,
        View::Sdk => {
            let name = environment_name(context.environment, &["CLEARML_ENV", "TRAINS_ENV"]);
            keys.insert("env".into(), name.spanned(root.origin));
        }
        View::Agent => {
            let name = environment_name(context.environment, &["TRAINS_ENV", "CLEARML_ENV"]);
            keys.insert("env".into(), name.spanned(root.origin));
            agent::finish(keys, layers, context);
        }
    }
    Value::Object(object).spanned(root.origin)
}

/// Returns the name of the configuration environment; a user's own key `env` is always lost.
fn environment_name(environment: &dyn Environment, names: &[&str]) -> Value {
    let name = names.iter().find_map(|name| set(environment, name));
    Value::from(name.as_deref().unwrap_or("default"))
}

/// Returns a variable's text, trimmed; empty counts as unset, as to both clients.
fn set(environment: &dyn Environment, name: &str) -> Option<String> {
    match environment.variable(name) {
        Variable::Set(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        _ => None,
    }
}
