//! How the daemon's log lines look: on standard error, for people or one JSON object a line.

use std::io::{self, IsTerminal};

use tracing::{Level, level_filters::LevelFilter};

use crate::settings::LogFormat;

/// Sends all log lines of this process to standard error; the first call counts.
pub(crate) fn start(format: LogFormat) {
    let level = LevelFilter::from_level(Level::INFO);
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(false)
        .with_writer(io::stderr);
    // Only tests start twice in a process.
    let _ = match format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text if io::stderr().is_terminal() => lines.without_time().try_init(),
        LogFormat::Text => lines.try_init(),
    };
}
