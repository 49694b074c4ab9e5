//! The authoring side of the API: all vaults of a user, changed one at a time.
//!
//! The calls are those that ClearML's documentation gives for administrator vaults
//! (`users.get_vaults`, `users.add_or_update_vault`, `users.delete_vaults`).

use std::time::Instant;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    AbsentReason, Client, FetchError, StoredVault, call::Reply, endpoint::Identity,
    fetch_error::Call, token::Token,
};

impl Client {
    /// Fetches all vaults, switched off ones and those of foreign types included.
    ///
    /// # Errors
    /// See [`FetchError`]; [`FetchError::Absent`] says that this server keeps none.
    pub async fn stored_vaults(&mut self) -> Result<Vec<StoredVault>, FetchError> {
        let identity = self.logged_in().await?;
        let reply = self.caller().call(Call::GetVaults, "", identity, &mut None).await?;
        match self.data_of(Call::GetVaults, reply)?.get("vaults") {
            Some(Value::Array(vaults)) => Ok(StoredVault::of_json(vaults)),
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(_) => Err(self.caller().garbage(Call::GetVaults, "its `vaults` are no list")),
        }
    }

    /// Stores a vault, a new one if it has no id, and returns its id.
    ///
    /// # Errors
    /// See [`FetchError`]. After one that tells nothing of the server's decision, such as a
    /// time-out, it may be stored all the same.
    pub async fn store_vault(
        &mut self,
        vault: &StoredVault,
        group: Option<&str>,
    ) -> Result<String, FetchError> {
        let data = self.change(Call::StoreVault, &vault.body(group)).await?;
        let id = data.get("vault").and_then(Value::as_str).unwrap_or_else(|| vault.id());
        Ok(id.to_owned())
    }

    /// Deletes vaults, and returns how many there were.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn delete_vaults(&mut self, ids: &[&str]) -> Result<u64, FetchError> {
        let data = self.change(Call::DeleteVaults, &json!({ "vaults": ids })).await?;
        Ok(data.get("deleted").and_then(Value::as_u64).unwrap_or_default())
    }

    /// Makes a call that changes something. It is made once: the server may have done what it
    /// does not answer.
    async fn change(&mut self, call: Call, body: &Value) -> Result<Value, FetchError> {
        let identity = self.logged_in().await?;
        let body = Bytes::from(body.to_string());
        let reply = self.caller().change(call, body, identity).await?;
        self.data_of(call, reply)
    }

    /// Logs in if there is no token or it is due.
    async fn logged_in(&mut self) -> Result<Identity, FetchError> {
        if self.token().is_none_or(|token| token.is_due(Instant::now())) {
            self.login().await?;
        }
        let token = self.token().map(Token::text).cloned();
        Ok(token.map_or_else(|| self.caller().identity(), Identity::Token))
    }

    fn data_of(&self, call: Call, reply: Reply) -> Result<Value, FetchError> {
        let host = self.caller().host();
        match reply {
            Reply::Data(data) => Ok(data),
            Reply::Refused { code, subcode } => {
                Err(FetchError::Forbidden { host, call, code, subcode })
            }
            Reply::Unknown => Err(FetchError::Absent { host, reason: AbsentReason::NoEndpoint }),
        }
    }
}
