//! Where the socket is: the same places for the daemon and for those who ask it.

use std::path::{Path, PathBuf};

use crate::ambient::Ambient;

/// The folder of the system's own daemon.
const SYSTEM_FOLDER: &str = "/run/clearml-resolver";

/// The socket's name in its folder.
const SOCKET_NAME: &str = "resolver.sock";

/// Returns where a daemon of this user serves.
///
/// systemd's `RuntimeDirectory=` first, then the system's place for root, then the user's own
/// runtime folder. Without any, a folder in `/tmp` whose name holds the user's id; whoever makes
/// it checks that it is theirs.
pub(super) fn default_socket(ambient: &Ambient) -> PathBuf {
    if let Some(folders) = ambient.variable("RUNTIME_DIRECTORY") {
        // systemd joins several folders by colons; the first is the unit's own.
        return Path::new(folders.split(':').next().unwrap_or(folders)).join(SOCKET_NAME);
    }
    if ambient.user_id == 0 {
        return Path::new(SYSTEM_FOLDER).join(SOCKET_NAME);
    }
    match ambient.variable("XDG_RUNTIME_DIR") {
        Some(folder) => Path::new(folder).join("clearml-resolver").join(SOCKET_NAME),
        None => {
            PathBuf::from(format!("/tmp/clearml-resolver-{}", ambient.user_id)).join(SOCKET_NAME)
        }
    }
}

/// Returns where to look for a daemon, the likelier place first: the one that is named, or this
/// user's own and then the system's.
pub fn sockets_to_ask(named: Option<&Path>, ambient: &Ambient) -> Vec<PathBuf> {
    let variable = || ambient.variable("CLEARML_RESOLVER_SOCKET").map(PathBuf::from);
    if let Some(socket) = named.map(Path::to_owned).or_else(variable) {
        return vec![socket];
    }
    let mut sockets = vec![default_socket(ambient), Path::new(SYSTEM_FOLDER).join(SOCKET_NAME)];
    sockets.dedup();
    sockets
}
