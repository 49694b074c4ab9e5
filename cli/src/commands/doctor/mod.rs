//! `doctor`: what is wrong on this host, and what to do about it.

mod files;
mod page;
mod server;
mod sockets;
mod variables;

use std::process::ExitCode;

use serde_json::json;

use super::asking::Asking;
use crate::{args::Doctor, failure::Failure};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// How it is.
    pub(super) health: Health,
    /// What was looked at: a path, a variable, the server.
    pub(super) subject: String,
    /// How it is, in lower case, without a full stop; never a value.
    pub(super) message: String,
    /// What to do, ready to be copied or as an imperative sentence.
    pub(super) remedy: Option<String>,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// As it should be.
    Well,
    /// Worth knowing; perhaps it is meant so.
    Odd,
    /// Wrong.
    Wrong,
}

impl Finding {
    /// Returns that a thing is as it should be.
    pub(super) fn well(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Health::Well, subject, message)
    }

    /// Returns that a thing is perhaps not meant so.
    pub(super) fn odd(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Health::Odd, subject, message)
    }

    /// Returns that a thing is wrong.
    pub(super) fn wrong(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Health::Wrong, subject, message)
    }

    fn new(health: Health, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { health, subject: subject.into(), message: message.into(), remedy: None }
    }

    /// Adds what to do.
    pub(super) fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// Looks at the host, and prints what was found; the exit code tells whether anything is wrong.
pub(super) fn run(doctor: &Doctor, asking: Asking<'_>) -> Result<ExitCode, Failure> {
    let mut found = variables::look(asking.ambient);
    match asking.settings_of_host() {
        Ok(settings) => {
            found.extend(files::look(&settings, asking));
            if !doctor.offline {
                found.extend(server::look(&settings, asking));
            }
        }
        Err(failure) => found.push(
            Finding::wrong("settings", causes(&*failure.error))
                .with_remedy("mend them; the daemon does not start with them"),
        ),
    }
    found.extend(sockets::look(asking));
    let text =
        if doctor.json { spelled(&found) } else { page::draw(&found, asking.output.page_color) };
    asking.output.data(&text)?;
    let is_wrong = found.iter().any(|finding| finding.health == Health::Wrong);
    Ok(ExitCode::from(u8::from(is_wrong)))
}

/// Returns an error and all that caused it, in one line.
pub(super) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Spells the findings as a JSON object.
fn spelled(found: &[Finding]) -> String {
    let findings = found.iter().map(|finding| {
        json!({
            "health": match finding.health {
                Health::Well => "well",
                Health::Odd => "odd",
                Health::Wrong => "wrong",
            },
            "subject": finding.subject,
            "message": finding.message,
            "remedy": finding.remedy,
        })
    });
    format!("{:#}\n", json!({ "findings": findings.collect::<Vec<_>>() }))
}
