//! How the daemon's log lines look: for people, one JSON object a line, or as entries of the journal.

mod guard;
mod journal;

use std::io::{self, IsTerminal};

use tracing::{Level, level_filters::LevelFilter};

pub(crate) use self::guard::Guard;
use self::{guard::Guarded, journal::Journal};
use crate::{ambient::Ambient, settings::LogFormat};

/// Sends all log lines of this process to standard error; the first call counts.
///
/// Where standard error is systemd's journal, lines for people become entries with a priority and
/// fields of their own.
///
/// Returns the guard that masks secrets in them, so that it may learn more.
pub(crate) fn start(format: LogFormat, ambient: &Ambient) -> Guard {
    let guard = Guard::new(ambient);
    guard.watch_panics(io::stderr);
    let level = LevelFilter::from_level(Level::INFO);
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(false)
        .with_writer(Guarded { guard: guard.clone(), place: io::stderr });
    let journal = match format {
        LogFormat::Json => None,
        LogFormat::Text => Journal::behind_standard_error(ambient),
    };
    // Only tests start twice in a process.
    let _ = match (format, journal) {
        (_, Some(journal)) => {
            let guarded = Guarded { guard: guard.clone(), place: journal };
            lines.without_time().json().flatten_event(true).with_writer(guarded).try_init()
        }
        (LogFormat::Json, None) => lines.json().flatten_event(true).try_init(),
        (LogFormat::Text, None) if io::stderr().is_terminal() => lines.without_time().try_init(),
        (LogFormat::Text, None) => lines.try_init(),
    };
    guard
}
