//! The making of one profile's answer: what it was made from last, and how it is made anew.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use resolver::{
    Context, Diagnostic, KeyPath, Layer, Precedence, Snapshot, SourceIds, SourceName, Value, merge,
};

use super::{
    file_layers::FileLayers,
    recipe::{Materials, Recipe},
    vault_layers::VaultLayers,
    vault_tier::{Standing, VaultTier},
};
use crate::{
    api::Endpoint,
    health::{Health, Moment, describe},
    settings::VaultSource,
    sources::FileTexts,
};

/// The last good layers of one profile. Cloning shares, so that the work is done on a copy and
/// counts only when it is finished.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) files: FileLayers,
    pub(super) tier: VaultTier,
    pub(super) vaults: VaultLayers,
    /// Where the API server is and how it is asked; `None` if the profile asks none. Another
    /// `Arc` if the files say something else than before.
    pub(super) endpoint: Option<Arc<Endpoint>>,
    /// The section of the files that the endpoint was made of.
    api: Option<Value>,
}

/// An answer, merged of all layers.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) snapshot: Snapshot,
    /// What the files alone say; `None` if that is no answer.
    pub(super) files: Option<Snapshot>,
}

/// What came of the work.
#[derive(Debug)]
pub(super) enum Outcome<A> {
    /// A source has not answered yet.
    Waiting,
    /// This answer.
    Answer(A),
    /// A text is at fault, for this reason, so that the last answer stays.
    Broken(String),
    /// The profile's settings forbid any answer, for this reason.
    Closed(String),
}

impl Work {
    pub(super) fn new(tier: VaultTier) -> Self {
        Self {
            files: FileLayers::default(),
            tier,
            vaults: VaultLayers::default(),
            endpoint: None,
            api: None,
        }
    }

    /// Takes what was read on this host.
    pub(super) fn take(
        &mut self,
        materials: Materials,
        recipe: &Recipe,
        ids: &Mutex<SourceIds>,
        now: Moment,
    ) {
        let mut ids = ids.lock().unwrap_or_else(PoisonError::into_inner);
        self.files = self.files.renewed(&materials.files, recipe, &mut ids);
        match materials.vaults {
            Some(Ok(list)) => self.tier.read(list, now),
            Some(Err(reason)) => self.tier.unreadable(reason, now),
            None => self.find_endpoint(&materials.files, recipe, now),
        }
    }

    /// Finds out which server the files name. While a file is broken nobody knows, so that the
    /// server that was asked before still is.
    fn find_endpoint(&mut self, files: &FileTexts, recipe: &Recipe, now: Moment) {
        let VaultSource::Server(server) = &recipe.sources.vaults else {
            self.tier.switch_off(None, now);
            return;
        };
        if !self.files.quarantined.is_empty() {
            return;
        }
        let own = recipe.own_files(files);
        let api = own.get(&KeyPath::from_iter(["api"])).cloned();
        if self.endpoint.is_some() && self.api == api {
            return;
        }
        self.api = api;
        self.endpoint = match Endpoint::complete(server, &own, &recipe.ambient) {
            Ok(endpoint) => Some(Arc::new(endpoint)),
            Err(error) => {
                self.tier.switch_off(Some(describe(&error)), now);
                None
            }
        };
    }

    /// Makes the answer of what is there.
    pub(super) fn answer(&mut self, recipe: &Recipe, ids: &Mutex<SourceIds>) -> Outcome<Merged> {
        if let Some(reason) = &self.files.broken {
            return Outcome::Broken(reason.clone());
        }
        let list = match self.tier.standing() {
            Standing::Waiting => return Outcome::Waiting,
            Standing::Closed(reason) => return Outcome::Closed(reason),
            Standing::Vaults(list) => list,
        };
        let mut ids = ids.lock().unwrap_or_else(PoisonError::into_inner);
        let made = recipe.in_context(|context| {
            self.vaults = self.vaults.renewed(&list, context, &mut ids);
            let vaults = self.vaults.kept.iter().map(|(_, layer)| layer);
            let layers: Vec<_> = self.files.layers.iter().chain(vaults).cloned().collect();
            match merged(&layers, context) {
                Ok(snapshot) => {
                    let files = merged(&self.files.layers, context).ok();
                    Outcome::Answer(Merged { snapshot, files })
                }
                Err(reason) => Outcome::Broken(reason),
            }
        });
        made.0
    }

    /// Returns how the sources fare, as people are told.
    ///
    /// `snapshot` is the answer that is served, `fault` why it is not the newest or there is none.
    pub(super) fn health(&self, snapshot: Option<&Snapshot>, fault: Option<&str>) -> Health {
        let file_name = |layer: &Layer| match layer.name() {
            SourceName::File(path) => Some((layer.precedence(), path.clone())),
            _ => None,
        };
        let files: Vec<(Precedence, PathBuf)> =
            self.files.layers.iter().filter_map(|layer| file_name(layer)).collect();
        let quarantined = self.files.quarantined.iter().chain(&self.vaults.quarantined);
        Health {
            fault: fault.map(str::to_owned),
            is_pinned: false,
            vaults: self.tier.health(),
            vaults_in_use: self.vaults.kept.iter().map(|(vault, _)| vault.clone()).collect(),
            files_in_use: files,
            quarantined: quarantined.cloned().collect(),
            unresolved: snapshot.map(Snapshot::unresolved).unwrap_or_default(),
        }
    }

    /// Returns everything on this host that the answer depends on.
    pub(super) fn paths(&self, recipe: &Recipe) -> BTreeSet<PathBuf> {
        let mut paths = self.files.paths.clone();
        if let VaultSource::Folder(path) | VaultSource::File(path) = &recipe.sources.vaults {
            paths.insert(path.clone());
        }
        paths
    }
}

/// Merges layers, or says what is wrong with them.
fn merged(layers: &[Arc<Layer>], context: &Context<'_>) -> Result<Snapshot, String> {
    let (snapshot, diagnostics) = merge(layers, context);
    match diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        None => Ok(snapshot),
        Some(error) => Err(merge_error(error, &snapshot)),
    }
}

/// Says what went wrong in the merge, with its place.
fn merge_error(error: &Diagnostic, snapshot: &Snapshot) -> String {
    let place = error.origin.and_then(|origin| {
        let text = snapshot.text(origin.source)?;
        let (line, column) = text.line_column(origin.start);
        Some(format!("{}:{line}:{column}: ", text.name))
    });
    format!("{}{}", place.unwrap_or_default(), error.message)
}
