//! The making of one profile's answer: what it was made from last, and how it is made anew.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use resolver::{
    Context, Diagnostic, Layer, Precedence, Snapshot, SourceIds, SourceName, View, merge_view,
};
use secrecy::SecretString;

use super::{
    file_layers::FileLayers,
    keeping::Keeping,
    recipe::{Materials, Recipe},
    user_names::LastNames,
    vault_layers::VaultLayers,
    vault_tier::{Standing, VaultTier, Verdict},
};
use crate::{
    api::{Endpoint, VaultList},
    health::{Account, Health, Moment, describe},
    publish::Merged,
    settings::{Redaction, Server, VaultSource},
};

/// The last good layers of one profile. Cloning shares, so that the work is done on a copy and
/// counts only when it is finished.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) files: FileLayers,
    pub(super) tier: VaultTier,
    pub(super) vaults: VaultLayers,
    pub(super) names: LastNames,
    keeping: Keeping,
    /// Whether the last answer that was made counted.
    is_answered: bool,
    /// Where the API server is and how it is asked; `None` if the profile asks none. Another
    /// `Arc` if the files say something else than before.
    pub(super) endpoint: Option<Arc<Endpoint>>,
    /// The secret key as its own file last held it.
    secret_key: Option<SecretString>,
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
    pub(super) fn new(tier: VaultTier, keeping: Keeping) -> Self {
        Self {
            files: FileLayers::default(),
            tier,
            vaults: VaultLayers::default(),
            names: LastNames::default(),
            keeping,
            is_answered: false,
            endpoint: None,
            secret_key: None,
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
            None => {
                self.find_endpoint(&materials, recipe, now);
                self.restore(recipe, &mut ids, now);
            }
        }
    }

    /// Takes the vaults that an earlier process kept on disk, until their source answers.
    fn restore(&mut self, recipe: &Recipe, ids: &mut SourceIds, now: Moment) {
        let owner = self.owner(recipe).filter(|_| self.tier.is_waiting());
        let Some(owner) = owner else { return };
        let Some(last_good) = self.keeping.find(&owner, &recipe.profile) else { return };
        self.names.restore(last_good.names.clone());
        if last_good.is_without_vaults() {
            return self.keeping.found_names(last_good.names);
        }
        let counted = VaultList { vaults: last_good.kept, ..VaultList::default() };
        let build = |context: &Context<'_>| self.vaults.renewed(&counted, context, ids);
        self.vaults = recipe.in_context(build).0;
        self.tier.restore(last_good.list, last_good.digest, last_good.confirmed, now);
        self.keeping.found(self.tier.list().clone(), last_good.names, last_good.confirmed);
    }

    /// Whether the vaults on disk are to be brought up to date: good ones only while an answer is
    /// made of them, so that a later process can, too.
    pub(super) fn is_keeping_due(&self) -> bool {
        (self.is_answered || self.is_withdrawn())
            && self.keeping.is_due(&self.tier, &self.names.list())
    }

    /// Whether the source has taken its vaults away.
    pub(super) fn is_withdrawn(&self) -> bool {
        matches!(self.tier.verdict(), Verdict::Withdrawn | Verdict::Absent(_))
    }

    /// Brings the vaults on disk up to date. Blocks.
    pub(super) fn keep(&mut self, recipe: &Recipe) {
        if let Some(owner) = self.owner(recipe).filter(|_| self.is_keeping_due()) {
            let names = self.names.list();
            self.keeping.keep(&self.tier, &self.vaults, names, &owner, &recipe.profile);
        }
    }

    /// Returns whose vaults these are; `None` if nobody is asked for any.
    fn owner(&self, recipe: &Recipe) -> Option<String> {
        match &recipe.sources.vaults {
            VaultSource::Server(_) => Some(self.endpoint.as_ref()?.owner()),
            VaultSource::Etcd(etcd) => Some(etcd.owner()),
            VaultSource::Off | VaultSource::Folder(_) | VaultSource::File(_) => None,
        }
    }

    /// Finds out which server the files name. While a file is broken nobody knows, so that the
    /// server that was asked before still is.
    fn find_endpoint(&mut self, materials: &Materials, recipe: &Recipe, now: Moment) {
        let server = match &recipe.sources.vaults {
            VaultSource::Server(server) => server,
            VaultSource::Etcd(_) => return,
            _ => return self.tier.switch_off(None, now),
        };
        if !self.files.quarantined.is_empty() {
            return;
        }
        let own = recipe.own_files(&materials.files);
        let mut server = Server::clone(server);
        self.secret_key = materials.secret_key.clone().or(self.secret_key.take());
        server.secret_key = self.secret_key.clone().or(server.secret_key);
        match Endpoint::complete(&server, &own, &recipe.ambient) {
            Ok(endpoint) if self.endpoint.as_deref() == Some(&endpoint) => {}
            Ok(endpoint) => self.endpoint = Some(Arc::new(endpoint)),
            Err(error) => {
                self.tier.switch_off(Some(describe(&error)), now);
                self.endpoint = None;
            }
        }
    }

    /// Makes the answer of what is there.
    pub(super) fn answer(&mut self, recipe: &Recipe, ids: &Mutex<SourceIds>) -> Outcome<Merged> {
        let outcome = self.make_answer(recipe, ids);
        self.is_answered = matches!(outcome, Outcome::Answer(_));
        outcome
    }

    fn make_answer(&mut self, recipe: &Recipe, ids: &Mutex<SourceIds>) -> Outcome<Merged> {
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
            let vaults = self.vaults.kept.iter().map(|kept| &kept.layer);
            let layers: Vec<_> = self.files.layers.iter().chain(vaults).cloned().collect();
            let merged = merged(&layers, recipe.redaction, context);
            let (user_names, hidden) = (self.names.list(), recipe.ambient.hidden());
            let named = |merged| Merged { user_names, hidden, ..merged };
            merged.map_or_else(Outcome::Broken, |merged| Outcome::Answer(named(merged)))
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
            account: self.endpoint.as_deref().map(Account::of),
            vaults: self.tier.health(),
            kept: self.keeping.health(),
            user_names: self.names.health(),
            vaults_in_use: self.vaults.kept.iter().map(|kept| kept.in_use.clone()).collect(),
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
        paths.extend(recipe.secret_key_file().map(Path::to_owned));
        paths
    }
}

/// Merges layers for each who reads them, or says what is wrong with them.
fn merged(
    layers: &[Arc<Layer>],
    redaction: Redaction,
    context: &Context<'_>,
) -> Result<Merged, String> {
    let merge_as = |view, layers: &[Arc<Layer>]| {
        merge_as(view, layers, context).map(|answer| redaction.arguments_of(answer))
    };
    let snapshot = merge_as(View::Merged, layers)?;
    let is_file = |layer: &&Arc<Layer>| layer.precedence() < Precedence::Vault;
    let files: Vec<_> = layers.iter().filter(is_file).cloned().collect();
    if files.len() == layers.len() {
        let (files, client_file) = (Some(snapshot.clone()), Some(snapshot.clone()));
        return Ok(Merged { files, client_file, ..Merged::new(snapshot) });
    }
    let files = merge_as(View::Merged, &files).ok();
    let client_file = merge_as(View::ClientFile, layers).ok();
    Ok(Merged { files, client_file, ..Merged::new(snapshot) })
}

fn merge_as(view: View, layers: &[Arc<Layer>], context: &Context<'_>) -> Result<Snapshot, String> {
    let (snapshot, diagnostics) = merge_view(layers, view, context);
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
