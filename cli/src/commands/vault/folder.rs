//! A folder of vaults, written so that a daemon that reads it never sees half a text.

use std::{
    fs::{self, Permissions},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use daemon::api::StoredVault;
use resolver::{Format, Limits};

use crate::failure::{Failure, Kind};

/// Reads the vaults of a folder by their names, switched off ones included.
pub(super) fn read(folder: &Path) -> Result<Vec<StoredVault>, Failure> {
    let mut vaults = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unusable(folder, &error))?.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = entry.path();
        if name.starts_with('.') || !path.is_file() || StoredVault::of_name(&name, "").is_none() {
            continue;
        }
        let text = text_of(&path)?;
        vaults.extend(StoredVault::of_name(&name, &text));
    }
    vaults.sort_by(|one, other| one.id().cmp(other.id()));
    Ok(vaults)
}

/// Reads a text of a size that a vault may have.
fn text_of(path: &Path) -> Result<String, Failure> {
    let limit = u64::try_from(Limits::default().text_bytes).unwrap_or(u64::MAX);
    let read = || -> io::Result<String> {
        let mut text = String::new();
        fs::File::open(path)?.take(limit).read_to_string(&mut text)?;
        Ok(text)
    };
    read().map_err(|error| unusable(path, &error))
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
    write().map_err(|error| unusable(&target, &error))?;
    Ok(vault.id().to_owned())
}

/// Removes the file of a vault.
pub(super) fn delete(folder: &Path, id: &str) -> Result<(), Failure> {
    let (on, off) = paths(folder, id)?;
    let path = if on.exists() { on } else { off };
    fs::remove_file(&path).map_err(|error| unusable(&path, &error))
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
    require_name(id)?;
    if id.contains('/') {
        let message = format!("`{id}` is no name of a file");
        return Err(Failure::new(Kind::Usage, message));
    }
    Ok((folder.join(id), folder.join(format!("{id}{}", StoredVault::DISABLED))))
}

/// Makes sure that an id says how the text is spelled.
///
/// # Errors
/// It does not.
pub(super) fn require_name(id: &str) -> Result<(), Failure> {
    if !id.starts_with('.') && Format::of_file_name(id).is_some() {
        return Ok(());
    }
    Err(Failure::new(Kind::Usage, format!("`{id}` is no name for a vault"))
        .with_hint("name it by its format: .conf, .json, .json5 or .yaml"))
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Kind::NoAnswer, format!("cannot use `{}`: {error}", path.display()))
}
