//! `watch`: one JSON line whenever a part of the configuration changes.
//!
//! ```json
//! {"at":1795500154,"path":"sdk","revision":4,"digest":"9f…","state":"fresh",
//!  "changes":[{"path":"sdk.aws.s3.region","kind":"changed","before":"us","after":"eu"}]}
//! ```
//!
//! `at` is seconds since 1970-01-01 (UTC). Secrets are masked unless they are asked for. A daemon
//! that ends is waited for.

use std::{
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use daemon::{
    client::AskError,
    difference,
    follow::{Events, follow},
    protocol::{ChangeEvent, ConfigQuery},
    settings::sockets_to_ask,
};
use resolver::{KeyPath, Snapshot, Spelling, Value, render};
use serde_json::json;

use super::{
    answer::{reveal_if, unreadable},
    asking::{Asking, References, Wanted},
};
use crate::{
    args::Watch,
    failure::{Failure, Kind},
};

/// How long the daemon may take to begin.
const BUDGET: Duration = Duration::from_secs(5);

/// How long to wait before a daemon that ended is looked for again: a restart takes about as long.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Prints a line a change until it is interrupted, or the first one has come.
pub(super) fn run(watch: &Watch, asking: Asking<'_>) -> Result<(), Failure> {
    let mut watcher = Watcher::new(watch, asking)?;
    let mut events = follow_any(asking, &watcher.target)?;
    loop {
        asking.output.detail("watching");
        for event in events.map_while(Result::ok) {
            match watcher.tell(&event) {
                Ok(true) if watch.once => return Ok(()),
                Err(failure) if failure.kind != Kind::Unavailable => return Err(failure),
                _ => {}
            }
        }
        asking.output.warning("the daemon has ended; waiting for it to come back");
        events = wait_for_events(asking, &watcher.target);
    }
}

/// What is watched, and what was last seen of it.
struct Watcher<'a> {
    asking: Asking<'a>,
    path: KeyPath,
    target: String,
    wanted: Wanted,
    last: Snapshot,
}

impl<'a> Watcher<'a> {
    fn new(watch: &Watch, asking: Asking<'a>) -> Result<Self, Failure> {
        let wanted = Wanted {
            references: References::Kept,
            shows_secrets: watch.reveal,
            ..Wanted::default()
        };
        let path = watch.key.clone().unwrap_or_default();
        let profile = asking.profile_name().map(Into::into);
        let query =
            ConfigQuery { path: path.to_string().into(), profile, ..ConfigQuery::default() };
        let target = query.watch_target();
        let last = asking.ask_for_config(wanted).and_then(known)?;
        Ok(Self { asking, path, target, wanted, last })
    }

    /// Prints what has changed since the last line, if anything has.
    fn tell(&mut self, event: &ChangeEvent) -> Result<bool, Failure> {
        let now = self.asking.ask_for_config(self.wanted).and_then(known)?;
        let user_names = self.asking.user_names_of_daemon()?;
        let spell = |snapshot: &Snapshot| {
            let redactor = user_names.redactor(snapshot);
            let reveal = reveal_if(self.wanted.shows_secrets);
            move |value: &Value, path: &KeyPath| {
                render(&redactor.view_value(value, path, reveal), Spelling::Json)
            }
        };
        let (spell_before, spell_after) = (spell(&self.last), spell(&now));
        let mut changes =
            difference::changes((&self.last, spell_before), (&now, spell_after), &self.path);
        // The answer alone does not tell who set what.
        for change in &mut changes {
            change.set_by = None;
        }
        self.last = now;
        if changes.is_empty() {
            return Ok(false);
        }
        let line = json!({
            "at": SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            "path": self.path.to_string(),
            "revision": event.revision,
            "digest": event.digest,
            "state": event.state,
            "changes": serde_json::to_value(&changes).map_err(unreadable)?,
        });
        self.asking.output.data(&format!("{line}\n"))?;
        Ok(true)
    }
}

/// Follows the first of the usual sockets on which a daemon listens.
fn follow_any(asking: Asking<'_>, target: &str) -> Result<Events, Failure> {
    let sockets = sockets_to_ask(asking.common.socket.as_deref(), asking.ambient);
    let mut last_error = None;
    for socket in &sockets {
        match follow(socket, target, BUDGET) {
            Err(error @ AskError::NoDaemon { .. }) => last_error = Some(error),
            other => return Ok(other?),
        }
    }
    Err(last_error.expect("there is a socket to ask").into())
}

/// Looks for a daemon until there is one.
fn wait_for_events(asking: Asking<'_>, target: &str) -> Events {
    loop {
        match follow_any(asking, target) {
            Ok(events) => return events,
            Err(failure) => asking.output.detail(&failure.error.to_string()),
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

fn known(answer: Option<Snapshot>) -> Result<Snapshot, Failure> {
    answer.ok_or_else(Failure::no_daemon)
}
