//! One file on disk that is there wholly, as it was before, or not at all.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Only our own user may look into the folder.
const FOLDER_MODE: u32 = 0o700;
/// Only our own user may read the file.
const FILE_MODE: u32 = 0o600;

/// Reads a regular file of at most `limit` bytes.
pub(super) fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    // Without waiting: a pipe in the file's place would otherwise hang us.
    let file = OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    let take = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    file.take(take).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        let message = format!("it is larger than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Puts these bytes in the place of what the file held. They are on the disk when this returns;
/// if it fails, or the machine does, the file is as it was.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
    let new = new_name(path);
    let written = write_new(&new, bytes).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // Half a file would only take room that is already short.
        let _gone_already = fs::remove_file(&new);
    }
    written.and_then(|()| sync_folder(folder))
}

/// Removes the file, and what an interrupted [`replace`] left. What is not there needs no removal.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = remove_one(&new_name(path))? | remove_one(path)?;
    if removed { sync_folder(folder_of(path)) } else { Ok(()) }
}

/// Makes a file that was not there, with these bytes, for our own user alone.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a killed process left must not stand in the way; nor can a link lead us elsewhere.
    remove_one(path)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn remove_one(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// A new name counts only once its folder is on the disk, too.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

fn new_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}
