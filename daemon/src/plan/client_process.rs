//! What a planner knows of a process, and what the process itself decides.

use std::collections::BTreeMap;

use super::{AGENT_VAULTS_OFF, APPLIED, CONFIG_FILES, OURS, SDK_VAULTS_OFF, fingerprint};
use crate::protocol::ProfileStatus;

/// Within how many words a command line names its script: an interpreter and its flags come first.
const SCRIPT_WITHIN: usize = 8;

/// A process that is about to start.
#[derive(Clone, Copy, Debug)]
pub struct Process<'a> {
    /// Who asks for the configuration.
    pub activation: Activation,
    /// Its environment.
    pub environment: &'a BTreeMap<String, String>,
    /// Its command line.
    pub arguments: &'a [String],
    /// How its user's own files stand to those of the daemon.
    pub own_files: OwnFiles,
}

/// Who asks for the configuration of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// A variable, at the start of any interpreter.
    Plugin,
    /// Somebody who typed `exec`.
    Exec,
}

/// How the files that a stock client would read by itself stand to those that the daemon reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnFiles {
    /// There are none.
    None,
    /// The daemon reads them, too.
    Served,
    /// The daemon's answer would lack them.
    Foreign,
}

impl Process<'_> {
    /// Returns a variable's text as the clients read it: trimmed, empty if it is unset.
    pub(super) fn text(&self, name: &str) -> &str {
        self.environment.get(name).map_or("", |text| text.trim())
    }

    fn first_text(&self, names: [&str; 2]) -> &str {
        names.into_iter().map(|name| self.text(name)).find(|text| !text.is_empty()).unwrap_or("")
    }

    /// Whether it is a ClearML agent: the script of that name, or `-m clearml_agent`.
    pub(super) fn is_agent(&self) -> bool {
        self.script_names().any(|name| matches!(name, "clearml-agent" | "clearml_agent"))
    }

    /// Whether an agent runs tasks in the names of their owners.
    pub(super) fn impersonates(&self) -> bool {
        self.arguments.iter().any(|argument| argument == "--use-owner-token")
    }

    /// Whether it is the Kubernetes glue, which copies its file into the pods it makes.
    fn is_glue(&self) -> bool {
        !self.text("KUBERNETES_SERVICE_HOST").is_empty()
            && self.script_names().any(|name| name.contains("k8s") && name.contains("glue"))
    }

    fn script_names(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().take(SCRIPT_WITHIN).map(|argument| file_name(argument))
    }

    /// Returns the variables that a plan of the parent process has set and that still are ours, in
    /// the order of the alphabet.
    pub(super) fn inherited(&self) -> Vec<String> {
        let applied = self.text(APPLIED);
        if applied.is_empty() {
            return Vec::new();
        }
        let named = self.text(OURS).split_whitespace();
        let known = [APPLIED, OURS, SDK_VAULTS_OFF, AGENT_VAULTS_OFF];
        let mut ours: Vec<&str> = named.filter(|name| known.contains(name)).collect();
        // The agent copies each CLEARML_X to TRAINS_X.
        ours.extend(CONFIG_FILES.into_iter().filter(|name| stem(self.text(name)) == applied));
        ours.push(APPLIED);
        ours.extend(self.environment.contains_key(OURS).then_some(OURS));
        ours.sort_unstable();
        ours.dedup();
        ours.into_iter().map(str::to_owned).collect()
    }

    /// Says why nothing is asked of the daemon: rules R0, R1, R2 and R8.
    pub(super) fn left_by_choice(&self) -> Option<String> {
        let token = self.text("CLEARML_AUTH_TOKEN");
        let reason = "R2: the process acts for the owner of CLEARML_AUTH_TOKEN";
        self.left_unasked().or_else(|| (!token.is_empty()).then(|| reason.into()))
    }

    /// Says why no configuration is wanted, whosever it is: rules R0, R1 and R8.
    pub(super) fn left_unasked(&self) -> Option<String> {
        let switch = self.text("CLEARML_RESOLVER").to_lowercase();
        if matches!(switch.as_str(), "0" | "off" | "false" | "no") {
            return Some("R0: switched off by CLEARML_RESOLVER".into());
        }
        let is_on = matches!(switch.as_str(), "1" | "on" | "true" | "yes");
        if self.activation == Activation::Plugin && !is_on {
            return Some("R0: not switched on by CLEARML_RESOLVER=on".into());
        }
        if self.is_glue() {
            return Some("R8: the Kubernetes glue copies its file into pods".into());
        }
        let chosen = self.chosen_file()?;
        Some(format!("R1: {chosen} names another file"))
    }

    /// Returns what names the file that somebody has chosen already. Who types `exec` chooses ours.
    fn chosen_file(&self) -> Option<&'static str> {
        let names_a_file = |argument: &String| {
            argument == "--config-file" || argument.starts_with("--config-file=")
        };
        if self.arguments.iter().any(names_a_file) {
            return Some("--config-file");
        }
        if self.activation == Activation::Exec {
            return None;
        }
        let inherited = self.inherited();
        CONFIG_FILES
            .into_iter()
            .find(|name| !self.text(name).is_empty() && !inherited.iter().any(|ours| ours == name))
    }

    /// Says why a profile is not that of the process's identity: rule R2.
    pub(super) fn foreign_to(&self, status: &ProfileStatus) -> Option<&'static str> {
        let key = self.first_text(["CLEARML_API_ACCESS_KEY", "TRAINS_API_ACCESS_KEY"]);
        let identity = status.identity.as_deref().filter(|_| !key.is_empty());
        if identity.is_some_and(|identity| fingerprint(key) != identity) {
            return Some("R2: the process has another access key than the daemon");
        }
        let host = self.first_text(["CLEARML_API_HOST", "TRAINS_API_HOST"]).trim_end_matches('/');
        let server = status.server.as_deref().filter(|_| !host.is_empty());
        if server.is_some_and(|server| server.trim_end_matches('/') != host) {
            return Some("R2: the process uses another server than the daemon");
        }
        let reason = "R2: the user's own clearml.conf is not among the files that the daemon reads";
        (self.own_files == OwnFiles::Foreign).then_some(reason)
    }
}

/// Returns a file's name without its folders and without `.conf`.
pub(super) fn stem(file: &str) -> &str {
    let name = file_name(file);
    name.strip_suffix(".conf").unwrap_or(name)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
