//! An explanation that is worked out in this process, in the words of the daemon.

use daemon::{
    explanation,
    load::Loaded,
    protocol::{Explanation, QuarantineStatus},
};
use resolver::{Build, Diagnostic, SourceName, Spelling, render};

use super::{
    super::{
        answer::{nothing_set, reveal_if},
        asking::{Asking, Wanted},
    },
    with_default,
};
use crate::{args::Explain, failure::Failure};

/// Resolves, and says what sets a key.
///
/// # Errors
/// There is no answer, or nothing sets the key.
pub(super) fn explanation(
    explain: &Explain,
    asking: Asking<'_>,
    wanted: Wanted,
) -> Result<Explanation, Failure> {
    let loaded = asking.resolve_here(&explain.sources, wanted)?;
    let snapshot = &loaded.snapshot;
    let redactor = loaded.user_names.redactor(snapshot);
    let reveal = reveal_if(explain.reveal);
    let assignments = explanation::assignments(snapshot, &explain.key, |value| {
        render(&redactor.view_value(value, &explain.key, reveal), Spelling::Json)
    });
    if assignments.is_empty() {
        return Err(with_default(nothing_set(snapshot, &explain.key), &explain.key));
    }
    let path = explain.key.to_string();
    let rewritten = snapshot.is_rewritten(&explain.key);
    Ok(Explanation { path, assignments, rewritten, quarantined: quarantined(&loaded) })
}

/// Says which vaults are set aside, each with its place.
fn quarantined(loaded: &Loaded) -> Vec<QuarantineStatus> {
    let set_aside = loaded.quarantined.iter().map(|quarantine| {
        let build = loaded.builds.iter().find(|(name, _)| *name == quarantine.name);
        let found = build.and_then(|(_, build)| first_error(build));
        let place = found.and_then(|(_, place)| place);
        QuarantineStatus {
            source: quarantine.name.to_string(),
            vault: match &quarantine.name {
                SourceName::Vault { id, .. } => Some(id.to_string()),
                _ => None,
            },
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            message: match found {
                Some((error, Some(_))) => error.message.clone(),
                _ => quarantine.reason.clone(),
            },
            help: found.and_then(|(error, _)| error.help.clone()),
            last_good_served: false,
        }
    });
    set_aside.collect()
}

fn first_error(build: &Build) -> Option<(&Diagnostic, Option<(usize, usize)>)> {
    let error = build.diagnostics.iter().find(|diagnostic| diagnostic.is_error())?;
    let place = error.origin.and_then(|origin| {
        let text = build.texts.iter().find(|text| text.id == origin.source)?;
        Some(text.line_column(origin.start))
    });
    Some((error, place))
}
