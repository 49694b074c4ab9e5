//! What a client's own fetch of vaults may do beside the daemon's answer: rules R6 and R9.

use std::collections::{BTreeMap, BTreeSet};

use super::{AGENT_VAULTS_OFF, HIDDEN_NAMES, SDK_VAULTS_OFF, client_process::Process};
use crate::protocol::{ProfileStatus, State, VaultStatus};

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
    status: &ProfileStatus,
) -> Result<BTreeMap<String, String>, String> {
    match client {
        Client::Agent => agent_flags(process, status),
        Client::Sdk => sdk_flags(process, status),
    }
}

/// An agent's own fetch stays on: it brings the owners' vaults and the monitoring ones.
fn agent_flags(
    process: &Process<'_>,
    status: &ProfileStatus,
) -> Result<BTreeMap<String, String>, String> {
    let mut flags = BTreeMap::new();
    let mut names: BTreeSet<&str> = process.text(HIDDEN_NAMES).split_whitespace().collect();
    names.extend(status.hide_names.iter().map(String::as_str));
    if !names.is_empty() {
        flags.insert(HIDDEN_NAMES.into(), Vec::from_iter(names).join(" "));
    }
    let spoiled = spoiled(status);
    if spoiled.is_empty() {
        return Ok(flags);
    }
    if process.impersonates() {
        return Err(conflict(&spoiled, "with --use-owner-token"));
    }
    if status.vaults.iter().any(|vault| vault.kind == "monitoring") {
        return Err(conflict(&spoiled, "beside a monitoring vault"));
    }
    if is_free(process, AGENT_VAULTS_OFF) {
        flags.insert(AGENT_VAULTS_OFF.into(), "1".into());
    }
    Ok(flags)
}

/// A task's own fetch is switched off where the answer holds all that it could bring.
fn sdk_flags(
    process: &Process<'_>,
    status: &ProfileStatus,
) -> Result<BTreeMap<String, String>, String> {
    let is_complete = status.identity.is_some()
        && matches!(status.state, State::Fresh | State::Stale)
        && status.quarantined.is_empty();
    let spoiled = spoiled(status);
    if !spoiled.is_empty() && !is_complete {
        return Err(conflict(&spoiled, "in an incomplete answer"));
    }
    let is_off = is_complete && is_free(process, SDK_VAULTS_OFF);
    Ok(is_off.then(|| (SDK_VAULTS_OFF.into(), "1".into())).into_iter().collect())
}

/// Returns the vaults that the clients' own fetch would spoil: they read YAML as HOCON
/// (`clearml` 2.1.12, `Session._load_vaults`). Where no server gives them, no client fetches them.
fn spoiled(status: &ProfileStatus) -> Vec<&VaultStatus> {
    let is_spoiled = |vault: &&VaultStatus| {
        status.identity.is_some() && vault.kind == "config" && vault.format == "yaml"
    };
    status.vaults.iter().filter(is_spoiled).collect()
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
