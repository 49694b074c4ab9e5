//! What the log was told of one profile, so that each change of state is said once.

use tracing::{error, info, warn};

use crate::health::{Health, Quarantined, State, VaultHealth};

/// What the log was told last.
#[derive(Debug, Default)]
pub(super) struct Said {
    state: Option<State>,
    fault: Option<String>,
    quarantined: Vec<Quarantined>,
}

impl Said {
    /// Tells what has changed.
    pub(super) fn log(&mut self, profile: &str, health: &Health, is_waiting: bool) {
        self.log_fault(profile, health);
        self.log_quarantine(profile, health);
        if !is_waiting {
            self.log_state(profile, &health.vaults);
        }
    }

    fn log_state(&mut self, profile: &str, vaults: &VaultHealth) {
        if self.state.replace(vaults.state) == Some(vaults.state) {
            return;
        }
        let (state, reason) = (vaults.state.name(), vaults.reason.as_deref());
        match vaults.state {
            State::Fresh | State::Off | State::Absent => {
                info!(profile, state, reason, "the state of the vaults changed");
            }
            State::Stale | State::Expired | State::Revoked => {
                warn!(profile, state, reason, "the state of the vaults changed");
            }
        }
    }

    fn log_fault(&mut self, profile: &str, health: &Health) {
        if self.fault == health.fault {
            return;
        }
        self.fault.clone_from(&health.fault);
        if let Some(reason) = &health.fault {
            error!(profile, reason, "there is no new answer");
        } else {
            info!(profile, "the answer is new again");
        }
    }

    fn log_quarantine(&mut self, profile: &str, health: &Health) {
        let is_in = |list: &[Quarantined], one| list.contains(one);
        for new in health.quarantined.iter().filter(|one| !is_in(&self.quarantined, one)) {
            warn!(profile, last_good_used = new.last_good_used, "kept out: {new}");
        }
        for old in self.quarantined.iter().filter(|one| !is_in(&health.quarantined, one)) {
            info!(profile, source = %old.source, "no longer kept out for: {}", old.message);
        }
        self.quarantined.clone_from(&health.quarantined);
    }
}
