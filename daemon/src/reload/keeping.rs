//! Keeping the last good vaults of a profile on disk, and finding them again at a start.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tracing::{info, warn};

use super::{
    vault_layers::VaultLayers,
    vault_tier::{VaultTier, Verdict},
};
use crate::{
    api::{UserNames, VaultList},
    health::{Kept, Moment, describe},
    sealed::{LastGood, SealedError, SealingKey, Store},
    settings::{Profile, StateSettings, VaultSource},
};

/// How old the time on disk may grow while the vaults stay the same. Writing at each look at the
/// server would wear the disk; after a restart the vaults count as older by this much, never as
/// younger.
const RESTAMPED_AFTER: Duration = Duration::from_secs(5 * 60);

/// Where and with which key the profiles keep their vaults.
pub(super) enum Sealing {
    /// Nowhere: settings name no key, or none was handed over.
    Off,
    /// There.
    On(PathBuf, SealingKey),
    /// Nowhere although they should, for this reason.
    Impossible(String),
}

impl Sealing {
    /// Finds the key. Blocks for as long as it takes to read a few bytes.
    pub(super) fn open(settings: Option<&StateSettings>, user_id: u32) -> Self {
        let Some(settings) = settings else { return Self::Off };
        match SealingKey::find(&settings.key, user_id) {
            Ok(Some(key)) => Self::On(settings.folder.clone(), key),
            Ok(None) => Self::Off,
            Err(error) => {
                let reason = describe(&error);
                warn!(reason, "the last good vaults will not be kept on disk");
                Self::Impossible(reason)
            }
        }
    }

    /// Returns what a profile keeps. Vaults that lie on this host need no second place.
    pub(super) fn keeping(&self, name: &str, profile: &Profile) -> Keeping {
        let nothing = Keeping::default();
        match (self, &profile.sources.vaults) {
            (Self::On(folder, key), VaultSource::Server(_) | VaultSource::Etcd(_)) => {
                let store = Store::new(folder, name, key.clone());
                Keeping { store: Some(Arc::new(store)), ..nothing }
            }
            (Self::Impossible(reason), VaultSource::Server(_) | VaultSource::Etcd(_)) => {
                Keeping { fault: Some(reason.clone()), ..nothing }
            }
            _ => nothing,
        }
    }
}

/// What one profile keeps on disk. Cloning shares.
#[derive(Clone, Debug, Default)]
pub(super) struct Keeping {
    /// Where; `None` if nothing is kept.
    store: Option<Arc<Store>>,
    on_disk: OnDisk,
    has_looked: bool,
    /// Why the last try to keep, find or remove failed.
    fault: Option<String>,
}

/// What is on disk, as far as we know.
#[derive(Clone, Debug, Default)]
enum OnDisk {
    /// Something or nothing.
    #[default]
    Unknown,
    /// Nothing.
    Nothing,
    /// This list, with the names that the user hides, and when it was last known to be right.
    List(Arc<VaultList>, UserNames, SystemTime),
    /// The names that the user hides alone: their server keeps no vaults.
    Names(UserNames),
}

impl Keeping {
    /// Returns what an earlier process kept of this owner's vaults, the first time it is asked.
    /// Blocks.
    pub(super) fn find(&mut self, owner: &str, profile: &str) -> Option<LastGood> {
        let store = self.store.as_ref().filter(|_| !self.has_looked)?;
        self.has_looked = true;
        match store.read() {
            Ok(Some(last_good)) if last_good.owner == owner => {
                info!(profile, vaults = last_good.list.vaults.len(), "vaults were kept on disk");
                Some(last_good)
            }
            Ok(Some(_)) => {
                info!(profile, "the vaults on disk are of another server or user");
                None
            }
            Ok(None) => {
                self.on_disk = OnDisk::Nothing;
                None
            }
            Err(error) => {
                self.note(Err(error), profile);
                None
            }
        }
    }

    /// Notes that a list is what an earlier process kept.
    pub(super) fn found(&mut self, list: Arc<VaultList>, names: UserNames, confirmed: SystemTime) {
        self.on_disk = OnDisk::List(list, names, confirmed);
    }

    /// Notes that an earlier process kept these names, and no vaults.
    pub(super) fn found_names(&mut self, names: UserNames) {
        self.on_disk = OnDisk::Names(names);
    }

    /// Whether [`Self::keep`] has something to do.
    pub(super) fn is_due(&self, tier: &VaultTier, names: &UserNames) -> bool {
        self.store.is_some()
            && match (tier.verdict(), &self.on_disk) {
                (Verdict::Open, _) | (Verdict::Withdrawn, OnDisk::Nothing) => false,
                (Verdict::Good(list, _, moment), OnDisk::List(there, there_names, confirmed)) => {
                    let is_same = Arc::ptr_eq(&list, there) && names == there_names;
                    let age = moment.wall.duration_since(*confirmed);
                    // A clock that was set back makes the time on disk wrong, too.
                    !(is_same && age.is_ok_and(|age| age < RESTAMPED_AFTER))
                }
                (Verdict::Absent(_), OnDisk::Nothing) => *names != UserNames::default(),
                (Verdict::Absent(_), OnDisk::Names(there)) => names != there,
                (Verdict::Good(..) | Verdict::Withdrawn | Verdict::Absent(_), _) => true,
            }
    }

    /// Brings the disk up to date: writes what is good, removes what was withdrawn. Blocks.
    ///
    /// It is called before anybody is told of a withdrawal, so that what is known to be withdrawn
    /// never comes back.
    pub(super) fn keep(
        &mut self,
        tier: &VaultTier,
        vaults: &VaultLayers,
        names: UserNames,
        owner: &str,
        profile: &str,
    ) {
        let is_due = self.is_due(tier, &names);
        let Some(store) = self.store.clone().filter(|_| is_due) else { return };
        let done = match tier.verdict() {
            Verdict::Open => return,
            Verdict::Withdrawn => store.remove().map(|()| OnDisk::Nothing),
            Verdict::Good(list, digest, moment) => {
                let last_good = LastGood {
                    owner: owner.to_owned(),
                    confirmed: moment.wall,
                    list: VaultList::clone(&list),
                    digest,
                    kept: vaults.kept.iter().map(|kept| kept.in_use.vault.clone()).collect(),
                    names,
                };
                let names = last_good.names.clone();
                store.write(&last_good).map(|()| OnDisk::List(list, names, moment.wall))
            }
            Verdict::Absent(moment) => keep_names(&store, names, owner, moment),
        };
        self.note(done, profile);
    }

    /// Says what is on disk, for people; `None` if nothing is to be kept there.
    pub(super) fn health(&self) -> Option<Kept> {
        let saved = match &self.on_disk {
            OnDisk::List(_, _, confirmed) => Some(*confirmed),
            OnDisk::Names(_) | OnDisk::Unknown | OnDisk::Nothing => None,
        };
        let is_there = self.store.is_some() || self.fault.is_some();
        is_there.then(|| Kept { saved, fault: self.fault.clone() })
    }

    /// Notes how a try went, and tells the log if that is news.
    fn note(&mut self, tried: Result<OnDisk, SealedError>, profile: &str) {
        let fault = match tried {
            Ok(on_disk) => {
                self.on_disk = on_disk;
                None
            }
            Err(error) => Some(describe(&error)),
        };
        if self.fault == fault {
            return;
        }
        if let Some(reason) = &fault {
            warn!(profile, reason, "the last good vaults are not kept as they should");
        } else {
            info!(profile, "the last good vaults are kept again");
        }
        self.fault = fault;
    }
}

/// Takes the vaults from the disk, and keeps the names alone.
fn keep_names(
    store: &Store,
    names: UserNames,
    owner: &str,
    moment: Moment,
) -> Result<OnDisk, SealedError> {
    store.remove()?;
    if names == UserNames::default() {
        return Ok(OnDisk::Nothing);
    }
    let last_good = LastGood::of_names(owner, moment.wall, names.clone());
    store.write(&last_good).map(|()| OnDisk::Names(names))
}

/// How far a clock may be set back while its host is down without putting ages in doubt.
const CORRECTION: Duration = Duration::from_secs(5 * 60);

/// Returns how long ago vaults were right that were kept on disk; `None` if the clock says that
/// they will be.
pub(super) fn age_of(confirmed: SystemTime, now: Moment) -> Option<Duration> {
    match now.wall.duration_since(confirmed) {
        Ok(age) => Some(age),
        Err(ahead) => (ahead.duration() <= CORRECTION).then_some(Duration::ZERO),
    }
}
