//! The last good vaults of a profile on disk, sealed with a key that lies elsewhere.
//!
//! A daemon that starts while its server is away serves what it served before. The file is of use
//! to nobody without the key, it cannot be changed unnoticed, and it says when it was right, so
//! that nobody takes it for newer than it is.
//!
//! ```text
//! bytes  0..8   "clr-seal"
//!        8..10  version of the format, little endian: 1
//!       10..22  nonce, random for each file
//!       22..    JSON (see `last_good`), by ChaCha20-Poly1305; the last 16 bytes are its tag
//! ```
//!
//! The tag covers the first ten bytes and the profile's name, too. A version reads its own format
//! and the one before it.

mod envelope;
mod file;
mod key;
mod last_good;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

use self::envelope::EnvelopeError;
pub(crate) use self::{key::SealingKey, last_good::LastGood};

/// Bytes of a file: an answer of the server has at most 32 MiB, JSON may double it, and the last
/// good versions of broken vaults may double it again.
const MAX_BYTES: usize = 128 << 20;

/// Where the last good vaults of one profile are kept.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    profile: String,
    key: SealingKey,
}

/// Why vaults could not be kept, found again, or removed.
#[derive(Debug, Error)]
pub(crate) enum SealedError {
    /// The file cannot be read.
    #[error("cannot read the sealed vaults in `{}`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be written. What it held before is still there.
    #[error("cannot keep the vaults in `{}`", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be removed although it must not be used again.
    #[error("cannot remove the withdrawn vaults in `{}`; remove the file by hand", path.display())]
    Remove {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be opened.
    #[error("cannot open the sealed vaults in `{}`", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        source: EnvelopeError,
    },
    /// There is too much to keep.
    #[error("cannot keep the vaults in `{}`: they are larger than {MAX_BYTES} bytes", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
}

impl Store {
    /// Returns the place of a profile's vaults in a folder. Nothing is read or written yet.
    pub(crate) fn new(folder: &Path, profile: &str, key: SealingKey) -> Self {
        // A profile may be called anything, and a file may not.
        let name = utf8_percent_encode(profile, NON_ALPHANUMERIC);
        Self { path: folder.join(format!("{name}.sealed")), profile: profile.to_owned(), key }
    }

    /// Reads what was kept; `None` if there is nothing. Blocks.
    ///
    /// # Errors
    /// The file cannot be read; it is damaged, sealed with another key or for another profile, or
    /// of a format that this version does not know.
    pub(crate) fn read(&self) -> Result<Option<LastGood>, SealedError> {
        let bytes = match file::read(&self.path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(SealedError::Read { path: self.path.clone(), source }),
        };
        let opened = envelope::open(&bytes, &self.profile, &self.key);
        let kept = opened.and_then(|payload| payload.read());
        kept.map(Some).map_err(|source| SealedError::Open { path: self.path.clone(), source })
    }

    /// Puts `last_good` in the place of what was kept before, wholly or not at all: it is on the
    /// disk when this returns. Blocks.
    ///
    /// # Errors
    /// The file cannot be written; what was kept before stays.
    pub(crate) fn write(&self, last_good: &LastGood) -> Result<(), SealedError> {
        let path = || self.path.clone();
        let payload = last_good.to_json();
        if payload.len() > MAX_BYTES - envelope::OVERHEAD {
            return Err(SealedError::TooLarge { path: path() });
        }
        let sealed = envelope::seal(payload, &self.profile, &self.key);
        let written = sealed.and_then(|bytes| file::replace(&self.path, &bytes));
        written.map_err(|source| SealedError::Write { path: path(), source })
    }

    /// Removes what was kept, and what an interrupted write may have left. Blocks.
    ///
    /// # Errors
    /// The file is there and cannot be removed.
    pub(crate) fn remove(&self) -> Result<(), SealedError> {
        file::remove(&self.path)
            .map_err(|source| SealedError::Remove { path: self.path.clone(), source })
    }
}
