//! What is kept of a profile's vaults, spelled as JSON of version 1.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use resolver::{Format, Scope, SourceName};
use serde::{Deserialize, Serialize};

use crate::api::{Quarantine, UserNames, Vault, VaultKind, VaultList};

/// The vaults of a profile when they were last known to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastGood {
    /// Whose they are: equal texts for the same user of the same source. Never a secret.
    pub(crate) owner: String,
    /// When they were last known to be right, in whole seconds.
    pub(crate) confirmed: SystemTime,
    /// The vaults as their source gave them.
    pub(crate) list: VaultList,
    /// The digest of that list, if its source makes one.
    pub(crate) digest: Option<[u8; 32]>,
    /// The vaults that counted, which for a broken one is an earlier version.
    pub(crate) kept: Vec<Vault>,
    /// The names that the user hides in the web application.
    pub(crate) names: UserNames,
}

/// Version 1. Fields are never renamed and never change their meaning; a new version gets a new
/// type, and this one stays for as long as it must be read.
#[derive(Serialize, Deserialize)]
struct Version1 {
    owner: String,
    confirmed_unix: u64,
    digest_base64: Option<String>,
    vaults: Vec<Vault1>,
    quarantined: Vec<Quarantine1>,
    /// The vaults that counted and are not among `vaults` as they stand there.
    earlier: Vec<Vault1>,
    /// The ids of all vaults that counted, in their order.
    kept: Vec<Kept1>,
    /// Absent in files of before there were any; whoever does not know it skips it.
    #[serde(default)]
    user_names: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Vault1 {
    id: String,
    description: String,
    scope: Scope1,
    kind: Kind1,
    format: Format1,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct Quarantine1 {
    id: String,
    description: String,
    scope: Scope1,
    reason: String,
}

/// Where a vault that counted is to be found.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept1 {
    /// At this place of `vaults`, from 0.
    Vault(usize),
    /// At this place of `earlier`, from 0.
    Earlier(usize),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scope1 {
    User,
    Group,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind1 {
    Config,
    Monitoring,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format1 {
    Hocon,
    Json,
    Json5,
    Yaml,
    Properties,
}

impl LastGood {
    /// Returns what is kept for a server that keeps no vaults.
    pub(crate) fn of_names(owner: &str, confirmed: SystemTime, names: UserNames) -> Self {
        let (list, kept) = (VaultList::default(), Vec::new());
        Self { owner: owner.to_owned(), confirmed, list, digest: None, kept, names }
    }

    /// Whether it is what [`of_names`](Self::of_names) makes. An empty list of a server that keeps
    /// vaults has a digest.
    pub(crate) fn is_without_vaults(&self) -> bool {
        self.list.vaults.is_empty() && self.list.quarantined.is_empty() && self.digest.is_none()
    }

    /// Spells it in the format that is written.
    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&Version1::of(self)).expect("names, texts and numbers can be spelled")
    }

    /// Reads version 1. `None` if it is none.
    pub(super) fn of_json(json: &[u8]) -> Option<Self> {
        let version: Version1 = serde_json::from_slice(json).ok()?;
        version.read()
    }
}

impl Version1 {
    fn of(last_good: &LastGood) -> Self {
        let vaults = &last_good.list.vaults;
        let (mut earlier, mut kept) = (Vec::new(), Vec::new());
        for vault in &last_good.kept {
            if let Some(place) = vaults.iter().position(|there| there == vault) {
                kept.push(Kept1::Vault(place));
            } else {
                kept.push(Kept1::Earlier(earlier.len()));
                earlier.push(Vault1::of(vault));
            }
        }
        let since = last_good.confirmed.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            owner: last_good.owner.clone(),
            confirmed_unix: since.as_secs(),
            digest_base64: last_good.digest.map(|digest| STANDARD.encode(digest)),
            vaults: vaults.iter().map(Vault1::of).collect(),
            quarantined: last_good.list.quarantined.iter().filter_map(Quarantine1::of).collect(),
            earlier,
            kept,
            user_names: last_good.names.names().to_vec(),
        }
    }

    fn read(self) -> Option<LastGood> {
        let vaults: Vec<Vault> = self.vaults.into_iter().map(Vault1::read).collect();
        let earlier: Vec<Vault> = self.earlier.into_iter().map(Vault1::read).collect();
        let kept = self.kept.iter().map(|kept| match kept {
            Kept1::Vault(place) => vaults.get(*place).cloned(),
            Kept1::Earlier(place) => earlier.get(*place).cloned(),
        });
        let kept = kept.collect::<Option<Vec<Vault>>>()?;
        let digest = match self.digest_base64 {
            Some(text) => Some(STANDARD.decode(text).ok()?.try_into().ok()?),
            None => None,
        };
        let quarantined = self.quarantined.into_iter().map(Quarantine1::read).collect();
        Some(LastGood {
            owner: self.owner,
            confirmed: UNIX_EPOCH.checked_add(Duration::from_secs(self.confirmed_unix))?,
            list: VaultList { vaults, quarantined, notes: Vec::new() },
            digest,
            kept,
            names: UserNames::of_kept(self.user_names),
        })
    }
}

impl Vault1 {
    fn of(vault: &Vault) -> Self {
        Self {
            id: vault.id.to_string(),
            description: vault.description.to_string(),
            scope: Scope1::of(vault.scope),
            kind: match vault.kind {
                VaultKind::Config => Kind1::Config,
                VaultKind::Monitoring => Kind1::Monitoring,
            },
            format: match vault.format {
                Format::Hocon => Format1::Hocon,
                Format::Json => Format1::Json,
                Format::Json5 => Format1::Json5,
                Format::Yaml => Format1::Yaml,
                Format::Properties => Format1::Properties,
            },
            text: vault.text.to_string(),
        }
    }

    fn read(self) -> Vault {
        Vault {
            id: self.id.into(),
            description: self.description.into(),
            scope: self.scope.read(),
            kind: match self.kind {
                Kind1::Config => VaultKind::Config,
                Kind1::Monitoring => VaultKind::Monitoring,
            },
            format: match self.format {
                Format1::Hocon => Format::Hocon,
                Format1::Json => Format::Json,
                Format1::Json5 => Format::Json5,
                Format1::Yaml => Format::Yaml,
                Format1::Properties => Format::Properties,
            },
            text: self.text.into(),
        }
    }
}

impl Quarantine1 {
    /// Only vaults are quarantined in a list of vaults; anything else has nothing to be found by.
    fn of(quarantine: &Quarantine) -> Option<Self> {
        let SourceName::Vault { id, description, scope } = &quarantine.name else { return None };
        Some(Self {
            id: id.to_string(),
            description: description.to_string(),
            scope: Scope1::of(*scope),
            reason: quarantine.reason.clone(),
        })
    }

    fn read(self) -> Quarantine {
        let (id, description) = (self.id.into(), self.description.into());
        let name = SourceName::Vault { id, description, scope: self.scope.read() };
        Quarantine { name, reason: self.reason }
    }
}

impl Scope1 {
    fn of(scope: Scope) -> Self {
        match scope {
            Scope::User => Self::User,
            Scope::Group => Self::Group,
        }
    }

    fn read(self) -> Scope {
        match self {
            Self::User => Scope::User,
            Self::Group => Scope::Group,
        }
    }
}
