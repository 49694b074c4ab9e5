//! The API server: who we are there, what it keeps for us.

mod authoring;
mod backoff;
mod call;
mod client;
mod endpoint;
mod envelope;
mod fetch_error;
mod stored;
mod succession;
mod token;
mod user_names;
mod vault;
mod vault_list;

pub use self::{
    backoff::Backoff,
    client::{Client, ClientError, ClientLimits, VaultAnswer},
    endpoint::{Endpoint, EndpointError},
    fetch_error::{AbsentReason, Call, FetchError},
    stored::StoredVault,
    succession::Succession,
    user_names::UserNames,
    vault::{Quarantine, Vault, VaultKind, VaultList},
};
pub use crate::connection::{ProxyError, TlsError};

#[cfg(test)]
mod tests;
