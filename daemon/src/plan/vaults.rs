//! What a client's own fetch of vaults may do beside the daemon's answer: rules R6 and R9.

use std::collections::{BTreeMap, BTreeSet};

use super::{AGENT_VAULTS_OFF, HIDDEN_NAMES, SDK_VAULTS_OFF, client_process::Process};
use crate::protocol::{ProfileStatus, State, VaultStatus};

/// What is known of the vaults in an answer.
#[derive(Clone, Debug, Default)]
pub struct Fetched {
    /// Whether the clients, too, would fetch them: an API server keeps them.
    pub by_clients: bool,
    /// Whether the answer holds all that a client would fetch.
    pub is_complete: bool,
    /// The vaults.
    pub vaults: Vec<VaultStatus>,
    /// The variables whose values an agent should hide.
    pub hide_names: Vec<String>,
}

impl From<&ProfileStatus> for Fetched {
    fn from(status: &ProfileStatus) -> Self {
        let by_clients = status.identity.is_some();
        let is_known = matches!(status.state, State::Fresh | State::Stale);
        Self {
            by_clients,
            is_complete: by_clients && is_known && status.quarantined.is_empty(),
            vaults: status.vaults.clone(),
            hide_names: status.hide_names.clone(),
        }
    }
}

/// Which of the stock clients a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    Agent,
    Sdk,
}

/// Returns the variables that a client needs besides its file.
///
/// # Errors
/// Its own fetch would spoil a vault, and cannot be switched off.
pub(super) fn flags(
    client: Client,
    process: &Process<'_>,
    fetched: &Fetched,
) -> Result<BTreeMap<String, String>, String> {
    match client {
        Client::Agent => agent_flags(process, fetched),
        Client::Sdk => sdk_flags(process, fetched),
    }
}

/// An agent's own fetch stays on: it brings the owners' vaults and the monitoring ones.
fn agent_flags(
    process: &Process<'_>,
    fetched: &Fetched,
) -> Result<BTreeMap<String, String>, String> {
    let mut flags = BTreeMap::new();
    let mut names: BTreeSet<&str> = process.text(HIDDEN_NAMES).split_whitespace().collect();
    names.extend(fetched.hide_names.iter().map(String::as_str));
    if !names.is_empty() {
        flags.insert(HIDDEN_NAMES.into(), Vec::from_iter(names).join(" "));
    }
    let spoiled = spoiled(fetched);
    if spoiled.is_empty() {
        return Ok(flags);
    }
    if process.impersonates() {
        return Err(conflict(&spoiled, "with --use-owner-token"));
    }
    if fetched.vaults.iter().any(|vault| vault.kind == "monitoring") {
        return Err(conflict(&spoiled, "beside a monitoring vault"));
    }
    if is_free(process, AGENT_VAULTS_OFF) {
        flags.insert(AGENT_VAULTS_OFF.into(), "1".into());
    }
    Ok(flags)
}

/// A task's own fetch is switched off where the answer holds all that it could bring.
fn sdk_flags(process: &Process<'_>, fetched: &Fetched) -> Result<BTreeMap<String, String>, String> {
    let spoiled = spoiled(fetched);
    if !spoiled.is_empty() && !fetched.is_complete {
        return Err(conflict(&spoiled, "in an incomplete answer"));
    }
    let is_off = fetched.is_complete && is_free(process, SDK_VAULTS_OFF);
    Ok(is_off.then(|| (SDK_VAULTS_OFF.into(), "1".into())).into_iter().collect())
}

/// Returns the vaults that the clients' own fetch would spoil: they read every text as HOCON
/// (`clearml` 2.1.12, `Session._load_vaults`). Where no server gives them, no client fetches them.
/// Few texts in YAML mean the same in both; none is trusted to.
fn spoiled(fetched: &Fetched) -> Vec<&VaultStatus> {
    let is_spoiled = |vault: &&VaultStatus| {
        let is_read_otherwise = vault.spoiled || vault.format == "yaml";
        fetched.by_clients && vault.kind == "config" && is_read_otherwise
    };
    fetched.vaults.iter().filter(is_spoiled).collect()
}

fn conflict(vaults: &[&VaultStatus], circumstance: &str) -> String {
    let named = |vault: &&VaultStatus| {
        let name = if vault.name.is_empty() { &vault.id } else { &vault.name };
        format!("`{name}`")
    };
    let names: Vec<_> = vaults.iter().map(named).collect();
    let names = names.join(", ");
    format!("R6: conflict: {names} {circumstance} would be spoiled by the client's own fetch")
}

/// Whether nobody but a plan of ours has set a variable.
fn is_free(process: &Process<'_>, name: &str) -> bool {
    process.text(name).is_empty() || process.inherited().iter().any(|ours| ours == name)
}
