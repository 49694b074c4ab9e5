//! What one peer may see of each profile, and of each part of it.

use std::{borrow::Cow, collections::BTreeMap, convert::Infallible, fmt::Write as _, sync::Arc};

use resolver::KeyPath;

use super::peer::{Peer, Permission, authorize};
use crate::settings::{Access, AccessRules};

/// Who may read what of all profiles.
#[derive(Debug)]
pub(super) enum Rules {
    /// The same of every profile, whatever the part: nothing has to be looked up.
    Same(Access),
    /// Each profile, or part of one, has its own.
    Each(BTreeMap<Arc<str>, AccessRules>),
}

/// What one peer may see. Cloning shares.
#[derive(Clone, Debug)]
pub(super) enum Permissions {
    /// The same of everything.
    Same(Permission),
    /// It depends on what is asked for.
    Each(Arc<BTreeMap<Arc<str>, ProfilePermissions>>),
}

/// What one peer may see of a profile.
#[derive(Clone, Debug)]
pub(super) struct ProfilePermissions {
    whole: Permission,
    parts: Box<[(KeyPath, Permission)]>,
}

impl Rules {
    pub(super) fn new(rules: BTreeMap<Arc<str>, AccessRules>) -> Self {
        let mut all = rules.values();
        let first = all.next().map(|rules| rules.whole.clone()).unwrap_or_default();
        let is_same = |rules: &AccessRules| rules.parts.is_empty() && rules.whole == first;
        if rules.values().all(is_same) { Self::Same(first) } else { Self::Each(rules) }
    }

    /// Whether something holds for any list of readers there is.
    pub(super) fn any(&self, mut holds: impl FnMut(&Access) -> bool) -> bool {
        match self {
            Self::Same(access) => holds(access),
            Self::Each(rules) => rules.values().flat_map(lists).any(holds),
        }
    }

    /// Decides what a peer may see.
    pub(super) fn authorize(&self, peer: &Peer) -> Permissions {
        let of_profile = |rules: &AccessRules| ProfilePermissions {
            whole: authorize(&rules.whole, peer),
            parts: rules
                .parts
                .iter()
                .map(|(path, access)| (path.clone(), authorize(access, peer)))
                .collect(),
        };
        match self {
            Self::Same(access) => Permissions::Same(authorize(access, peer)),
            Self::Each(rules) => {
                let permissions =
                    rules.iter().map(|(profile, rules)| (profile.clone(), of_profile(rules)));
                Permissions::Each(Arc::new(permissions.collect()))
            }
        }
    }
}

impl Permissions {
    /// Returns what may be seen of what is at a path and below; `path` is only asked for if that
    /// depends on it.
    pub(super) fn of<E>(
        &self,
        profile: &str,
        path: impl FnOnce() -> Result<KeyPath, E>,
    ) -> Result<Permission, E> {
        match self {
            Self::Same(permission) => Ok(*permission),
            Self::Each(permissions) => match permissions.get(profile) {
                Some(permission) => path().map(|path| permission.of(&path)),
                None => Ok(Permission::Nothing),
            },
        }
    }

    /// Returns what may be seen of a whole profile.
    pub(super) fn whole(&self, profile: &str) -> Permission {
        let Ok(permission) = self.of(profile, || Ok::<_, Infallible>(KeyPath::root()));
        permission
    }

    /// Returns the most that may be seen of any part of a profile.
    pub(super) fn best_of(&self, profile: &str) -> Permission {
        match self {
            Self::Same(permission) => *permission,
            Self::Each(permissions) => {
                permissions.get(profile).map_or(Permission::Nothing, ProfilePermissions::best)
            }
        }
    }

    /// Returns the most that may be seen of anything.
    pub(super) fn best(&self) -> Permission {
        match self {
            Self::Same(permission) => *permission,
            Self::Each(permissions) => most(permissions.values().map(ProfilePermissions::best)),
        }
    }

    /// Returns the parts of a profile that may be seen although the whole may not.
    pub(super) fn parts_seen(&self, profile: &str) -> Vec<&KeyPath> {
        let Self::Each(permissions) = self else { return Vec::new() };
        let parts = permissions.get(profile).map_or(&[][..], |permission| &permission.parts);
        let seen =
            parts.iter().filter(|(_, permission)| !matches!(permission, Permission::Nothing));
        seen.map(|(path, _)| path).collect()
    }

    /// Says it for the log.
    pub(super) fn told(&self) -> Cow<'static, str> {
        let permissions = match self {
            Self::Same(permission) => return permission.name().into(),
            Self::Each(permissions) => permissions,
        };
        let mut told = String::new();
        for (profile, permission) in permissions.iter() {
            let gap = if told.is_empty() { "" } else { ", " };
            let _ = write!(told, "{gap}{profile}={}", permission.whole.name());
            for (path, permission) in &permission.parts {
                let _ = write!(told, ", {profile}/{path}={}", permission.name());
            }
        }
        told.into()
    }
}

impl ProfilePermissions {
    /// The rules of the longest path that leads there count; but of what holds parts with rules of
    /// their own, no more is seen than of the least of them.
    fn of(&self, path: &KeyPath) -> Permission {
        let above = self.parts.iter().filter(|(part, _)| path.starts_with(part));
        let nearest = above.max_by_key(|(part, _)| part.len());
        let here = nearest.map_or(self.whole, |(_, permission)| *permission);
        let below = self.parts.iter().filter(|(part, _)| part.starts_with(path));
        let below = below.map(|(_, permission)| *permission);
        below.chain([here]).min_by_key(|permission| permission.rank()).unwrap_or(here)
    }

    fn best(&self) -> Permission {
        most(self.parts.iter().map(|(_, permission)| *permission).chain([self.whole]))
    }
}

fn lists(rules: &AccessRules) -> impl Iterator<Item = &Access> {
    [&rules.whole].into_iter().chain(rules.parts.iter().map(|(_, access)| access))
}

fn most(permissions: impl Iterator<Item = Permission>) -> Permission {
    permissions.max_by_key(|permission| permission.rank()).unwrap_or(Permission::Nothing)
}

#[cfg(test)]
mod tests {
    use resolver::Reveal;

    use super::*;

    fn path(text: &str) -> KeyPath {
        KeyPath::parse(text).unwrap()
    }

    #[test]
    fn the_nearest_rule_counts_and_a_whole_shows_no_more_than_its_parts() {
        let full = Permission::Full(Reveal::grant("test"));
        let permission = |whole, parts: &[(&str, Permission)]| ProfilePermissions {
            whole,
            parts: parts.iter().map(|(text, permission)| (path(text), *permission)).collect(),
        };
        let lent = permission(
            Permission::Nothing,
            &[("sdk.aws", full), ("sdk.aws.s3", Permission::Masked)],
        );
        let kept = permission(full, &[("agent", Permission::Nothing)]);
        for (permission, asked, expected) in [
            (&lent, "", "none"),
            (&lent, "sdk", "none"),
            (&lent, "sdk.aws", "redacted"),
            (&lent, "sdk.aws.boto3", "secrets"),
            (&lent, "sdk.aws.s3", "redacted"),
            (&lent, "sdk.aws.s3.key", "redacted"),
            (&lent, "sdk.awsome", "none"),
            (&kept, "", "none"),
            (&kept, "sdk", "secrets"),
            (&kept, "agent", "none"),
            (&kept, "agent.git_pass", "none"),
        ] {
            assert_eq!(permission.of(&path(asked)).name(), expected, "{asked}");
        }
        assert_eq!(lent.best().name(), "secrets");
    }

    #[test]
    fn rules_that_are_all_the_same_need_no_looking_up() {
        let rules = |parts| AccessRules { whole: Access::default(), parts };
        let same = [("a".into(), rules(vec![])), ("b".into(), rules(vec![]))];
        assert!(matches!(Rules::new(BTreeMap::from(same)), Rules::Same(_)));
        let part = vec![(path("a"), Access::default())];
        let each = [("a".into(), rules(vec![])), ("b".into(), rules(part))];
        assert!(matches!(Rules::new(BTreeMap::from(each)), Rules::Each(_)));
    }
}
