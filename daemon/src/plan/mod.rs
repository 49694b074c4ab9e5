//! What the environment of a ClearML process should be: rules R0 to R11, as a pure function.
//!
//! The same planner in Python serves the plugin; both are held to the vectors in
//! `tests/fixtures/plugin`. No secret goes into a variable: a plan names a file.

mod client_process;
mod vaults;

use std::collections::BTreeMap;

use ring::digest;

pub use self::client_process::{Activation, OwnFiles, Process};
use self::vaults::Client;
pub use self::vaults::Fetched;
use crate::protocol::{ProfileStatus, State};

/// The variable that is set to the file.
pub const CONFIG_FILE: &str = "CLEARML_CONFIG_FILE";
/// The variable that says what was applied: the profile and the digest, nothing else (R11).
pub const APPLIED: &str = "CLEARML_RESOLVER_APPLIED";
/// The variable that names those that a plan has set, for the plans of the process's children.
pub const OURS: &str = "CLEARML_RESOLVER_SET";

const CONFIG_FILES: [&str; 2] = [CONFIG_FILE, "TRAINS_CONFIG_FILE"];
const SDK_VAULTS_OFF: &str = "CLEARML_DISABLE_VAULT_SUPPORT";
const AGENT_VAULTS_OFF: &str = "CLEARML_AGENT_DISABLE_VAULT_SUPPORT";
const HIDDEN_NAMES: &str = "CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV";

/// What to do with a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It uses the daemon's file.
    Apply,
    /// What its parent process applied stays.
    Keep,
    /// It does not use the daemon's file.
    Leave,
    /// It must not start.
    Refuse,
}

/// What to do with a process, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What to do.
    pub verdict: Verdict,
    /// Why, in words for people.
    pub reason: String,
    /// Whether the daemon is away and the last good file counts.
    pub from_kept: bool,
    /// Variables that the parent process's plan has set.
    owned: Vec<String>,
    /// Variables to set besides the file's.
    flags: BTreeMap<String, String>,
}

/// How variables change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// To be set.
    pub set: BTreeMap<String, String>,
    /// To be unset, in the order of the alphabet.
    pub unset: Vec<String>,
}

/// Plans a process's environment.
///
/// `status` is what the daemon says of the profile, `None` if it is away; `kept` is what it said
/// when the last good file was published, `None` if there is no such file.
pub fn plan(
    process: &Process<'_>,
    status: Option<&ProfileStatus>,
    kept: Option<&ProfileStatus>,
) -> Plan {
    if let Some(reason) = process.left_by_choice() {
        return Plan::leave(process, reason);
    }
    match status {
        Some(status) if status.state == State::Revoked => {
            Plan::leave(process, "R3: the server has withdrawn the daemon's access".into())
        }
        Some(status) if status.state == State::Expired => {
            without_answer(process, "the daemon's answer is expired", kept)
        }
        Some(status) if status.digest.is_some() => with_answer(process, status, false),
        Some(_) => without_answer(process, "the daemon has no answer", kept),
        None => without_answer(process, "the daemon is away", kept),
    }
}

/// Plans the environment of a process whose configuration was resolved for itself, with its own
/// credentials: only the user's choice and the Kubernetes glue stand against it.
pub fn plan_alone(process: &Process<'_>, fetched: &Fetched) -> Plan {
    if let Some(reason) = process.left_unasked() {
        return Plan::leave(process, reason);
    }
    apply(process, fetched, "resolved for this process".into(), false)
}

/// Returns the name of a profile's answer in one spelling: the profile and a digest.
pub fn applied_name(profile: &str, text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let beginning: [u8; 16] = digest.as_ref().first_chunk().copied().unwrap_or_default();
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-');
    let profile = profile.replace(|character| !is_plain(character), "_");
    format!("{profile}@{:032x}", u128::from_be_bytes(beginning))
}

/// Returns what stands for an access key where the key itself is nobody's business: 64 bits of its
/// digest, in hexadecimal digits.
pub fn fingerprint(access_key: &str) -> String {
    let digest = digest::digest(&digest::SHA256, access_key.as_bytes());
    let beginning = digest.as_ref().first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(beginning))
}

impl Plan {
    /// Returns how variables change, for a configuration that lies in a file of this path.
    pub fn changes(&self, file: &str) -> Changes {
        match self.verdict {
            Verdict::Keep => Changes::default(),
            Verdict::Leave | Verdict::Refuse => {
                Changes { set: BTreeMap::new(), unset: self.owned.clone() }
            }
            Verdict::Apply => self.applied(file),
        }
    }

    fn applied(&self, file: &str) -> Changes {
        let mut set = self.flags.clone();
        set.insert(CONFIG_FILE.into(), file.into());
        set.insert(APPLIED.into(), client_process::stem(file).into());
        // Names to hide only ever grow, so that nothing has to be taken back.
        let ours: Vec<&str> =
            set.keys().map(String::as_str).filter(|name| *name != HIDDEN_NAMES).collect();
        let ours = ours.join(" ");
        set.insert(OURS.into(), ours);
        let unset = self.owned.iter().filter(|name| !set.contains_key(*name)).cloned().collect();
        Changes { set, unset }
    }

    fn leave(process: &Process<'_>, reason: String) -> Self {
        Self::without_flags(Verdict::Leave, process, reason)
    }

    fn without_flags(verdict: Verdict, process: &Process<'_>, reason: String) -> Self {
        let owned = process.inherited();
        Self { verdict, reason, from_kept: false, owned, flags: BTreeMap::new() }
    }
}

fn with_answer(process: &Process<'_>, status: &ProfileStatus, from_kept: bool) -> Plan {
    if let Some(reason) = process.foreign_to(status) {
        return Plan::leave(process, reason.into());
    }
    if status.masked {
        let reason = "the daemon shows this user masks in the place of secrets";
        return Plan::leave(process, reason.into());
    }
    let reason = if from_kept {
        "R3: the daemon is away; its last good answer is used".to_owned()
    } else {
        format!("the daemon's answer is {}", status.state)
    };
    apply(process, &Fetched::from(status), reason, from_kept)
}

fn apply(process: &Process<'_>, fetched: &Fetched, reason: String, from_kept: bool) -> Plan {
    let client = if process.is_agent() { Client::Agent } else { Client::Sdk };
    match vaults::flags(client, process, fetched) {
        Ok(flags) => {
            let owned = process.inherited();
            Plan { verdict: Verdict::Apply, reason, from_kept, owned, flags }
        }
        Err(conflict) => Plan::leave(process, conflict),
    }
}

/// Plans without an answer of the daemon: rule R3.
fn without_answer(process: &Process<'_>, why: &str, kept: Option<&ProfileStatus>) -> Plan {
    if process.inherited().iter().any(|name| CONFIG_FILES.contains(&name.as_str())) {
        let reason = format!("R3: {why}; what the parent process applied stays");
        return Plan::without_flags(Verdict::Keep, process, reason);
    }
    let said = process.text("CLEARML_RESOLVER_FAIL").to_lowercase();
    let fail = match said.as_str() {
        "" if process.is_agent() => "last_good",
        "" => "open",
        said => said,
    };
    match kept.filter(|kept| kept.state != State::Revoked) {
        _ if fail == "closed" => {
            let reason = format!("R3: {why}, and CLEARML_RESOLVER_FAIL=closed");
            Plan::without_flags(Verdict::Refuse, process, reason)
        }
        Some(kept) if fail == "last_good" => with_answer(process, kept, true),
        _ => Plan::leave(process, format!("R3: {why}")),
    }
}

#[cfg(test)]
mod tests;
