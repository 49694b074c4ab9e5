//! A client of the API server: log in, fetch what it keeps for us.

use std::{
    fmt,
    time::{Duration, Instant},
};

use ring::digest::{Context as Digest, SHA256};
use secrecy::SecretString;
use serde_json::Value;
use thiserror::Error;
use tokio::time::timeout;

use super::{
    Endpoint, FetchError, UserNames, Vault, VaultKind, VaultList,
    call::{Caller, Reply},
    endpoint::Identity,
    fetch_error::{AbsentReason, Call},
    token::Token,
    user_names::NoPreferences,
};
use crate::connection::{Connection, ProxyError, TlsError};

/// How long the user's names may take, as vaults wait for them: they are a small part of one answer.
const NAMES_PATIENCE: Duration = Duration::from_secs(2);

/// A client of one API server; holds its token, and no connection between fetches.
pub struct Client {
    caller: Caller,
    token: Option<Token>,
    /// The last token that was got by another one, which is not worth less for being old.
    last_token: Option<SecretString>,
    logins: u64,
}

/// What one call may take.
#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    /// To connect: name look-up, proxy and TLS included.
    pub connect: Duration,
    /// To wait for the next piece of an answer.
    pub read: Duration,
    /// For a whole call, connecting included.
    pub total: Duration,
    /// Bytes of an answer, also after decompression.
    pub answer_bytes: usize,
}

/// Why there can be no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Certificates cannot be checked.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The proxy cannot be used.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// A key or a name cannot be sent in a header.
    #[error("cannot send {what}: it holds characters that no header can")]
    Header {
        /// What it is.
        what: &'static str,
    },
}

/// What a server keeps for us.
#[derive(Clone, Debug)]
pub struct VaultAnswer {
    /// The vaults, in the order of their source.
    pub list: VaultList,
    /// SHA-256 over all of them: equal digests, equal vaults.
    pub digest: [u8; 32],
    /// What is wrong although the vaults are right, for people; never a secret.
    pub warning: Option<String>,
}

impl VaultAnswer {
    /// Returns the answer that brought this list.
    pub(crate) fn new(list: VaultList) -> Self {
        Self { digest: digest(&list), list, warning: None }
    }

    /// Returns the answer with a word of warning.
    pub(super) fn with_warning(self, warning: String) -> Self {
        Self { warning: Some(warning), ..self }
    }
}

impl Default for ClientLimits {
    /// Connecting and reading as the stock clients' first call (3 s, 10 s); in all 15 s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            read: Duration::from_secs(10),
            total: Duration::from_secs(15),
            answer_bytes: 32 << 20,
        }
    }
}

impl Client {
    /// Returns a client that has not logged in yet.
    ///
    /// # Errors
    /// The certificates to trust cannot be read, a proxy cannot be used, or the keys cannot be
    /// sent.
    pub fn new(endpoint: Endpoint, limits: ClientLimits) -> Result<Self, ClientError> {
        Ok(Self {
            caller: Caller::new(endpoint, limits)?,
            token: None,
            last_token: None,
            logins: 0,
        })
    }

    /// Returns the endpoint it asks.
    pub fn endpoint(&self) -> &Endpoint {
        self.caller.endpoint()
    }

    /// Returns how often it has logged in.
    pub fn logins(&self) -> u64 {
        self.logins
    }

    /// Returns the token, to be compared.
    #[cfg(test)]
    pub(super) fn token_text(&self) -> Option<String> {
        use secrecy::ExposeSecret;
        self.token.as_ref().map(|token| token.text().expose_secret().to_owned())
    }

    /// Logs in for real, whether or not there is a token.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn login(&mut self) -> Result<(), FetchError> {
        self.login_over(&mut None).await
    }

    /// Returns by how many seconds the server's clock is ahead of ours; to be asked right after
    /// [`login`](Self::login).
    pub fn clock_lead(&self) -> Option<i64> {
        self.token.as_ref()?.clock_lead()
    }

    /// Says why the server that we are logged in to keeps no vaults, if it keeps none.
    pub fn absent_reason(&self) -> Option<AbsentReason> {
        self.token.as_ref()?.absent_reason()
    }

    /// Fetches the vaults; logs in first if there is no token or it is due.
    ///
    /// # Errors
    /// See [`FetchError`]; [`FetchError::Absent`] says that there are none and that this is right.
    pub async fn fetch_vaults(&mut self) -> Result<VaultAnswer, FetchError> {
        let mut connection = None;
        if self.token.as_ref().is_none_or(|token| token.is_due(Instant::now())) {
            self.login_over(&mut connection).await?;
        }
        self.check_gate()?;
        let mut list = self.fetch_kind(VaultKind::Config, &mut connection).await?;
        list.join(self.fetch_monitoring(&mut connection).await?);
        Ok(VaultAnswer::new(list))
    }

    /// Fetches the names whose values the user hides in the web application; logs in first if there
    /// is no token. A server without vaults keeps them, too.
    ///
    /// # Errors
    /// See [`FetchError`]. They are not worth a second log-in: with the next vaults comes one.
    pub async fn fetch_names(&mut self) -> Result<UserNames, FetchError> {
        let answer = timeout(NAMES_PATIENCE, self.ask_for_names()).await;
        answer.unwrap_or_else(|_| {
            let (host, call, after) = (self.caller.host(), Call::GetPreferences, NAMES_PATIENCE);
            Err(FetchError::TimedOut { host, call, after })
        })
    }

    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(super) fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// Logs in. With a token of somebody else (`CLEARML_AUTH_TOKEN`) the newest one that it brought
    /// is used, as it lives longest (`clearml-agent` 4.0.15rc0); if that is refused, the first.
    async fn login_over(&mut self, connection: &mut Option<Connection>) -> Result<(), FetchError> {
        // Whatever happens now, the old token must not outlive a refusal.
        self.token = None;
        let first = self.caller.identity();
        if let (Identity::Token(_), Some(newest)) = (&first, self.last_token.take()) {
            let login = self.login_as(Identity::Token(newest), connection);
            // On the heap: it is rare, and would double what each log-in takes.
            match Box::pin(login).await {
                Err(error) if error.is_refusal() => {}
                other => return other,
            }
        }
        self.login_as(first, connection).await
    }

    async fn login_as(
        &mut self,
        identity: Identity,
        connection: &mut Option<Connection>,
    ) -> Result<(), FetchError> {
        let is_token = matches!(identity, Identity::Token(_));
        let life = self.caller.endpoint().token_life;
        let query = life.map(|life| format!("expiration_sec={}", life.as_secs()));
        let query = query.as_deref().unwrap_or_default();
        let reply = self.caller.call(Call::Login, query, identity, connection).await?;
        self.logins += 1;
        let data = match reply {
            Reply::Data(data) => data,
            Reply::Refused { code: 403, subcode } => {
                let (host, call) = (self.caller.host(), Call::Login);
                return Err(FetchError::Forbidden { host, call, code: 403, subcode });
            }
            Reply::Refused { code, subcode } => {
                return Err(FetchError::Revoked { host: self.caller.host(), code, subcode });
            }
            Reply::Unknown => {
                return Err(self.caller.garbage(Call::Login, "it does not know this call"));
            }
        };
        let text = data.get("token").and_then(Value::as_str);
        let text = text.ok_or_else(|| self.caller.garbage(Call::Login, "it holds no token"))?;
        let token = Token::read(text.into(), Instant::now());
        let token = token.ok_or_else(|| self.caller.garbage(Call::Login, "its token is none"))?;
        self.last_token = is_token.then(|| token.text().clone());
        self.token = Some(token);
        Ok(())
    }

    fn check_gate(&self) -> Result<(), FetchError> {
        match self.token.as_ref().and_then(Token::absent_reason) {
            Some(reason) => Err(FetchError::Absent { host: self.caller.host(), reason }),
            None => Ok(()),
        }
    }

    /// Fetches the vaults of one type. If the token is refused, logs in once and asks again.
    async fn fetch_kind(
        &mut self,
        kind: VaultKind,
        connection: &mut Option<Connection>,
    ) -> Result<VaultList, FetchError> {
        let mut reply = self.ask_for(kind, connection).await?;
        if matches!(reply, Reply::Refused { code: 401, .. }) {
            self.login_over(connection).await?;
            self.check_gate()?;
            reply = self.ask_for(kind, connection).await?;
        }
        match reply {
            Reply::Data(data) => Ok(self.list_of(&data)?.of_kind(kind)),
            Reply::Unknown => Err(FetchError::Absent {
                host: self.caller.host(),
                reason: AbsentReason::NoEndpoint,
            }),
            Reply::Refused { code, subcode } => {
                let (host, call) = (self.caller.host(), Call::GetVaults);
                Err(FetchError::Forbidden { host, call, code, subcode })
            }
        }
    }

    async fn ask_for_names(&mut self) -> Result<UserNames, FetchError> {
        let mut connection = None;
        if self.token.is_none() {
            self.login_over(&mut connection).await?;
        }
        let (call, identity) = (Call::GetPreferences, self.identity());
        match self.caller.call(call, "", identity, &mut connection).await? {
            Reply::Data(data) => UserNames::of_json(&data).map_err(|NoPreferences| {
                self.caller.garbage(call, "its `preferences` are none of the web application's")
            }),
            Reply::Unknown => Err(self.caller.garbage(call, "it does not know this call")),
            Reply::Refused { code, subcode } => {
                Err(FetchError::Forbidden { host: self.caller.host(), call, code, subcode })
            }
        }
    }

    /// Returns what a call is made with.
    fn identity(&self) -> Identity {
        match &self.token {
            Some(token) => Identity::Token(token.text().clone()),
            None => self.caller.identity(),
        }
    }

    /// Fetches the monitoring vaults. A server that does not know the type has none; the stock
    /// agent takes every failure so, but an administrator's tier must not vanish by an accident.
    async fn fetch_monitoring(
        &mut self,
        connection: &mut Option<Connection>,
    ) -> Result<VaultList, FetchError> {
        match self.fetch_kind(VaultKind::Monitoring, connection).await {
            Err(FetchError::Absent { .. } | FetchError::Status { code: 400, .. }) => {
                Ok(VaultList::default())
            }
            other => other,
        }
    }

    async fn ask_for(
        &self,
        kind: VaultKind,
        connection: &mut Option<Connection>,
    ) -> Result<Reply, FetchError> {
        // `types` is given twice: the server reads a single one as a text, not as a list.
        let query = match kind {
            VaultKind::Config => "enabled=true&types=config&types=config",
            VaultKind::Monitoring => "enabled=true&types=monitoring&types=monitoring",
        };
        self.caller.call(Call::GetVaults, query, self.identity(), connection).await
    }

    /// The clients take an answer without vaults for an empty one; one whose vaults are no list
    /// is none of the API's.
    fn list_of(&self, data: &Value) -> Result<VaultList, FetchError> {
        match data.get("vaults") {
            None | Some(Value::Null) => Ok(VaultList::default()),
            Some(Value::Array(vaults)) if vaults.iter().all(Value::is_object) => {
                Ok(VaultList::of_json(vaults))
            }
            Some(_) => {
                Err(self.caller.garbage(Call::GetVaults, "its `vaults` are no list of vaults"))
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("endpoint", self.endpoint())
            .field("logins", &self.logins)
            .finish_non_exhaustive()
    }
}

/// Computes a digest that two lists share only if they are equal; lengths keep fields apart.
fn digest(list: &VaultList) -> [u8; 32] {
    let mut digest = Digest::new(&SHA256);
    let mut add = |field: &str| {
        digest.update(&field.len().to_le_bytes());
        digest.update(field.as_bytes());
    };
    for Vault { id, description, scope, kind, format, text } in &list.vaults {
        add(id);
        add(description);
        add(&format!("{scope:?} {kind:?} {format:?}"));
        add(text);
    }
    for quarantine in &list.quarantined {
        add(&quarantine.name.to_string());
        add(&quarantine.reason);
    }
    let digest = digest.finish();
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}
