//! Tells what was found while resolving, and decides whether there is an answer all the same.

use daemon::{
    api::{EndpointError, FetchError},
    load::{Loaded, VaultState},
};
use resolver::{Build, Reveal, SourceName, SourceText};

use crate::{
    failure::{Failure, Kind},
    output::Output,
    snippet,
};

/// Tells all that was found.
///
/// A vault that is broken is set aside by name; a file that is broken, or a server that could not
/// be asked, leaves no answer: one that lacks a layer would look like a whole one.
///
/// # Errors
/// There is no answer.
pub(super) fn judge(
    loaded: &Loaded,
    output: Output,
    reveal: Option<Reveal>,
) -> Result<(), Failure> {
    for (_, build) in &loaded.builds {
        draw(build, output, reveal);
    }
    let texts: Vec<SourceText> =
        loaded.builds.iter().flat_map(|(_, build)| build.texts.iter().cloned()).collect();
    for diagnostic in &loaded.diagnostics {
        output.talk(&snippet::draw(diagnostic, &texts, output.talk_color, reveal));
    }
    for quarantine in &loaded.quarantined {
        output.warning(&format!("{} is not used: {}", quarantine.name, quarantine.reason));
    }
    for note in &loaded.notes {
        output.detail(note);
    }
    files_are_whole(loaded)?;
    vaults_are_known(&loaded.vault_state, output)
}

/// Draws what there is to say about one text and those it includes.
pub(super) fn draw(build: &Build, output: Output, reveal: Option<Reveal>) {
    for diagnostic in &build.diagnostics {
        output.talk(&snippet::draw(diagnostic, &build.texts, output.talk_color, reveal));
    }
    if build.more_diagnostics > 0 {
        output.talk(&format!("and {} more", build.more_diagnostics));
    }
}

fn files_are_whole(loaded: &Loaded) -> Result<(), Failure> {
    let mut faults = Vec::new();
    for error in &loaded.file_errors {
        faults.push(format!("{error}: {}", error.source));
    }
    for (name, build) in &loaded.builds {
        if build.layer.is_none() && !matches!(name, SourceName::Vault { .. }) {
            faults.push(format!("`{name}` is broken"));
        }
    }
    if loaded.diagnostics.iter().any(resolver::Diagnostic::is_error) {
        faults.push("references between the sources cannot be closed".into());
    }
    if faults.is_empty() {
        return Ok(());
    }
    let message = format!("the configuration has no answer: {}", faults.join(", "));
    Err(Failure::new(Kind::NoAnswer, message))
}

/// Whether the vaults that there should be are known. A server without vaults is no failure.
fn vaults_are_known(state: &VaultState, output: Output) -> Result<(), Failure> {
    match state {
        VaultState::Off | VaultState::Fresh { .. } => Ok(()),
        VaultState::NoServer(error @ EndpointError::NoServer) => {
            output.detail(&format!("no vaults: {error}"));
            Ok(())
        }
        VaultState::NoServer(error @ EndpointError::NoCredentials) => {
            output.warning(&format!("no vaults: {error}"));
            Ok(())
        }
        VaultState::NoServer(error) => Err(Failure::of_vaults(Kind::NoAnswer, error)),
        VaultState::Failed(error @ FetchError::Absent { .. }) => {
            output.detail(&format!("no vaults: {error}"));
            Ok(())
        }
        VaultState::Failed(error) => {
            let kind = if error.is_refusal() { Kind::Refused } else { Kind::Unavailable };
            Err(Failure::of_vaults(kind, error))
        }
    }
}
