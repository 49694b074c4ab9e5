//! Joins the parts to one running daemon; nothing is decided here.

use std::path::Path;

use crate::{ambient::Ambient, settings::Settings};

/// What is said once the daemon serves.
#[derive(Debug)]
pub struct Serving<'a> {
    /// Where readers ask.
    pub socket: &'a Path,
    /// One line for a person: the profiles, how many keys each has, and from where.
    pub summary: &'a str,
}

/// Why the daemon did not start, or ended although nobody told it to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {}

/// Runs the daemon until SIGTERM or SIGINT ends it.
///
/// `announce` is called once, when the first answer is there and the socket is open.
///
/// # Errors
/// The socket cannot be opened, or a part of the daemon broke.
pub fn run(
    _settings: Settings,
    _ambient: Ambient,
    _announce: impl FnOnce(&Serving<'_>),
) -> Result<(), RunError> {
    Ok(())
}
