//! How we are, in one line for a person.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, sync::Arc};

use crate::publish::{Answer, Subscriber};

/// Says what is served, and where.
pub(super) fn of(subscribers: &BTreeMap<Arc<str>, Subscriber>, socket: &Path) -> String {
    let profiles: Vec<_> =
        subscribers.iter().map(|(name, subscriber)| profile(name, subscriber)).collect();
    format!("serving {} on {}", profiles.join("; "), socket.display())
}

/// Says how each profile is.
pub(super) fn states(subscribers: &BTreeMap<Arc<str>, Subscriber>) -> String {
    let states: Vec<_> = subscribers
        .iter()
        .map(|(name, subscriber)| {
            let state = subscriber.health().vaults.state.name();
            match subscriber.answer() {
                Answer::Waiting => format!("profile {name}: waiting for the first answer"),
                Answer::None(reason) => format!("profile {name}: no answer: {reason}"),
                Answer::Some(published) => {
                    let (keys, revision) = (published.keys, published.revision);
                    format!("profile {name}: {state}, {keys} keys, revision {revision}")
                }
            }
        })
        .collect();
    states.join("; ")
}

fn profile(name: &str, subscriber: &Subscriber) -> String {
    let published = match subscriber.answer() {
        Answer::Some(published) => published,
        Answer::None(reason) => return format!("profile {name}: no answer yet: {reason}"),
        Answer::Waiting => return format!("profile {name}: no answer yet"),
    };
    let health = subscriber.health();
    let mut line = format!(
        "profile {name}: {} from {} and {}",
        counted(published.keys, "key"),
        counted(health.files_in_use.len(), "file"),
        counted(health.vaults_in_use.len(), "vault"),
    );
    if !health.quarantined.is_empty() {
        write!(line, ", {} kept out", health.quarantined.len())
            .expect("a string takes all that is written");
    }
    if let Some(reason) = &health.vaults.reason {
        write!(line, " (vaults {}: {reason})", health.vaults.state.name())
            .expect("a string takes all that is written");
    }
    line
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_people_do() {
        for (count, words) in [(0, "0 keys"), (1, "1 key"), (2, "2 keys")] {
            assert_eq!(counted(count, "key"), words);
        }
    }
}
