//! Who asks, and what they may see.

use std::{
    collections::BTreeSet,
    ffi::CString,
    fs,
    io::{self, BufRead, BufReader, Read},
    os::fd::{AsFd, BorrowedFd},
    sync::{Arc, OnceLock},
};

use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::socket::{getsockopt, sockopt},
    unistd::{Gid, Uid, User, geteuid, getgrouplist},
};
use resolver::Reveal;
use tokio::{
    net::{UnixStream, unix::UCred},
    task::spawn_blocking,
};

use crate::settings::{Access, READERS_GROUP, Subject, group_id};

/// Bytes of a `/proc/PID/status` that are read: its groups come early, and 65,536 of them fit.
const MAX_STATUS_BYTES: u64 = 1 << 20;

/// The process at the other end, as it was when it connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    pub(super) user_id: u32,
    group_id: u32,
    pub(super) process_id: Option<i32>,
    /// The supplementary groups; empty if nothing depends on them.
    groups: BTreeSet<u32>,
    /// Whether it has the group of readers; `false` if nothing depends on it.
    is_reader: bool,
}

/// The number of the group of readers, once somebody needed it. Cloning shares.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadersGroup(Arc<OnceLock<Option<u32>>>);

impl ReadersGroup {
    /// Returns the number, if there is such a group. Blocks the first time.
    fn id(&self) -> Option<u32> {
        *self.0.get_or_init(|| group_id(READERS_GROUP))
    }
}

/// What a peer may see.
#[derive(Clone, Copy, Debug)]
pub(super) enum Permission {
    /// Everything.
    Full(Reveal),
    /// Everything, with masks where secrets are.
    Masked,
    /// Nothing but that we live.
    Nothing,
}

impl Permission {
    /// Returns its name for the log.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Full(_) => "secrets",
            Self::Masked => "redacted",
            Self::Nothing => "none",
        }
    }

    /// Returns whether anything may be seen, and if so, what lets secrets be seen.
    #[expect(clippy::option_option, reason = "two questions: may it read, and may it see secrets")]
    pub(super) const fn may_read(self) -> Option<Option<Reveal>> {
        match self {
            Self::Full(reveal) => Some(Some(reveal)),
            Self::Masked => Some(None),
            Self::Nothing => None,
        }
    }

    /// Orders permissions: who sees more ranks higher.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Masked => 1,
            Self::Full(_) => 2,
        }
    }
}

/// Decides what a peer may see: the most that any of its ids allows.
pub(super) fn authorize(access: &Access, peer: &Peer) -> Permission {
    if access.secrets.iter().any(|subject| peer.is_one_of(*subject)) {
        Permission::Full(Reveal::grant("the peer's credentials are among `access.secrets`"))
    } else if access.redacted.iter().any(|subject| peer.is_one_of(*subject)) {
        Permission::Masked
    } else {
        Permission::Nothing
    }
}

/// Decides whether a peer may load credentials: systemd does it as root, or for the units of a user
/// as that user.
pub(super) fn authorize_loading(credentials: &UCred) -> Option<Reveal> {
    let is_systemd = [0, geteuid().as_raw()].contains(&credentials.uid());
    is_systemd.then(|| Reveal::grant("the peer is systemd, which keeps it for the unit alone"))
}

impl Peer {
    /// Returns who connected, as the kernel says, groups left out.
    pub(super) fn of(credentials: &UCred) -> Self {
        Self {
            user_id: credentials.uid(),
            group_id: credentials.gid(),
            process_id: credentials.pid(),
            groups: BTreeSet::new(),
            is_reader: false,
        }
    }

    /// Adds its groups.
    ///
    /// # Errors
    /// They cannot be asked for.
    pub(super) async fn with_groups(
        self,
        stream: &UnixStream,
        readers: &ReadersGroup,
    ) -> io::Result<Self> {
        // A descriptor of the process, so that another with its number is not taken for it.
        let process = getsockopt(&stream.as_fd(), sockopt::PeerPidfd).ok();
        // The user database may be far away.
        let readers = readers.clone();
        let asked = spawn_blocking(move || {
            let groups = self.supplementary_groups(process.as_ref().map(AsFd::as_fd));
            let peer = Self { groups, ..self };
            Self { is_reader: readers.id().is_some_and(|id| peer.has_group(id)), ..peer }
        });
        asked.await.map_err(io::Error::other)
    }

    /// Whether its groups might let it see more than it may without them.
    pub(super) fn depends_on_groups(&self, access: &Access) -> bool {
        let mut subjects = access.secrets.iter().chain(&access.redacted);
        let names_groups =
            subjects.any(|subject| matches!(subject, Subject::Group(_) | Subject::Readers));
        names_groups && !matches!(authorize(access, self), Permission::Full(_))
    }

    fn is_one_of(&self, subject: Subject) -> bool {
        match subject {
            Subject::Anyone => true,
            Subject::User(id) => self.user_id == id,
            Subject::Group(id) => self.has_group(id),
            Subject::Readers => self.is_reader,
        }
    }

    fn has_group(&self, id: u32) -> bool {
        self.group_id == id || self.groups.contains(&id)
    }

    /// Returns the groups of the process, or if it cannot be seen (a sandboxed daemon sees no
    /// other's processes) those that the user database gives its user.
    fn supplementary_groups(&self, process: Option<BorrowedFd<'_>>) -> BTreeSet<u32> {
        let of_process = process.and_then(|process| self.groups_of_process(process));
        of_process.or_else(|| self.groups_of_user()).unwrap_or_default()
    }

    fn groups_of_process(&self, process: BorrowedFd<'_>) -> Option<BTreeSet<u32>> {
        let file = fs::File::open(format!("/proc/{}/status", self.process_id?)).ok()?;
        let groups = groups_in(BufReader::new(file.take(MAX_STATUS_BYTES)))?;
        let mut ended = [PollFd::new(process, PollFlags::POLLIN)];
        let lives = poll(&mut ended, PollTimeout::ZERO) == Ok(0);
        lives.then_some(groups)
    }

    fn groups_of_user(&self) -> Option<BTreeSet<u32>> {
        let user = User::from_uid(Uid::from_raw(self.user_id)).ok()??;
        let name = CString::new(user.name).ok()?;
        let groups = getgrouplist(&name, Gid::from_raw(self.group_id)).ok()?;
        Some(groups.into_iter().map(Gid::as_raw).collect())
    }
}

/// Reads the line `Groups:` of a `/proc/PID/status`.
fn groups_in(status: impl BufRead) -> Option<BTreeSet<u32>> {
    let line = status.lines().map_while(Result::ok).find(|line| line.starts_with("Groups:"))?;
    line.split_ascii_whitespace().skip(1).map(|group| group.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(user_id: u32, group_id: u32, groups: &[u32]) -> Peer {
        let groups = groups.iter().copied().collect();
        Peer { user_id, group_id, process_id: None, groups, is_reader: false }
    }

    #[test]
    fn any_of_its_ids_lets_a_peer_see() {
        let access = Access {
            secrets: vec![Subject::User(0), Subject::Group(10)],
            redacted: vec![Subject::User(1000), Subject::Group(20)],
        };
        for (peer, permission) in [
            (peer(0, 99, &[]), "secrets"),
            (peer(1, 10, &[]), "secrets"),
            (peer(1, 99, &[5, 10]), "secrets"),
            (peer(1000, 99, &[]), "redacted"),
            (peer(1000, 99, &[10]), "secrets"),
            (peer(1, 99, &[20]), "redacted"),
            (peer(1, 99, &[30]), "none"),
            (peer(10, 0, &[0, 1000]), "none"),
        ] {
            assert_eq!(authorize(&access, &peer).name(), permission, "{peer:?}");
        }
        let readers = Access { secrets: vec![Subject::Readers], redacted: vec![] };
        assert_eq!(authorize(&readers, &peer(1, 1, &[])).name(), "none");
        let reader = Peer { is_reader: true, ..peer(1, 1, &[]) };
        assert_eq!(authorize(&readers, &reader).name(), "secrets");
        let everybody = Access { secrets: vec![], redacted: vec![Subject::Anyone] };
        assert_eq!(authorize(&everybody, &peer(1, 1, &[])).name(), "redacted");
        assert_eq!(authorize(&Access::default(), &peer(0, 0, &[0])).name(), "none");
    }

    #[test]
    fn reads_groups_as_the_kernel_writes_them() {
        for (status, groups) in [
            (
                "Name:\tcat\nGid:\t1\t1\t1\t1\nGroups:\t4 24 1000 \nNStgid:\t9\n",
                Some(vec![4, 24, 1000]),
            ),
            ("Groups:\t \n", Some(vec![])),
            ("Groups:\tx\n", None),
            ("Name:\tcat\n", None),
        ] {
            let expected = groups.map(BTreeSet::from_iter);
            assert_eq!(groups_in(status.as_bytes()), expected, "{status}");
        }
    }

    #[tokio::test]
    async fn the_kernel_says_who_we_are() {
        let (one, _other) = UnixStream::pair().unwrap();
        let peer = Peer::of(&one.peer_cred().unwrap());
        let access = Access { secrets: vec![Subject::Group(u32::MAX)], redacted: vec![] };
        assert!(peer.depends_on_groups(&access));
        let peer = peer.with_groups(&one, &ReadersGroup::default()).await.unwrap();
        assert_eq!(peer.user_id, geteuid().as_raw());
        assert_eq!(peer.process_id, i32::try_from(std::process::id()).ok());
        let own = nix::unistd::getgroups().unwrap();
        assert_eq!(peer.groups, own.into_iter().map(Gid::as_raw).collect());
    }
}
