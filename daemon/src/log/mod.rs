//! How the daemon's log lines look: for people, one JSON object a line, or as entries of the journal.

mod journal;

use std::io::{self, IsTerminal};

use tracing::{Level, level_filters::LevelFilter};

use self::journal::Journal;
use crate::{ambient::Ambient, settings::LogFormat};

/// Sends all log lines of this process to standard error; the first call counts.
///
/// Where standard error is systemd's journal, lines for people become entries with a priority and
/// fields of their own.
pub(crate) fn start(format: LogFormat, ambient: &Ambient) {
    let level = LevelFilter::from_level(Level::INFO);
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(false)
        .with_writer(io::stderr);
    let journal = match format {
        LogFormat::Json => None,
        LogFormat::Text => Journal::behind_standard_error(ambient),
    };
    // Only tests start twice in a process.
    let _ = match (format, journal) {
        (_, Some(journal)) => {
            lines.without_time().json().flatten_event(true).with_writer(journal).try_init()
        }
        (LogFormat::Json, None) => lines.json().flatten_event(true).try_init(),
        (LogFormat::Text, None) if io::stderr().is_terminal() => lines.without_time().try_init(),
        (LogFormat::Text, None) => lines.try_init(),
    };
}
