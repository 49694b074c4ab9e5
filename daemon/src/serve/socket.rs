//! The socket file: made without a moment in which somebody else could use it, taken over from the
//! dead only, removed at the end.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::{
        fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
};

use nix::unistd::geteuid;
use thiserror::Error;

/// Bytes of a path to a socket, the closing zero left out (`unix(7)`).
const MAX_PATH_BYTES: usize = 107;
/// Folders we make are ours alone.
const PRIVATE_MODE: u32 = 0o700;

/// Who may connect to a socket.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SocketAccess {
    /// Everybody. Who may read is decided by the peer's credentials, so that a refusal is an
    /// answer with a reason.
    Open,
    /// The user of this process, and root.
    Private,
}

impl SocketAccess {
    const fn mode(self) -> u32 {
        match self {
            Self::Open => 0o666,
            Self::Private => 0o600,
        }
    }
}

/// The file of a socket that is listened on; nobody else's while this lives.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Tells our file from one that another program has put in its place.
    inode: u64,
    _lock: File,
}

/// Why a socket cannot be opened.
#[derive(Debug, Error)]
pub enum SocketError {
    /// Another daemon answers there.
    #[error("another daemon serves on `{}`", path.display())]
    InUse {
        /// Where.
        path: PathBuf,
    },
    /// Something else has that name.
    #[error("`{}` is there and is no socket", path.display())]
    NotASocket {
        /// Where.
        path: PathBuf,
    },
    /// The kernel takes no path that long.
    #[error("the path of the socket is longer than {MAX_PATH_BYTES} bytes: `{}`", path.display())]
    PathTooLong {
        /// Where.
        path: PathBuf,
    },
    /// Others could replace the socket, since its folder is theirs or everybody's.
    #[error("other users may replace files in the folder of the socket `{}`", path.display())]
    OpenFolder {
        /// Where.
        path: PathBuf,
    },
    /// The system says no.
    #[error("cannot {action} `{}`", path.display())]
    System {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl SocketFile {
    /// Opens the socket, in a folder that is made if it is not there.
    ///
    /// The file is made in a fresh private folder, given its mode there, then renamed into place:
    /// whoever finds it finds it finished. A file lock beside it tells the living from the dead.
    ///
    /// # Errors
    /// Another daemon lives there, something else is there, or the system says no.
    pub(crate) fn bind(
        path: &Path,
        access: SocketAccess,
    ) -> Result<(UnixListener, Self), SocketError> {
        if path.as_os_str().len() > MAX_PATH_BYTES {
            return Err(SocketError::PathTooLong { path: path.to_owned() });
        }
        let folder = make_folder(path)?;
        let lock = take_lock(path)?;
        make_way(path)?;
        let staging = StagingFolder::open(&folder)?;
        let (listener, inode) = staging.make_socket(path, access)?;
        Ok((listener, Self { path: path.to_owned(), inode, _lock: lock }))
    }
}

/// Takes the file away, if it is still ours.
impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|there| there.ino() == self.inode) {
            // At the end there is nobody left to tell.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn system<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> SocketError + use<'a> {
    move |source| SocketError::System { action, path: path.to_owned(), source }
}

/// Returns the folder of the socket, made if it is not there.
fn make_folder(path: &Path) -> Result<PathBuf, SocketError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let made = DirBuilder::new().recursive(true).mode(PRIVATE_MODE).create(folder);
    made.map_err(system("make the folder", folder))?;
    let metadata = fs::metadata(folder).map_err(system("look at the folder", folder))?;
    let is_everybodys = metadata.mode() & 0o1002 == 0o002;
    let is_anothers = ![0, geteuid().as_raw()].contains(&metadata.uid());
    if is_everybodys || is_anothers {
        return Err(SocketError::OpenFolder { path: path.to_owned() });
    }
    Ok(folder.to_owned())
}

/// Takes the lock that a living daemon holds. Its file stays: removing it would let two others
/// hold locks of the same name.
fn take_lock(path: &Path) -> Result<File, SocketError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.custom_flags(nix::libc::O_NOFOLLOW);
    let lock = options.open(&lock_path).map_err(system("open the lock", &lock_path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(SocketError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(system("lock", &lock_path)(error)),
    }
}

/// Sees that what is there, if anything, is the socket of a dead daemon. It is replaced later.
fn make_way(path: &Path) -> Result<(), SocketError> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(system("look at", path))?,
    };
    if !metadata.file_type().is_socket() {
        return Err(SocketError::NotASocket { path: path.to_owned() });
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Ok(_) => Err(SocketError::InUse { path: path.to_owned() }),
        Err(error) => Err(system("try to connect to", path)(error)),
    }
}

/// A fresh private folder beside the socket, which goes with this value.
struct StagingFolder(PathBuf);

impl StagingFolder {
    fn open(beside: &Path) -> Result<Self, SocketError> {
        // Short, as the path of the unfinished socket must fit, too; taken if left by a crash.
        let path = beside.join(format!(".{:x}", std::process::id()));
        // What a crashed process with our number left is empty or holds a dead socket.
        let _ = fs::remove_file(path.join("s"));
        let _ = fs::remove_dir(&path);
        let made = DirBuilder::new().mode(PRIVATE_MODE).create(&path);
        made.map_err(system("make the folder", &path))?;
        Ok(Self(path))
    }

    /// Makes the socket and moves it into place; returns it with its inode.
    fn make_socket(
        &self,
        place: &Path,
        access: SocketAccess,
    ) -> Result<(UnixListener, u64), SocketError> {
        let unfinished = self.0.join("s");
        let listener =
            UnixListener::bind(&unfinished).map_err(system("open the socket", &unfinished))?;
        fs::set_permissions(&unfinished, Permissions::from_mode(access.mode()))
            .map_err(system("set the mode of", &unfinished))?;
        let inode =
            fs::symlink_metadata(&unfinished).map_err(system("look at", &unfinished))?.ino();
        fs::rename(&unfinished, place).map_err(system("put the socket at", place))?;
        Ok((listener, inode))
    }
}

impl Drop for StagingFolder {
    fn drop(&mut self) {
        // Left over, it would only be untidy.
        let _ = fs::remove_file(self.0.join("s"));
        let _ = fs::remove_dir(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn makes_a_private_folder_and_a_socket_and_leaves_nothing_else() {
        let folder = folder();
        let path = folder.path().join("run/clearml-resolver/resolver.sock");
        let (listener, socket) = SocketFile::bind(&path, SocketAccess::Open).unwrap();
        let parent = path.parent().unwrap();
        assert_eq!(fs::metadata(parent).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o666);
        assert_eq!(names(parent), ["resolver.sock", "resolver.sock.lock"]);
        UnixStream::connect(&path).unwrap();
        let private = parent.join("admin.sock");
        let admin = SocketFile::bind(&private, SocketAccess::Private).unwrap();
        assert_eq!(fs::metadata(&private).unwrap().mode() & 0o777, 0o600);
        drop(admin);
        fs::remove_file(parent.join("admin.sock.lock")).unwrap();
        drop((listener, socket));
        assert_eq!(names(parent), ["resolver.sock.lock"]);
    }

    #[test]
    fn takes_over_from_the_dead_but_not_from_the_living() {
        let folder = folder();
        let path = folder.path().join("s");
        // A dead daemon: nobody listens, no lock is held.
        drop(UnixListener::bind(&path).unwrap());
        let living = SocketFile::bind(&path, SocketAccess::Open).unwrap();
        assert!(matches!(
            SocketFile::bind(&path, SocketAccess::Open),
            Err(SocketError::InUse { .. })
        ));
        UnixStream::connect(&path).unwrap();
        drop(living);
        // A stranger who listens without our lock.
        let stranger = UnixListener::bind(&path).unwrap();
        assert!(matches!(
            SocketFile::bind(&path, SocketAccess::Open),
            Err(SocketError::InUse { .. })
        ));
        drop(stranger);
        SocketFile::bind(&path, SocketAccess::Open).unwrap();
    }

    #[test]
    fn leaves_alone_what_is_no_socket_of_its_own() {
        let folder = folder();
        let path = folder.path().join("s");
        fs::write(&path, "precious").unwrap();
        assert!(matches!(
            SocketFile::bind(&path, SocketAccess::Open),
            Err(SocketError::NotASocket { .. })
        ));
        assert_eq!(fs::read(&path).unwrap(), b"precious");
        fs::remove_file(&path).unwrap();
        let socket = SocketFile::bind(&path, SocketAccess::Open).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "another's").unwrap();
        drop(socket);
        assert_eq!(fs::read(&path).unwrap(), b"another's");
    }

    #[test]
    fn says_why_not() {
        let folder = folder();
        let long = folder.path().join("x".repeat(MAX_PATH_BYTES));
        assert!(matches!(
            SocketFile::bind(&long, SocketAccess::Open),
            Err(SocketError::PathTooLong { .. })
        ));
        let open = folder.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
        let error = SocketFile::bind(&open.join("s"), SocketAccess::Open);
        assert!(matches!(error, Err(SocketError::OpenFolder { .. })));
        fs::write(folder.path().join("file"), "").unwrap();
        let error = SocketFile::bind(&folder.path().join("file/s"), SocketAccess::Open);
        assert!(matches!(error, Err(SocketError::System { action: "make the folder", .. })));
    }
}
