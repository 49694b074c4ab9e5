//! `explain`: who sets a value, and what that hides.

mod local;
mod picture;

use daemon::protocol::{ConfigQuery, Explanation};
use resolver::{KeyPath, View};

use super::{
    answer::unreadable,
    asking::{Asking, Origins, References, Wanted},
    masking::Masking,
};
use crate::{
    args::Explain,
    client_keys::ClientKeys,
    failure::{Failure, Kind},
};

/// Prints a picture of all that sets a value, or a report for programs.
pub(super) fn run(explain: &Explain, asking: Asking<'_>) -> Result<(), Failure> {
    let view = explain.view.into();
    let wanted = Wanted {
        view,
        // An agent's environment is one of the layers of its view.
        references: if view == View::Agent { References::Closed } else { References::Kept },
        origins: Origins::Known,
        shows_secrets: explain.reveal,
        ..Wanted::default()
    };
    let is_local = explain.sources.are_given() || view != View::Merged;
    let asked = if is_local { Ok(None) } else { of_daemon(&explain.key, asking, wanted) };
    let asked = asked.map_err(|failure| with_default(failure, &explain.key))?;
    let explanation = match asked {
        Some(explanation) => explanation,
        None => local::explanation(explain, asking, wanted)?,
    };
    if explain.json {
        let report = serde_json::to_string_pretty(&explanation).map_err(unreadable)?;
        return asking.output.data(&format!("{report}\n"));
    }
    let (color, ambient) = (asking.output.page_color, asking.ambient);
    asking.output.data(&picture::draw(&explanation, color, |name| ambient.variable(name).is_some()))
}

/// Says what the clients take for a key that nothing sets.
fn with_default(failure: Failure, key: &KeyPath) -> Failure {
    let keys = ClientKeys::read();
    match keys.get(key) {
        Some(known) if failure.kind == Kind::NoAnswer && !known.default.is_empty() => {
            let (default, versions) = (known.default, keys.versions());
            failure.with_hint(format!("the clients' own default counts: {default} ({versions})"))
        }
        _ => failure,
    }
}

/// Asks the daemon; `None` if none is there.
fn of_daemon(
    key: &KeyPath,
    asking: Asking<'_>,
    wanted: Wanted,
) -> Result<Option<Explanation>, Failure> {
    let profile = asking.profile_name().map(Into::into);
    let query = ConfigQuery { path: key.to_string().into(), profile, ..ConfigQuery::default() };
    let Some(text) = asking.ask_if_there(&query.explain_target())? else { return Ok(None) };
    let mut explanation: Explanation = serde_json::from_str(&text).map_err(unreadable)?;
    if !wanted.shows_secrets {
        let masking = Masking::of_daemon(asking, wanted)?;
        for assignment in &mut explanation.assignments {
            masking.mask(&mut assignment.value, key);
        }
    }
    Ok(Some(explanation))
}
