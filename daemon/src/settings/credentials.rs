//! The two halves of credentials, which nothing shows.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// An access key and its secret key; `Debug` shows neither.
#[derive(Clone)]
pub struct Credentials {
    access_key: SecretString,
    secret_key: SecretString,
}

impl Credentials {
    /// Joins the two halves.
    pub fn new(access_key: impl Into<SecretString>, secret_key: impl Into<SecretString>) -> Self {
        Self { access_key: access_key.into(), secret_key: secret_key.into() }
    }

    /// Returns the half that names us.
    pub(crate) fn access_key(&self) -> &SecretString {
        &self.access_key
    }

    /// Returns the half that proves it.
    pub(crate) fn secret_key(&self) -> &SecretString {
        &self.secret_key
    }

    /// Returns `ACCESS_KEY:SECRET_KEY`, as HTTP Basic joins them.
    pub(crate) fn user_and_password(&self) -> SecretString {
        let (access_key, secret_key) =
            (self.access_key.expose_secret(), self.secret_key.expose_secret());
        format!("{access_key}:{secret_key}").into()
    }
}

/// Equal when both halves are; for noticing that they were exchanged.
impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        self.access_key.expose_secret() == other.access_key.expose_secret()
            && self.secret_key.expose_secret() == other.secret_key.expose_secret()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials")
    }
}
