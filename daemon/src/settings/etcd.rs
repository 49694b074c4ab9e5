//! What settings say of etcd as the place where vaults are kept.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{Proxies, ServerUrl, SettingsError, Verify, profile::read_secret, raw::Group};
use crate::ambient::Ambient;

/// Where vaults lie if nothing else is said.
const DEFAULT_PREFIX: &str = "/clearml-resolver/vaults/";

/// Where in etcd vaults are kept, and who we are there. `Debug` shows no password.
#[derive(Clone, Debug, Default)]
pub struct Etcd {
    /// The members to ask, in this order.
    pub endpoints: Vec<ServerUrl>,
    /// What the keys of vaults begin with; the rest of a key is the vault's name. `None` for
    /// [`Etcd::prefix`]'s default.
    prefix: Option<String>,
    user: Option<String>,
    password: Option<SecretString>,
    /// How the members' certificates are checked.
    pub verify: Verify,
    /// What we show them, if they want to see one.
    pub certificate: Option<ClientCertificate>,
    /// What stands between.
    pub proxies: Proxies,
}

/// How we show a server who we are by TLS itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// A PEM file with our certificate and those between it and the authority.
    pub chain: PathBuf,
    /// A PEM file with its key.
    pub key: PathBuf,
}

impl Etcd {
    /// Returns what the keys of vaults begin with.
    pub(crate) fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or(DEFAULT_PREFIX)
    }

    /// Returns the user and the password, if etcd is to be told both.
    pub(crate) fn user(&self) -> Option<(&str, &SecretString)> {
        self.user.as_deref().zip(self.password.as_ref())
    }

    /// Returns whose vaults lie there: equal texts, equal etcd, prefix and user. Shows no password.
    pub(crate) fn owner(&self) -> String {
        let mut owner = format!("etcd {:?}", self.prefix());
        for part in self.user.iter().cloned().chain(self.endpoints.iter().map(ToString::to_string))
        {
            owner = format!("{owner} {part}");
        }
        owner
    }

    /// Covers it with the settings of a group.
    pub(super) fn cover(
        &mut self,
        group: &Group<'_>,
        ambient: &Ambient,
    ) -> Result<(), SettingsError> {
        let path = |name| Ok(group.path(name)?.map(|path| ambient.expand_home(&path)));
        let expected = "URLs such as `https://etcd-1.example.com:2379`";
        let endpoints =
            group.parsed_list("vaults.etcd.endpoints", expected, |text| text.parse().ok())?;
        self.endpoints = endpoints.unwrap_or_else(|| std::mem::take(&mut self.endpoints));
        self.prefix = group.text("vaults.etcd.prefix")?.or(self.prefix.take());
        self.user = group.text("vaults.etcd.user")?.or(self.user.take());
        let password = group.text("vaults.etcd.password")?.map(SecretString::from);
        self.password = password.or(self.password.take());
        if let Some(path) = path("vaults.etcd.password_file")? {
            self.password = Some(read_secret(&path)?);
        }
        if let Some(text) = group.text("vaults.etcd.verify_certificate")? {
            self.verify = Verify::read(&text, ambient);
        }
        let chain = path("vaults.etcd.certificate_file")?;
        let certificate = chain.zip(path("vaults.etcd.key_file")?);
        let certificate = certificate.map(|(chain, key)| ClientCertificate { chain, key });
        self.certificate = certificate.or(self.certificate.take());
        Ok(())
    }
}
