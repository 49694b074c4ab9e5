//! Sealing and opening: the header, the cipher, and the versions of what is inside.

use std::io;

use ring::{
    aead::{Aad, NONCE_LEN, Nonce},
    rand::{SecureRandom, SystemRandom},
};
use thiserror::Error;

use super::{LastGood, SealingKey};

/// Begins each file.
const MAGIC: &[u8; 8] = b"clr-seal";
/// The version that is written.
const VERSION: u16 = 1;
const HEADER_BYTES: usize = MAGIC.len() + 2;
const TAG_BYTES: usize = 16;
/// What sealing adds to a text, in bytes.
pub(super) const OVERHEAD: usize = HEADER_BYTES + NONCE_LEN + TAG_BYTES;

/// Why what is sealed cannot be opened.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum EnvelopeError {
    /// It is something else.
    #[error("it was not written by this program")]
    Foreign,
    /// It is of another format.
    #[error("its format is {version}, and this version of the program reads {VERSION} only")]
    Version {
        /// Which.
        version: u16,
    },
    /// The tag does not fit.
    #[error("it is damaged, or was sealed with another key or for another profile")]
    Broken,
    /// The tag fits, so that we wrote it, and it makes no sense all the same.
    #[error("what is sealed in it makes no sense")]
    Payload,
}

/// What was sealed, and in which format it is.
pub(super) struct Payload {
    version: u16,
    json: Vec<u8>,
}

impl Payload {
    /// Reads it as its version spells it.
    pub(super) fn read(&self) -> Result<LastGood, EnvelopeError> {
        match self.version {
            VERSION => LastGood::of_json(&self.json).ok_or(EnvelopeError::Payload),
            version => Err(EnvelopeError::Version { version }),
        }
    }
}

/// Seals a text for one profile. Its bytes are overwritten by what is sealed.
///
/// # Errors
/// The system gives no randomness.
pub(super) fn seal(mut text: Vec<u8>, profile: &str, key: &SealingKey) -> io::Result<Vec<u8>> {
    let mut nonce = [0; NONCE_LEN];
    let no_randomness = |_| io::Error::other("the system gives no randomness");
    SystemRandom::new().fill(&mut nonce).map_err(no_randomness)?;
    let header = header();
    let covered = Aad::from(covered(&header, profile));
    key.cipher()
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), covered, &mut text)
        .map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    Ok([header.as_slice(), &nonce, &text].concat())
}

/// Opens what was sealed for one profile.
pub(super) fn open(
    bytes: &[u8],
    profile: &str,
    key: &SealingKey,
) -> Result<Payload, EnvelopeError> {
    let (header, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or(EnvelopeError::Foreign)?;
    let version = header.strip_prefix(MAGIC).ok_or(EnvelopeError::Foreign)?;
    let version = version.try_into().map_or(0, u16::from_le_bytes);
    if version != VERSION {
        return Err(EnvelopeError::Version { version });
    }
    let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(EnvelopeError::Broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| EnvelopeError::Broken)?;
    let covered = Aad::from(covered(header, profile));
    let mut json = sealed.to_vec();
    let opened = key.cipher().open_in_place(nonce, covered, &mut json);
    let length = opened.map_err(|_| EnvelopeError::Broken)?.len();
    json.truncate(length);
    Ok(Payload { version, json })
}

fn header() -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let (magic, version) = header.split_at_mut(MAGIC.len());
    magic.copy_from_slice(MAGIC);
    version.copy_from_slice(&VERSION.to_le_bytes());
    header
}

/// What the tag covers besides the text, so that neither can be exchanged.
fn covered(header: &[u8], profile: &str) -> Vec<u8> {
    [header, profile.as_bytes()].concat()
}
