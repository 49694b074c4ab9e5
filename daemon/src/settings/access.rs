//! Who may read: users and groups by number, and which of them see secrets.

/// Who may read what; whoever is in neither list may read nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Those who see secrets.
    pub secrets: Vec<Subject>,
    /// Those who see masks where secrets are.
    pub redacted: Vec<Subject>,
}

/// A user, or all users of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The user with this id.
    User(u32),
    /// Every process with this group, supplementary groups included.
    Group(u32),
    /// Everybody.
    Anyone,
}
