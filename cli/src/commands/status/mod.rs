//! `status`: how the daemon and its sources fare, on one screen.

mod page;

use std::time::{SystemTime, UNIX_EPOCH};

use daemon::protocol::{self, Status};

use super::{
    answer::unreadable,
    asking::{Asking, text_of},
};
use crate::{
    args,
    failure::{Failure, Kind},
};

/// The line of the metrics that counts the connections which are open.
const CONNECTIONS: &str = "clearml_resolver_connections ";

/// Prints the daemon's status: a page for people, or its own answer.
///
/// # Errors
/// No daemon answers, or it has no profile of the name that is asked for.
pub(super) fn run(status: &args::Status, asking: Asking<'_>) -> Result<(), Failure> {
    let text = text_of(asking.ask(protocol::STATUS)?)?;
    if status.json {
        return asking.output.data(&format!("{}\n", text.trim_end()));
    }
    let mut status: Status = serde_json::from_str(&text).map_err(unreadable)?;
    if let Some(wanted) = asking.profile_name() {
        status.profiles.retain(|name, _| name == wanted);
        if status.profiles.is_empty() {
            return Err(Failure::new(Kind::NoAnswer, format!("there is no profile `{wanted}`")));
        }
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let seen = page::Seen { now, connections: connections(asking) };
    asking.output.data(&page::draw(&status, seen, asking.output.page_color))
}

/// Returns how many connections are open, if the daemon tells.
fn connections(asking: Asking<'_>) -> Option<u64> {
    let text = text_of(asking.ask(protocol::METRICS).ok()?).ok()?;
    text.lines().find_map(|line| line.strip_prefix(CONNECTIONS)?.parse().ok())
}
