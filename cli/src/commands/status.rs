//! `status`: how the daemon and its sources fare.

use daemon::protocol::{self, ProfileStatus, Status};

use super::{
    answer::unreadable,
    asking::{Asking, text_of},
};
use crate::{args, failure::Failure};

/// Prints the daemon's status: a page for people, or its own answer.
pub(super) fn run(status: &args::Status, asking: Asking<'_>) -> Result<(), Failure> {
    let text = text_of(asking.ask(protocol::STATUS)?)?;
    if status.json {
        return asking.output.data(&format!("{}\n", text.trim_end()));
    }
    let status: Status = serde_json::from_str(&text).map_err(unreadable)?;
    let wanted = asking.profile_name();
    let mut page = format!("clearml-resolver {}, process {}\n", status.version, status.pid);
    for (name, profile) in &status.profiles {
        if wanted.is_none_or(|wanted| wanted == name) {
            page.push_str(&section(name, profile));
        }
    }
    asking.output.data(&page)
}

fn section(name: &str, profile: &ProfileStatus) -> String {
    let mut lines = vec![headline(name, profile)];
    lines.push(format!(
        "  {} values, revision {}, {} answers, {} calls to the server saved",
        profile.keys, profile.revision, profile.answers, profile.calls_saved
    ));
    if let Some(seconds) = profile.next_refresh_seconds {
        lines.push(format!("  vaults are asked for again in {}", span(seconds)));
    }
    if let Some(fault) = profile.kept.as_ref().and_then(|kept| kept.fault.as_ref()) {
        lines.push(format!("  {:<11} the vaults are not kept on disk: {fault}", "fault"));
    }
    for file in &profile.files {
        lines.push(format!("  {:<11} {}", file.layer, file.path));
    }
    for vault in &profile.vaults {
        let (id, name) = (&vault.id, &vault.name);
        let (scope, kind, format) = (&vault.scope, &vault.kind, &vault.format);
        lines.push(format!("  {:<11} {id} {name} ({scope}, {kind}, {format})", "vault"));
    }
    for kept_out in &profile.quarantined {
        let place = match (kept_out.line, kept_out.column) {
            (Some(line), Some(column)) => format!(":{line}:{column}"),
            _ => String::new(),
        };
        let instead =
            if kept_out.last_good_served { "; its last good version is served" } else { "" };
        let (source, message) = (&kept_out.source, &kept_out.message);
        lines.push(format!("  {:<11} {source}{place}: {message}{instead}", "quarantined"));
        lines.extend(kept_out.help.iter().map(|help| format!("  {:<11} help: {help}", "")));
    }
    lines.join("\n") + "\n"
}

fn headline(name: &str, profile: &ProfileStatus) -> String {
    let age = profile.age_seconds.map(|seconds| format!(", vaults {} old", span(seconds)));
    let reason = profile.reason.as_deref().map(|reason| format!(" ({reason})"));
    let (age, reason) = (age.unwrap_or_default(), reason.unwrap_or_default());
    format!("profile {name}: {}{age}{reason}", profile.state)
}

/// Spells a span of time with its largest unit.
fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
