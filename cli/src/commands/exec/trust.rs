//! Whose socket a command's configuration may come from: rule R4, as the Python plugin has it.

use std::{
    fs::{Metadata, symlink_metadata},
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::Path,
};

use daemon::settings::sockets_to_ask;
use nix::unistd::geteuid;

use crate::{
    args::Exec,
    commands::asking::Asking,
    failure::{Failure, Kind},
};

const ROOT: u32 = 0;
/// What lets a folder's group or all others put something else in a socket's place.
const OTHERS_MAY_WRITE: u32 = 0o022;

/// Checks the sockets that would be asked; one that is not there is no matter.
///
/// # Errors
/// Another user could answer in the daemon's place: what runs by their word may do anything.
pub(super) fn check(exec: &Exec, asking: Asking<'_>) -> Result<(), Failure> {
    if exec.sources.are_given() {
        return Ok(());
    }
    let sockets = sockets_to_ask(asking.common.socket.as_deref(), asking.ambient);
    let fault = sockets.iter().find_map(|socket| Some((socket, fault(socket)?)));
    fault.map_or(Ok(()), |(socket, fault)| {
        let message = format!("the socket `{}` is not used: {fault}", socket.display());
        Err(Failure::new(Kind::Refused, message)
            .with_hint("name the daemon's own socket with `--socket`, or resolve with `--offline`"))
    })
}

/// Says why a socket is not a daemon's of root, of our own or of the system; `None` if it is, or is
/// not there.
fn fault(socket: &Path) -> Option<&'static str> {
    let folder = socket.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    let (there, above) = (symlink_metadata(socket).ok()?, symlink_metadata(folder).ok()?);
    if !there.file_type().is_socket() {
        return Some("it is no socket");
    }
    if !above.is_dir() {
        return Some("its folder is none");
    }
    if others_may_write(&above) {
        return Some("others may write to its folder");
    }
    if [ROOT, geteuid().as_raw()].contains(&there.uid()) {
        return None;
    }
    system_fault(&there, &above, &symlink_metadata(folder.parent()?).ok()?)
}

/// Says why another user's socket is not one that root gave a place, as systemd does in `/run`.
fn system_fault(there: &Metadata, above: &Metadata, over: &Metadata) -> Option<&'static str> {
    if ![ROOT, there.uid()].contains(&above.uid()) {
        return Some("its folder belongs to somebody else than it does");
    }
    let is_appointed = over.uid() == ROOT && !others_may_write(over);
    (!is_appointed).then_some("it belongs to a user whom nobody has appointed")
}

fn others_may_write(folder: &Metadata) -> bool {
    folder.mode() & OTHERS_MAY_WRITE != 0
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::{
            fs::{PermissionsExt, chown},
            net::UnixListener,
        },
    };

    use super::*;

    #[test]
    fn a_socket_that_somebody_else_may_answer_on_is_not_used() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("run");
        fs::create_dir(&folder).unwrap();
        let socket = folder.join("s");
        assert_eq!(fault(&socket), None, "it is not there");
        let _listener = UnixListener::bind(&socket).unwrap();
        let allow = |folder: &Path, mode| {
            fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
        };
        allow(&folder, 0o755);
        assert_eq!(fault(&socket), None);
        allow(&folder, 0o777);
        assert_eq!(fault(&socket), Some("others may write to its folder"));
        allow(&folder, 0o755);
        fs::write(folder.join("file"), "").unwrap();
        assert_eq!(fault(&folder.join("file")), Some("it is no socket"));
        if chown(&socket, Some(1234), None).is_err() {
            eprintln!("NOT TESTED: only root can give a socket to a stranger");
            return;
        }
        assert_eq!(fault(&socket), None, "root gave it its place");
        allow(outer.path(), 0o777);
        assert_eq!(fault(&socket), Some("it belongs to a user whom nobody has appointed"));
        chown(&folder, Some(4321), None).unwrap();
        assert_eq!(fault(&socket), Some("its folder belongs to somebody else than it does"));
    }
}
