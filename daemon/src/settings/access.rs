//! Who may read: users and groups by number, and which of them see secrets.

use nix::unistd::{Group, User};
use resolver::KeyPath;

/// Who may read what of one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessRules {
    /// Who may read what no part has rules for.
    pub whole: Access,
    /// Parts with rules of their own, which count there instead: for each key, those of the
    /// longest path that leads to it.
    pub parts: Vec<(KeyPath, Access)>,
}

/// Who may read what; whoever is in neither list may read nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Those who see secrets.
    pub secrets: Vec<Subject>,
    /// Those who see masks where secrets are.
    pub redacted: Vec<Subject>,
}

/// Some of the users of this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The user with this id.
    User(u32),
    /// Every process with this group, supplementary groups included.
    Group(u32),
    /// Every process with the group that is there for readers (`clearml-resolver`), if there is
    /// one. It is looked up when somebody comes whom nothing else lets in: asking the system for a
    /// group that it does not know takes longer than the rest of our start.
    Readers,
    /// Everybody.
    Anyone,
}

/// The group whose members see secrets, where there is such a group and nothing else is said.
pub(crate) const READERS_GROUP: &str = "clearml-resolver";

impl Subject {
    /// Reads `ada` or `1000` for a user, `@staff` or `@50` for a group, `*` for everybody.
    ///
    /// `None` if this host knows no such name.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Anyone);
        }
        match text.strip_prefix('@') {
            Some(group) => group.parse().ok().or_else(|| group_id(group)).map(Self::Group),
            None => text.parse().ok().or_else(|| user_id(text)).map(Self::User),
        }
    }
}

fn user_id(name: &str) -> Option<u32> {
    User::from_name(name).ok().flatten().map(|user| user.uid.as_raw())
}

/// Returns the number of a group; asks the system, which may take its time.
pub(crate) fn group_id(name: &str) -> Option<u32> {
    Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_users_and_groups_by_name_and_number() {
        for (text, subject) in [
            ("root", Some(Subject::User(0))),
            ("1000", Some(Subject::User(1000))),
            ("@root", Some(Subject::Group(0))),
            ("@50", Some(Subject::Group(50))),
            ("*", Some(Subject::Anyone)),
            ("no such user", None),
            ("@no such group", None),
            ("", None),
        ] {
            assert_eq!(Subject::read(text), subject, "{text}");
        }
    }
}
