//! The authoring side of etcd: all vaults below the prefix, changed one at a time.

use std::sync::Arc;

use super::{
    client::EtcdClient,
    gateway::{KeyValue, Transaction, TransactionAnswer},
};
use crate::{
    api::{Call, ClientError, ClientLimits, FetchError, StoredVault},
    settings::Etcd,
};

/// The vaults that are kept in one etcd, for those who write them.
#[derive(Debug)]
pub struct EtcdVaults {
    client: EtcdClient,
    prefix: String,
}

impl EtcdVaults {
    /// Returns the vaults of an etcd that was not asked yet. Blocks for as long as it takes to read
    /// certificates.
    ///
    /// # Errors
    /// Certificates cannot be read, or a proxy cannot be used.
    pub fn new(settings: &Arc<Etcd>, limits: ClientLimits) -> Result<Self, ClientError> {
        let client = EtcdClient::new(settings, limits)?;
        Ok(Self { client, prefix: settings.prefix().to_owned() })
    }

    /// Reads all vaults in the order of their names, switched off ones included.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn stored_vaults(&mut self) -> Result<Vec<StoredVault>, FetchError> {
        let pairs = self.client.read_keys().await?;
        let mut vaults: Vec<_> =
            pairs.iter().filter_map(|pair| stored(&self.prefix, pair)).collect();
        vaults.sort_by(|one, other| one.id().cmp(other.id()));
        Ok(vaults)
    }

    /// Stores a vault under its id. That it is on or off is part of its key, so that the other key
    /// goes in the same transaction.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn store_vault(&mut self, vault: &StoredVault) -> Result<(), FetchError> {
        let [on, off] = self.keys(vault.id());
        let (key, other) = if vault.is_enabled() { (on, off) } else { (off, on) };
        self.commit(&Transaction::default().put(&key, &vault.text()).delete(&other)).await
    }

    /// Deletes vaults, all of them or none.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn delete_vaults(&mut self, ids: &[&str]) -> Result<(), FetchError> {
        let keys = ids.iter().flat_map(|id| self.keys(id));
        let transaction = keys.fold(Transaction::default(), |all, key| all.delete(&key));
        self.commit(&transaction).await
    }

    async fn commit(&mut self, transaction: &Transaction) -> Result<(), FetchError> {
        let _answer: TransactionAnswer = self.client.call(Call::ChangeKeys, transaction).await?;
        Ok(())
    }

    /// Returns the keys of a vault that is on, and off.
    fn keys(&self, id: &str) -> [String; 2] {
        [format!("{}{id}", self.prefix), format!("{}{id}{}", self.prefix, StoredVault::DISABLED)]
    }
}

/// Returns the vault of a key; `None` if it is none, or no text.
fn stored(prefix: &str, pair: &KeyValue) -> Option<StoredVault> {
    let (key, value) = pair.bytes()?;
    let key = String::from_utf8(key).ok()?;
    StoredVault::of_name(key.strip_prefix(prefix)?, &String::from_utf8(value).ok()?)
}
