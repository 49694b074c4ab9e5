//! `diff`: what the vaults change, or what has changed since, key by key.

mod local;
pub(super) mod page;

use std::process::ExitCode;

use daemon::protocol::{DiffQuery, Difference, FILE};
use resolver::KeyPath;

use super::{
    answer::unreadable,
    asking::{Asking, Origins, References, Wanted},
    masking::Masking,
};
use crate::{
    args::{Against, Diff},
    failure::{Failure, Kind},
};

/// Prints what differs; the exit code tells whether anything does.
pub(super) fn run(diff: &Diff, asking: Asking<'_>) -> Result<ExitCode, Failure> {
    let wanted = Wanted {
        references: References::Kept,
        // Which layers are files is known where they are read; another answer is compared with
        // the daemon's as it is.
        origins: if diff.against == Against::File { Origins::Known } else { Origins::Unknown },
        shows_secrets: diff.reveal,
        ..Wanted::default()
    };
    let difference = match (&diff.against, diff.sources.are_given()) {
        (Against::File, false) => of_daemon(diff, FILE, asking, wanted)?,
        (Against::Digest(digest), false) => of_daemon(diff, digest, asking, wanted)?,
        (Against::Digest(_), true) => {
            let message = "only a daemon knows answers by their digest";
            return Err(Failure::new(Kind::Usage, message));
        }
        _ => None,
    };
    let difference = match difference {
        Some(difference) => difference,
        None => local::difference(diff, asking, wanted)?,
    };
    let text = if diff.json {
        serde_json::to_string_pretty(&difference).map_err(unreadable)? + "\n"
    } else {
        page::draw(&difference, asking.output.page_color)
    };
    asking.output.data(&text)?;
    Ok(ExitCode::from(u8::from(!difference.changes.is_empty())))
}

/// Asks the daemon; `None` if none is there.
fn of_daemon(
    diff: &Diff,
    against: &str,
    asking: Asking<'_>,
    wanted: Wanted,
) -> Result<Option<Difference>, Failure> {
    let query = DiffQuery {
        path: path_of(diff).to_string().into(),
        against: against.into(),
        profile: asking.profile_name().map(Into::into),
    };
    let Some(text) = asking.ask_if_there(&query.to_string())? else { return Ok(None) };
    let mut difference: Difference = serde_json::from_str(&text).map_err(unreadable)?;
    if !wanted.shows_secrets {
        let masking = Masking::of_daemon(asking, wanted)?;
        for change in &mut difference.changes {
            let path =
                KeyPath::parse(&change.path).map_err(|e| Failure::new(Kind::Unavailable, e))?;
            masking.mask(&mut change.before, &path);
            masking.mask(&mut change.after, &path);
        }
    }
    Ok(Some(difference))
}

fn path_of(diff: &Diff) -> KeyPath {
    diff.key.clone().unwrap_or_default()
}
