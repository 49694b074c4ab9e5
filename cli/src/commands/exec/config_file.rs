//! The file that a command reads: in memory, for its user alone, there as a whole or not at all.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use nix::{
    sys::statfs::{TMPFS_MAGIC, statfs},
    unistd::geteuid,
};
use resolver::{Context, Format, Layer, Mode, SourceName};
use tempfile::{Builder, NamedTempFile, TempDir};
use thiserror::Error;

use crate::failure::{Failure, Kind};

/// Read by its owner alone.
const READ_ONLY: u32 = 0o400;
/// Used by its owner alone.
const PRIVATE: u32 = 0o700;
/// What its group and all others may do.
const OTHERS: u32 = 0o077;
/// Where memory is a file system on every Linux.
const SHARED_MEMORY: &str = "/dev/shm";

/// How long a file is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    /// As long as the command runs.
    WhileRunning,
    /// For good, under the name that the Python plugin gives it, since nobody is left to remove it.
    Published,
}

/// A file with the configuration.
pub(super) struct ConfigFile {
    path: PathBuf,
    /// Removed when this is dropped.
    _folder: Option<TempDir>,
}

#[derive(Debug, Error)]
enum FileError {
    #[error("cannot keep the configuration in `{}`", .0.display())]
    Io(PathBuf, #[source] io::Error),
    #[error("`{}` is not a folder for us alone", .0.display())]
    Folder(PathBuf),
    #[error("the configuration does not read back as it was written: a fault of this program")]
    ReadBack,
}

impl ConfigFile {
    /// Writes a configuration under a name, in two phases: it is written, read back and parsed
    /// under another name first. `runtime` is where the user keeps what ends with the session.
    ///
    /// # Errors
    /// There is no private folder, the system cannot keep it, or it does not read back.
    pub(super) fn write(
        name: &str,
        text: &str,
        keeping: Keeping,
        runtime: Option<&Path>,
    ) -> Result<Self, Failure> {
        Self::written(name, text, keeping, runtime).map_err(|error| {
            Failure::new(Kind::NoAnswer, error)
                .with_hint("let XDG_RUNTIME_DIR name a folder that only you can use")
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn written(
        name: &str,
        text: &str,
        keeping: Keeping,
        runtime: Option<&Path>,
    ) -> Result<Self, FileError> {
        let home = own_folder(runtime)?;
        let failed = |error| FileError::Io(home.clone(), error);
        let folder = match keeping {
            Keeping::Published => None,
            Keeping::WhileRunning => {
                let private = Permissions::from_mode(PRIVATE);
                let folder = Builder::new().prefix("exec-").permissions(private).tempdir_in(&home);
                Some(folder.map_err(failed)?)
            }
        };
        let path = folder.as_ref().map_or(home.as_path(), TempDir::path);
        let path = path.join(format!("{name}.conf"));
        let draft = NamedTempFile::new_in(&home).map_err(failed)?;
        fill(draft.as_file(), text).map_err(failed)?;
        let back = fs::read_to_string(draft.path()).map_err(failed)?;
        if back != text || !parses(&back) {
            return Err(FileError::ReadBack);
        }
        draft.persist(&path).map_err(|error| failed(error.error))?;
        Ok(Self { path, _folder: folder })
    }
}

fn fill(mut file: &File, text: &str) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(READ_ONLY))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Whether the clients' reader takes it; an error in it would stop the command.
fn parses(text: &str) -> bool {
    let context = Context::alone(Mode::Clearml);
    let name = SourceName::Text("the command's file".into());
    Layer::build_alone(name, Format::Hocon, text, &context).layer.is_some()
}

/// Returns a folder in memory that only we can use, made if it is not there: the same as the Python
/// plugin's.
fn own_folder(runtime: Option<&Path>) -> Result<PathBuf, FileError> {
    let runtime = runtime.filter(|runtime| is_private(runtime) && is_in_memory(runtime));
    let folder = if let Some(runtime) = runtime {
        make_private(&runtime.join("clearml-resolver"))?;
        runtime.join("clearml-resolver/files")
    } else if is_in_memory(Path::new(SHARED_MEMORY)) {
        Path::new(SHARED_MEMORY).join(format!("clearml-resolver-{}", geteuid()))
    } else {
        return Err(FileError::Folder(SHARED_MEMORY.into()));
    };
    make_private(&folder)?;
    Ok(folder)
}

fn make_private(folder: &Path) -> Result<(), FileError> {
    match DirBuilder::new().mode(PRIVATE).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(FileError::Io(folder.to_owned(), error))
        }
        _ if is_private(folder) => Ok(()),
        _ => Err(FileError::Folder(folder.to_owned())),
    }
}

fn is_private(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|there| {
        there.is_dir() && there.uid() == geteuid().as_raw() && there.mode() & OTHERS == 0
    })
}

fn is_in_memory(folder: &Path) -> bool {
    statfs(folder).is_ok_and(|system| system.filesystem_type() == TMPFS_MAGIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_for_its_user_alone_and_goes_with_its_command() {
        let file = ConfigFile::write("p@d", "a: 1\n", Keeping::WhileRunning, None).unwrap();
        let path = file.path().to_owned();
        let there = fs::symlink_metadata(&path).unwrap();
        assert_eq!(there.mode() & 0o7777, READ_ONLY);
        assert!(path.ends_with("p@d.conf"), "{path:?}");
        assert!(is_in_memory(path.parent().unwrap()));
        assert!(is_private(path.parent().unwrap()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a: 1\n");
        drop(file);
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }

    #[test]
    fn what_the_clients_cannot_read_is_not_written() {
        assert!(ConfigFile::write("p@d", "a: {", Keeping::WhileRunning, None).is_err());
    }

    #[test]
    fn a_folder_that_others_may_use_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o750)).unwrap();
        assert!(make_private(folder.path()).is_err());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/", &link).unwrap();
        assert!(make_private(&link).is_err());
    }
}
