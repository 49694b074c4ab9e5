//! The daemon: whether one answers, only one, and lets us read.

use std::path::Path;

use daemon::{
    client::{self, AskError},
    protocol::{STATUS, State, Status},
    settings::sockets_to_ask,
};

use super::{
    super::asking::{Asking, BUDGET},
    Finding, causes,
};

/// The group whose members may read.
const GROUP: &str = "clearml-resolver";

/// Looks at each of the usual sockets.
pub(super) fn look(asking: Asking<'_>) -> Vec<Finding> {
    let sockets = sockets_to_ask(asking.common.socket.as_deref(), asking.ambient);
    let mut found = Vec::new();
    let mut answering = Vec::new();
    for socket in &sockets {
        match client::ask(socket, STATUS, BUDGET) {
            Ok(reply) if reply.status == 200 => {
                answering.push(socket);
                found.extend(looked_into(socket, &reply.body));
            }
            Ok(reply) => found.push(refusal(socket, reply.status)),
            Err(AskError::NoDaemon { .. }) if !socket.exists() => {}
            Err(error) => found.push(unanswered(socket, &error)),
        }
    }
    if let [first, second] = answering.as_slice() {
        let message =
            format!("a daemon on `{}`, another on `{}`", first.display(), second.display());
        found.push(
            Finding::odd("two daemons", message)
                .with_remedy("name the one you mean with `--socket` or CLEARML_RESOLVER_SOCKET"),
        );
    }
    if found.is_empty() {
        found.push(
            Finding::odd("daemon", "none runs; each command resolves for itself")
                .with_remedy("systemctl start clearml-resolver, or `clearml-resolver daemon`"),
        );
    }
    found
}

fn looked_into(socket: &Path, body: &[u8]) -> Vec<Finding> {
    let name = socket.display().to_string();
    let Ok(status) = serde_json::from_slice::<Status>(body) else {
        return vec![Finding::wrong(name, "answers in words of another version")];
    };
    let mut found = vec![Finding::well(name, format!("version {} answers", status.version))];
    if status.version != env!("CARGO_PKG_VERSION") {
        let message =
            format!("is {}, this command is {}", status.version, env!("CARGO_PKG_VERSION"));
        found.push(Finding::odd("daemon", message).with_remedy("restart it after an upgrade"));
    }
    for (profile, status) in &status.profiles {
        let subject = format!("profile {profile}");
        let reason = status.reason.clone().or(status.fault.clone()).unwrap_or_default();
        if matches!(status.state, State::Stale | State::Expired | State::Revoked) {
            let message = format!("its vaults are {}: {reason}", status.state);
            found.push(Finding::wrong(&subject, message).with_remedy("clearml-resolver status"));
        }
        for quarantined in &status.quarantined {
            let message = format!("{} is set aside: {}", quarantined.source, quarantined.message);
            found.push(Finding::wrong(&subject, message).with_remedy("clearml-resolver check"));
        }
        for fault in status.kept.iter().filter_map(|kept| kept.fault.as_ref()) {
            let message = format!("its vaults are not kept for a start without server: {fault}");
            found.push(Finding::odd(&subject, message));
        }
    }
    found
}

fn refusal(socket: &Path, status: u16) -> Finding {
    let name = socket.display().to_string();
    match status {
        401 | 403 => not_allowed(name, "its daemon does not let this user read".into()),
        _ => Finding::wrong(name, format!("its daemon answers with status {status}")),
    }
}

fn unanswered(socket: &Path, error: &AskError) -> Finding {
    let name = socket.display().to_string();
    match error {
        AskError::Refused { .. } => not_allowed(name, causes(error)),
        AskError::NoDaemon { .. } => Finding::wrong(name, "is there, and nobody listens")
            .with_remedy("start the daemon; it takes the socket over"),
        _ => Finding::wrong(name, causes(error)).with_remedy("restart the daemon"),
    }
}

fn not_allowed(name: String, message: String) -> Finding {
    let remedy = format!("sudo usermod -aG {GROUP} \"$USER\", then log in anew");
    Finding::wrong(name, message).with_remedy(remedy)
}
