//! The layers of the vaults, each the last good one.

use std::sync::Arc;

use resolver::{Build, Context, Layer, SourceIds, SourceName, lint};

use crate::{
    api::{Quarantine, Vault, VaultKind, VaultList},
    health::{Quarantined, VaultInUse},
    load::build_vault,
};

/// The layers of the vaults that last counted. Cloning shares.
#[derive(Clone, Debug, Default)]
pub(super) struct VaultLayers {
    /// The vaults that count, lowest first, each with its layer.
    pub(super) kept: Vec<VaultLayer>,
    /// What does not count.
    pub(super) quarantined: Vec<Quarantined>,
}

/// A vault that counts, with its layer. Cloning shares.
#[derive(Clone, Debug)]
pub(super) struct VaultLayer {
    /// What people are told of it.
    pub(super) in_use: VaultInUse,
    /// Its layer.
    pub(super) layer: Arc<Layer>,
}

impl VaultLayer {
    /// Returns what a build made of a vault; `None` if that is broken.
    fn of(vault: &Vault, build: &Build, context: &Context<'_>) -> Option<Self> {
        let layer = build.layer.clone()?;
        let precedence = vault.kind.precedence();
        let subject = lint::Subject { build, precedence, below: &[], context };
        let is_spoiled = lint::is_read_otherwise(&subject);
        Some(Self { in_use: VaultInUse { vault: vault.clone(), is_spoiled }, layer })
    }
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
                Some(last) if last.in_use.vault == *vault => next.kept.push(last.clone()),
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
        last: Option<&VaultLayer>,
        context: &Context<'_>,
        ids: &mut SourceIds,
    ) {
        let build = build_vault(vault, context, ids);
        if let Some(layer) = VaultLayer::of(vault, &build, context) {
            self.kept.push(layer);
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

    fn last_good(&self, id: &str, kind: Option<VaultKind>) -> Option<(usize, &VaultLayer)> {
        let same = |vault: &Vault| &*vault.id == id && kind.is_none_or(|kind| vault.kind == kind);
        self.kept.iter().enumerate().find(|(_, kept)| same(&kept.in_use.vault))
    }
}
