//! A folder of vaults, written so that a daemon that reads it never sees half a text.

use std::{
    fs::{self, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use daemon::{api::StoredVault, sources::read_vaults_folder};
use resolver::{Format, Limits};

use crate::failure::{Failure, Kind};

/// The ending of a text that is switched off.
const DISABLED: &str = ".disabled";

/// Reads the vaults of a folder by their names, switched off ones included.
pub(super) fn read(folder: &Path) -> Result<Vec<StoredVault>, Failure> {
    let limit = Limits::default().text_bytes;
    let list = read_vaults_folder(folder, limit).map_err(|e| Failure::new(Kind::NoAnswer, e))?;
    let mut vaults: Vec<_> = list
        .vaults
        .iter()
        .map(|vault| stored(&vault.id, vault.format, &vault.text, true))
        .collect();
    for entry in fs::read_dir(folder).map_err(|error| unwritable(folder, &error))?.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Some(id) = name.strip_suffix(DISABLED).filter(|id| !id.starts_with('.')) else {
            continue;
        };
        let Some(format) = Format::of_file_name(id) else { continue };
        let text =
            fs::read_to_string(entry.path()).map_err(|error| unwritable(&entry.path(), &error))?;
        vaults.push(stored(id, format, &text, false));
    }
    vaults.sort_by(|one, other| one.id().cmp(other.id()));
    Ok(vaults)
}

fn stored(id: &str, format: Format, text: &str, is_enabled: bool) -> StoredVault {
    let mut vault = StoredVault::new("", format, text);
    vault.set_id(id);
    vault.set_enabled(is_enabled);
    if id.rsplit_once('.').is_some_and(|(stem, _)| stem.ends_with(".monitoring")) {
        vault.set_monitoring();
    }
    vault
}

/// Writes a vault to the file that its id names: at once, and for its owner alone, unless the file
/// is there already and has its own mode.
pub(super) fn write(folder: &Path, vault: &StoredVault) -> Result<String, Failure> {
    let (on, off) = paths(folder, vault.id())?;
    let (target, other) = if vault.is_enabled() { (on, off) } else { (off, on) };
    let mode =
        [&target, &other].iter().find_map(|path| Some(fs::metadata(path).ok()?.permissions()));
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".vault-").tempfile_in(folder)?;
        file.write_all(vault.text().as_bytes())?;
        file.as_file().set_permissions(mode.unwrap_or_else(|| Permissions::from_mode(0o600)))?;
        file.as_file().sync_all()?;
        file.persist(&target).map_err(|error| error.error)?;
        if other.exists() { fs::remove_file(&other) } else { Ok(()) }
    };
    write().map_err(|error| unwritable(&target, &error))?;
    Ok(vault.id().to_owned())
}

/// Removes the file of a vault.
pub(super) fn delete(folder: &Path, id: &str) -> Result<(), Failure> {
    let (on, off) = paths(folder, id)?;
    let path = if on.exists() { on } else { off };
    fs::remove_file(&path).map_err(|error| unwritable(&path, &error))
}

/// Returns the files of a vault that is on, and off.
///
/// # Errors
/// The id is no file name of a format that is known, or the folder is not written by hand.
fn paths(folder: &Path, id: &str) -> Result<(PathBuf, PathBuf), Failure> {
    if folder.join("..data").exists() {
        let message = format!("`{}` is mounted by Kubernetes", folder.display());
        return Err(Failure::new(Kind::Usage, message).with_hint("change its ConfigMap or Secret"));
    }
    let is_name = !id.contains('/') && !id.starts_with('.') && Format::of_file_name(id).is_some();
    if !is_name {
        let message = format!("`{id}` is no name for a vault in a folder");
        return Err(Failure::new(Kind::Usage, message)
            .with_hint("name it by its format: .conf, .json, .json5 or .yaml"));
    }
    Ok((folder.join(id), folder.join(format!("{id}{DISABLED}"))))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Kind::NoAnswer, format!("cannot use `{}`: {error}", path.display()))
}
