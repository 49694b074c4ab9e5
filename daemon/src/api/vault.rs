//! Vaults: server-side texts, whichever source keeps them.

use std::{fmt, sync::Arc};

use resolver::{Format, Precedence, Scope, SourceName};

/// A text that somebody keeps for us; `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct Vault {
    /// The id that its source gave it.
    pub id: Arc<str>,
    /// What people call it; may be empty.
    pub description: Arc<str>,
    /// Whose it is.
    pub scope: Scope,
    /// What it is for.
    pub kind: VaultKind,
    /// How it is spelled.
    pub format: Format,
    /// The text.
    pub text: Arc<str>,
}

/// What a vault is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultKind {
    /// Lies over the files.
    Config,
    /// Lies over everything: an administrator's tier.
    Monitoring,
}

impl VaultKind {
    /// Returns the tier its texts belong to.
    pub fn precedence(self) -> Precedence {
        match self {
            Self::Config => Precedence::Vault,
            Self::Monitoring => Precedence::Monitoring,
        }
    }
}

impl Vault {
    /// Returns what messages call it.
    pub fn name(&self) -> SourceName {
        SourceName::Vault {
            id: self.id.clone(),
            description: self.description.clone(),
            scope: self.scope,
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("id", &self.id)
            .field("description", &self.description)
            .field("scope", &self.scope)
            .field("kind", &self.kind)
            .field("format", &self.format)
            .field("bytes", &self.text.len())
            .finish()
    }
}

/// The vaults of one source, in the order in which they merge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaultList {
    /// Those that count.
    pub vaults: Vec<Vault>,
    /// Those that should count and cannot.
    pub quarantined: Vec<Quarantine>,
    /// Those that are left out by rule, each with the reason: disabled, or of a foreign type.
    pub notes: Vec<String>,
}

impl VaultList {
    /// Adds the vaults of another list at the end. What both say of vaults that do not count is
    /// kept once: a server that does not filter sends them with each list.
    pub(super) fn join(&mut self, other: Self) {
        self.vaults.extend(other.vaults);
        for quarantine in other.quarantined {
            if !self.quarantined.contains(&quarantine) {
                self.quarantined.push(quarantine);
            }
        }
        for note in other.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    /// Keeps the vaults of one kind: a server that does not filter sends the others, too.
    pub(super) fn of_kind(mut self, kind: VaultKind) -> Self {
        self.vaults.retain(|vault| vault.kind == kind);
        self
    }
}

/// A vault that is not used, because something is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    /// Which vault.
    pub name: SourceName,
    /// Why, in lower case, without a full stop; never a value.
    pub reason: String,
}
