//! Reading texts, not understanding them: files, folders, vaults kept on disk, includes.

mod files;
mod folder;
mod includer;
mod vaults;

pub(crate) use self::vaults::add_named_text;
pub use self::{
    files::{FileError, FileText, FileTexts, read_files},
    includer::FileIncluder,
    vaults::{VaultsError, read_vaults_file, read_vaults_folder},
};
pub use crate::api::{Quarantine, Vault, VaultKind, VaultList};
