//! All that the making of a profile's answer depends on besides texts, fixed at start.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use resolver::{Context, Limits, Mode, Snapshot, View};
use secrecy::SecretString;
use tracing::warn;

use crate::{
    ambient::{AllowedEnvironment, Ambient},
    api::ClientLimits,
    health::describe,
    load::{LoadOptions, own_files},
    settings::{Profile, Redaction, Settings, Sources, VaultSource},
    sources::{
        FileIncluder, FileTexts, VaultList, read_files, read_vaults_file, read_vaults_folder,
    },
    text_file::read_secret_text,
};

/// What a profile's answer is made from, and how.
#[derive(Debug)]
pub(super) struct Recipe {
    pub(super) profile: Arc<str>,
    pub(super) sources: Sources,
    pub(super) mode: Mode,
    pub(super) limits: Limits,
    pub(super) redaction: Redaction,
    /// What closes references in texts.
    environment: AllowedEnvironment,
    /// What closes them in the address and keys of the server, which are for us alone.
    pub(super) ambient: Arc<Ambient>,
}

/// What was read on this host.
#[derive(Debug)]
pub(super) struct Materials {
    /// The files.
    pub(super) files: FileTexts,
    /// The secret key, if it lies in a file of its own that can be read.
    pub(super) secret_key: Option<SecretString>,
    /// The vaults, if they are kept on this host, or why they cannot be read.
    pub(super) vaults: Option<Result<VaultList, String>>,
}

impl Recipe {
    pub(super) fn new(
        name: Arc<str>,
        settings: &Settings,
        profile: &Profile,
        ambient: &Arc<Ambient>,
    ) -> Self {
        let allowed = profile.environment_allow.iter().map(String::as_str);
        Self {
            profile: name,
            sources: profile.sources.clone(),
            mode: settings.mode,
            limits: settings.limits.clone(),
            redaction: profile.redaction,
            environment: AllowedEnvironment::new(ambient, allowed),
            ambient: ambient.clone(),
        }
    }

    /// Reads all that is on this host. Blocks.
    pub(super) fn read(&self) -> Materials {
        let bytes = self.limits.text_bytes;
        let vaults = match &self.sources.vaults {
            VaultSource::Off | VaultSource::Server(_) | VaultSource::Etcd(_) => None,
            VaultSource::Folder(path) => Some(read_vaults_folder(path, bytes)),
            VaultSource::File(path) => Some(read_vaults_file(path, bytes)),
        };
        Materials {
            files: read_files(&self.sources, bytes),
            secret_key: self.secret_key_file().and_then(|path| self.read_secret_key(path)),
            vaults: vaults.map(|read| read.map_err(|error| describe(&error))),
        }
    }

    /// Returns the file that holds the server's secret key, if it has one of its own.
    pub(super) fn secret_key_file(&self) -> Option<&Path> {
        match &self.sources.vaults {
            VaultSource::Server(server) => server.secret_key_file.as_deref(),
            _ => None,
        }
    }

    /// A key that is just being exchanged may be away for a moment; the last one stays then.
    fn read_secret_key(&self, path: &Path) -> Option<SecretString> {
        read_secret_text(path)
            .inspect_err(|error| {
                let path = path.display();
                warn!(profile = &*self.profile, %path, %error, "the secret key cannot be read");
            })
            .ok()
    }

    /// Merges the files as we read them for ourselves; see [`own_files`].
    pub(super) fn own_files(&self, files: &FileTexts) -> Snapshot {
        let options = LoadOptions {
            mode: self.mode,
            view: View::Merged,
            limits: &self.limits,
            environment: &self.environment,
            ambient: &self.ambient,
            client_limits: ClientLimits::default(),
            redaction: self.redaction,
        };
        own_files(&self.sources, files, options)
    }

    /// Lends the context that texts are built in. Returns the files that includes named, too.
    pub(super) fn in_context<T>(
        &self,
        build: impl FnOnce(&Context<'_>) -> T,
    ) -> (T, BTreeSet<PathBuf>) {
        let (urls, bytes) = (self.sources.include_urls, self.limits.text_bytes);
        let includer = FileIncluder::new(self.mode, urls, bytes);
        let built = build(&Context {
            mode: self.mode,
            environment: &self.environment,
            includer: &includer,
            limits: self.limits.clone(),
        });
        (built, includer.looked_at())
    }
}
