//! Where vaults are kept: the API server, etcd, or a folder.

use std::path::PathBuf;

use daemon::{
    EtcdVaults,
    ambient::AskerEnvironment,
    api::{Client, ClientLimits, Endpoint, FetchError, StoredVault},
    load::{LoadOptions, own_files},
    settings::{Redaction, VaultSource},
    sources::read_files,
};
use resolver::View;
use tokio::runtime::Runtime;

use super::{super::asking::Asking, effect::Host, folder};
use crate::{
    args::Vault,
    failure::{Failure, Kind},
    progress::Progress,
};

/// Where vaults are kept.
pub(super) enum Store {
    /// By the API server.
    Server { client: Box<Client>, runtime: Runtime },
    /// In etcd, one text a key.
    Etcd { vaults: EtcdVaults, runtime: Runtime },
    /// In a folder, one text a file.
    Folder(PathBuf),
}

impl Store {
    /// Opens the place that flags or settings name.
    ///
    /// # Errors
    /// They name none that can be written.
    pub(super) fn open(
        vault: &Vault,
        host: &Host<'_>,
        asking: Asking<'_>,
    ) -> Result<Self, Failure> {
        if let Some(folder) = &vault.folder {
            return Ok(Self::Folder(folder.clone()));
        }
        match &host.profile.sources.vaults {
            VaultSource::Server(_) => Self::server(host, asking),
            VaultSource::Folder(folder) => Ok(Self::Folder(folder.clone())),
            VaultSource::Etcd(etcd) => {
                let vaults = EtcdVaults::new(etcd, ClientLimits::default());
                let vaults = vaults.map_err(|error| Failure::new(Kind::Usage, error))?;
                Ok(Self::Etcd { vaults, runtime: runtime()? })
            }
            _ => Err(Failure::new(Kind::Usage, "the vaults of this profile cannot be written")
                .with_hint("name a folder with `--folder`, or a server in the settings")),
        }
    }

    fn server(host: &Host<'_>, asking: Asking<'_>) -> Result<Self, Failure> {
        let sources = &host.profile.sources;
        let VaultSource::Server(server) = &sources.vaults else {
            return Err(Failure::new(Kind::Usage, "no server is named"));
        };
        let options = LoadOptions {
            mode: host.settings.mode,
            view: View::Merged,
            limits: &host.settings.limits,
            environment: &AskerEnvironment(asking.ambient),
            ambient: asking.ambient,
            client_limits: ClientLimits::default(),
            redaction: Redaction::default(),
        };
        let files = read_files(sources, host.settings.limits.text_bytes);
        let own = own_files(sources, &files, options);
        let endpoint = Endpoint::complete(server, &own, asking.ambient)
            .map_err(|error| Failure::new(Kind::Usage, error))?;
        let client = Client::new(endpoint, ClientLimits::default())
            .map_err(|error| Failure::new(Kind::Usage, error))?;
        Ok(Self::Server { client: Box::new(client), runtime: runtime()? })
    }

    /// Returns all vaults that can be configurations, switched off ones included, in the order in
    /// which they merge.
    pub(super) fn vaults(&mut self) -> Result<Vec<StoredVault>, Failure> {
        let mut vaults = match self {
            Self::Server { client, runtime } => {
                let _progress = Progress::waiting_for(client.endpoint().url().host());
                runtime.block_on(client.stored_vaults()).map_err(failed)?
            }
            Self::Etcd { vaults, runtime } => {
                let _progress = Progress::waiting_for("etcd");
                runtime.block_on(vaults.stored_vaults()).map_err(failed)?
            }
            Self::Folder(folder) => folder::read(folder)?,
        };
        vaults.retain(|vault| ["config", "monitoring"].contains(&vault.kind()));
        Ok(vaults)
    }

    /// Stores a vault, a new one if it has no id, and returns its id.
    pub(super) fn put(
        &mut self,
        vault: &StoredVault,
        group: Option<&str>,
    ) -> Result<String, Failure> {
        match self {
            Self::Server { client, runtime } => {
                let _progress = Progress::waiting_for(client.endpoint().url().host());
                runtime.block_on(client.store_vault(vault, group)).map_err(failed)
            }
            Self::Etcd { vaults, runtime } => {
                folder::require_name(vault.id())?;
                let _progress = Progress::waiting_for("etcd");
                runtime.block_on(vaults.store_vault(vault)).map_err(failed)?;
                Ok(vault.id().to_owned())
            }
            Self::Folder(folder) => folder::write(folder, vault),
        }
    }

    /// Deletes vaults.
    pub(super) fn delete(&mut self, ids: &[String]) -> Result<(), Failure> {
        match self {
            Self::Server { client, runtime } => {
                let ids: Vec<_> = ids.iter().map(String::as_str).collect();
                runtime.block_on(client.delete_vaults(&ids)).map_err(failed).map(|_| ())
            }
            Self::Etcd { vaults, runtime } => {
                let ids: Vec<_> = ids.iter().map(String::as_str).collect();
                runtime.block_on(vaults.delete_vaults(&ids)).map_err(failed)
            }
            Self::Folder(folder) => ids.iter().try_for_each(|id| folder::delete(folder, id)),
        }
    }

    /// Whether a vault that is new gets its id from the place, or brings it.
    pub(super) fn gives_ids(&self) -> bool {
        matches!(self, Self::Server { .. })
    }
}

fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(Kind::Unavailable, error))
}

fn failed(error: FetchError) -> Failure {
    match &error {
        FetchError::Absent { .. } => Failure::new(Kind::NoAnswer, error).with_hint(
            "keep vaults in a folder: `--folder DIR`, or `vaults.folder` in the settings",
        ),
        error if error.is_refusal() => Failure::new(Kind::Refused, causes(error))
            .with_hint("only administrators write vaults of groups"),
        error => Failure::new(Kind::Unavailable, causes(error)),
    }
}

fn causes(error: &FetchError) -> String {
    super::super::doctor::causes(error)
}
