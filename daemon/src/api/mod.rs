//! The API server: who we are there, what it keeps for us.

mod answer;
mod backoff;
mod call;
mod client;
mod connection;
mod endpoint;
mod fetch_error;
mod tls;
mod token;
mod vault;
mod vault_list;

pub use self::{
    backoff::Backoff,
    client::{Client, ClientError, ClientLimits, VaultAnswer},
    connection::ProxyError,
    endpoint::{Endpoint, EndpointError},
    fetch_error::{AbsentReason, Call, FetchError},
    tls::TlsError,
    vault::{Quarantine, Vault, VaultKind, VaultList},
};

#[cfg(test)]
mod tests;
