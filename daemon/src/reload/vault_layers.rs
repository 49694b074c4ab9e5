//! The layers of the vaults, each the last good one.

use std::sync::Arc;

use resolver::{Context, Layer, SourceIds, SourceName};

use crate::{
    api::{Quarantine, Vault, VaultKind, VaultList},
    health::Quarantined,
    load::build_vault,
};

/// The layers of the vaults that last counted. Cloning shares.
#[derive(Clone, Debug, Default)]
pub(super) struct VaultLayers {
    /// The vaults that count, lowest first, each with its layer.
    pub(super) kept: Vec<(Vault, Arc<Layer>)>,
    /// What does not count.
    pub(super) quarantined: Vec<Quarantined>,
}

impl VaultLayers {
    /// Builds the layers of a list; a vault that has not changed since `self` is kept as it is.
    pub(super) fn renewed(
        &self,
        list: &VaultList,
        context: &Context<'_>,
        ids: &mut SourceIds,
    ) -> Self {
        let mut next = Self::default();
        for vault in &list.vaults {
            let last = self.last_good(&vault.id, Some(vault.kind)).map(|(_, last)| last);
            match last {
                Some(last) if last.0 == *vault => next.kept.push(last.clone()),
                last => next.add_new(vault, last, context, ids),
            }
        }
        for quarantine in &list.quarantined {
            next.add_quarantined(quarantine, self);
        }
        next
    }

    fn add_new(
        &mut self,
        vault: &Vault,
        last: Option<&(Vault, Arc<Layer>)>,
        context: &Context<'_>,
        ids: &mut SourceIds,
    ) {
        let build = build_vault(vault, context, ids);
        if let Some(layer) = build.layer {
            self.kept.push((vault.clone(), layer));
            return;
        }
        let mut quarantined = Quarantined::new(vault.name(), &build);
        quarantined.last_good_used = last.is_some();
        self.kept.extend(last.cloned());
        self.quarantined.push(quarantined);
    }

    /// Uses the last good version of a vault that the source itself could not make sense of, where
    /// it was in the order before.
    fn add_quarantined(&mut self, quarantine: &Quarantine, before: &Self) {
        let last = match &quarantine.name {
            SourceName::Vault { id, .. } => before.last_good(id, None),
            _ => None,
        };
        if let Some((place, last)) = last {
            self.kept.insert(place.min(self.kept.len()), last.clone());
        }
        self.quarantined.push(Quarantined {
            source: quarantine.name.clone(),
            place: None,
            message: quarantine.reason.clone(),
            help: None,
            last_good_used: last.is_some(),
        });
    }

    fn last_good(
        &self,
        id: &str,
        kind: Option<VaultKind>,
    ) -> Option<(usize, &(Vault, Arc<Layer>))> {
        let same = |vault: &Vault| &*vault.id == id && kind.is_none_or(|kind| vault.kind == kind);
        self.kept.iter().enumerate().find(|(_, (vault, _))| same(vault))
    }
}
