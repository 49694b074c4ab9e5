//! Keys that are exchanged: the old ones count until the new ones have worked.

use super::{Client, FetchError, UserNames, VaultAnswer};

/// The client with the newest keys, and the one whose keys worked last.
///
/// Whoever exchanges keys writes the new ones here and takes the old ones away there, in either
/// order, and may mistype one: as long as the server accepts the old keys, nobody loses vaults.
#[derive(Debug)]
pub struct Succession {
    newest: Client,
    has_worked: bool,
    /// Whose keys worked last, while the newest ones have not.
    proven: Option<Client>,
}

impl Succession {
    /// Returns a succession of one.
    pub fn new(client: Client) -> Self {
        Self { newest: client, has_worked: false, proven: None }
    }

    /// Takes a client with newer keys. One for another server, or for another user of tokens, has
    /// no predecessor: its vaults are others.
    #[must_use]
    pub fn followed_by(self, newer: Client) -> Self {
        let is_same_server = self.newest.endpoint().url() == newer.endpoint().url();
        let proven = if self.has_worked { Some(self.newest) } else { self.proven };
        Self { newest: newer, has_worked: false, proven: proven.filter(|_| is_same_server) }
    }

    /// Fetches the vaults with the newest keys; if those are refused, with the ones before. The
    /// answer tells of that.
    ///
    /// # Errors
    /// See [`FetchError`]. A refusal of the newest keys only if those before are refused, too.
    pub async fn fetch_vaults(&mut self) -> Result<VaultAnswer, FetchError> {
        let refusal = match self.newest.fetch_vaults().await {
            Err(error) if error.is_refusal() => error,
            other => {
                if matches!(other, Ok(_) | Err(FetchError::Absent { .. })) {
                    self.has_worked = true;
                    self.proven = None;
                }
                return other;
            }
        };
        let Some(proven) = &mut self.proven else { return Err(refusal) };
        // On the heap: what is rarely needed would otherwise double what each wait takes.
        match Box::pin(proven.fetch_vaults()).await {
            Ok(answer) => Ok(answer.with_warning(format!("{refusal}; the keys before still work"))),
            Err(error) if error.is_refusal() => {
                self.proven = None;
                Err(refusal)
            }
            Err(accident) => Err(accident),
        }
    }

    /// Fetches the names that the user hides, with the keys that worked last; `None` if none have.
    pub async fn fetch_names(&mut self) -> Option<Result<UserNames, FetchError>> {
        let newest = self.has_worked.then_some(&mut self.newest);
        Some(newest.or(self.proven.as_mut())?.fetch_names().await)
    }
}
