//! The API server: who we are there, what it keeps for us.

mod backoff;
mod client;
mod endpoint;
mod fetch_error;
mod vault;
mod vault_list;

pub use self::{
    backoff::Backoff,
    client::{Client, ClientError, ClientLimits, VaultAnswer},
    endpoint::{Endpoint, EndpointError},
    fetch_error::{AbsentReason, FetchError},
    vault::{Quarantine, Vault, VaultKind, VaultList},
};
