//! The key that seals: made of the bytes of a systemd credential or of a file that only we can read.

use std::{
    fmt, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use ring::{
    aead::{CHACHA20_POLY1305, LessSafeKey, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
    rand::{SecureRandom, SystemRandom},
};
use thiserror::Error;

use super::file;
use crate::settings::KeyPlace;

/// Bytes that a key must have, so that it cannot be guessed: what `head -c 32 /dev/urandom` gives.
const LEAST_BYTES: usize = 32;
/// Bytes that a key may have.
const MOST_BYTES: usize = 4096;
/// Keeps keys of this use apart from others that are made of the same bytes.
const SALT: &[u8] = b"clearml-resolver sealed vaults 1";
/// The mode bits of everybody but the owner.
const OTHERS: u32 = 0o077;

/// A key that seals and opens; cloning shares it, and `Debug` shows nothing of it.
#[derive(Clone)]
pub(crate) struct SealingKey(Arc<LessSafeKey>);

/// Why there is no key.
#[derive(Debug, Error)]
pub(crate) enum KeyError {
    /// The file cannot be read or made.
    #[error("cannot {verb} the sealing key `{}`", path.display())]
    File {
        /// What was tried.
        verb: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than we can read it, too.
    #[error("others can read the sealing key `{}`; let it be ours or root's, with mode 0600", path.display())]
    Open {
        /// Which.
        path: PathBuf,
    },
    /// It can be guessed.
    #[error(
        "the sealing key `{}` is shorter than {LEAST_BYTES} bytes; make one by \
         `head -c {LEAST_BYTES} /dev/urandom`",
        path.display()
    )]
    Short {
        /// Which.
        path: PathBuf,
    },
}

impl SealingKey {
    /// Reads the key, and makes it first if the settings ask for that. `None` if it is to be handed
    /// over and was not. Blocks.
    ///
    /// # Errors
    /// It cannot be read or made, others can read it, or it is too short.
    pub(crate) fn find(place: &KeyPlace, user_id: u32) -> Result<Option<Self>, KeyError> {
        match place {
            KeyPlace::Credential(path) => match read(path) {
                Err(KeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                    Ok(None)
                }
                bytes => Self::new(&bytes?, path).map(Some),
            },
            KeyPlace::File(path) => {
                refuse_others(path, user_id)?;
                Self::new(&read(path)?, path).map(Some)
            }
            KeyPlace::Made(path) => {
                if !path.exists() {
                    make(path)?;
                }
                refuse_others(path, user_id)?;
                Self::new(&read(path)?, path).map(Some)
            }
        }
    }

    /// Makes a key of these bytes.
    fn new(bytes: &[u8], path: &Path) -> Result<Self, KeyError> {
        if bytes.len() < LEAST_BYTES {
            return Err(KeyError::Short { path: path.to_owned() });
        }
        let secret = Salt::new(HKDF_SHA256, SALT).extract(bytes);
        let key = secret.expand(&[], &CHACHA20_POLY1305).map(UnboundKey::from);
        let key = key.expect("a key is shorter than what HKDF can give");
        Ok(Self(Arc::new(LessSafeKey::new(key))))
    }

    /// Returns what seals and opens. A random nonce is safe for 2³² files of one key: one a second
    /// for a hundred years.
    pub(super) fn cipher(&self) -> &LessSafeKey {
        &self.0
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealingKey")
    }
}

fn read(path: &Path) -> Result<Vec<u8>, KeyError> {
    file::read(path, MOST_BYTES).map_err(|source| failed("read", path, source))
}

fn refuse_others(path: &Path, user_id: u32) -> Result<(), KeyError> {
    let metadata = path.metadata().map_err(|source| failed("read", path, source))?;
    let is_ours = metadata.uid() == user_id || metadata.uid() == 0;
    if is_ours && metadata.mode() & OTHERS == 0 {
        return Ok(());
    }
    Err(KeyError::Open { path: path.to_owned() })
}

fn make(path: &Path) -> Result<(), KeyError> {
    let mut bytes = [0; LEAST_BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    let filled = filled.map_err(|_| io::Error::other("the system gives no randomness"));
    filled.and_then(|()| file::replace(path, &bytes)).map_err(|source| failed("make", path, source))
}

fn failed(verb: &'static str, path: &Path, source: io::Error) -> KeyError {
    KeyError::File { verb, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn own_id() -> u32 {
        nix::unistd::geteuid().as_raw()
    }

    fn write(path: &Path, bytes: &[u8], mode: u32) {
        fs::write(path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_key_file_must_be_private_and_long_enough() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let find = || SealingKey::find(&KeyPlace::File(path.clone()), own_id());
        assert!(matches!(find(), Err(KeyError::File { .. })), "it is not there");
        write(&path, &[7; 32], 0o640);
        assert!(matches!(find(), Err(KeyError::Open { .. })), "the group can read it");
        write(&path, &[7; 31], 0o600);
        assert!(matches!(find(), Err(KeyError::Short { .. })));
        write(&path, &[7; 32], 0o400);
        assert!(find().unwrap().is_some());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(matches!(find(), Err(KeyError::File { .. })), "it is a folder");
    }

    #[test]
    fn a_credential_that_was_not_handed_over_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key");
        let place = KeyPlace::Credential(path.clone());
        assert!(SealingKey::find(&place, own_id()).unwrap().is_none());
        // systemd keeps the folder private; in a container the file's own mode may be wider.
        write(&path, &[7; 64], 0o444);
        assert!(SealingKey::find(&place, own_id()).unwrap().is_some());
    }

    #[test]
    fn a_key_is_made_once_for_our_eyes_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/seal.key");
        let find = || SealingKey::find(&KeyPlace::Made(path.clone()), own_id()).unwrap().unwrap();
        let key = find();
        assert_eq!(format!("{key:?}"), "SealingKey");
        let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let made = fs::read(&path).unwrap();
        let _again = find();
        assert_eq!(fs::read(&path).unwrap(), made);
    }
}
