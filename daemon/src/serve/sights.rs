//! What one peer may see of each profile, and of each part of it.

use std::{borrow::Cow, collections::BTreeMap, convert::Infallible, fmt::Write as _, sync::Arc};

use resolver::KeyPath;

use super::peer::{Peer, Sight, authorize};
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
pub(super) enum Sights {
    /// The same of everything.
    Same(Sight),
    /// It depends on what is asked for.
    Each(Arc<BTreeMap<Arc<str>, ProfileSight>>),
}

/// What one peer may see of a profile.
#[derive(Clone, Debug)]
pub(super) struct ProfileSight {
    whole: Sight,
    parts: Box<[(KeyPath, Sight)]>,
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
    pub(super) fn authorize(&self, peer: &Peer) -> Sights {
        let of_profile = |rules: &AccessRules| ProfileSight {
            whole: authorize(&rules.whole, peer),
            parts: rules
                .parts
                .iter()
                .map(|(path, access)| (path.clone(), authorize(access, peer)))
                .collect(),
        };
        match self {
            Self::Same(access) => Sights::Same(authorize(access, peer)),
            Self::Each(rules) => {
                let sights =
                    rules.iter().map(|(profile, rules)| (profile.clone(), of_profile(rules)));
                Sights::Each(Arc::new(sights.collect()))
            }
        }
    }
}

impl Sights {
    /// Returns what may be seen of what is at a path and below; `path` is only asked for if that
    /// depends on it.
    pub(super) fn of<E>(
        &self,
        profile: &str,
        path: impl FnOnce() -> Result<KeyPath, E>,
    ) -> Result<Sight, E> {
        match self {
            Self::Same(sight) => Ok(*sight),
            Self::Each(sights) => match sights.get(profile) {
                Some(sight) => path().map(|path| sight.of(&path)),
                None => Ok(Sight::Nothing),
            },
        }
    }

    /// Returns what may be seen of a whole profile.
    pub(super) fn whole(&self, profile: &str) -> Sight {
        let Ok(sight) = self.of(profile, || Ok::<_, Infallible>(KeyPath::root()));
        sight
    }

    /// Returns the most that may be seen of any part of a profile.
    pub(super) fn best_of(&self, profile: &str) -> Sight {
        match self {
            Self::Same(sight) => *sight,
            Self::Each(sights) => sights.get(profile).map_or(Sight::Nothing, ProfileSight::best),
        }
    }

    /// Returns the most that may be seen of anything.
    pub(super) fn best(&self) -> Sight {
        match self {
            Self::Same(sight) => *sight,
            Self::Each(sights) => most(sights.values().map(ProfileSight::best)),
        }
    }

    /// Returns the parts of a profile that may be seen although the whole may not.
    pub(super) fn parts_seen(&self, profile: &str) -> Vec<&KeyPath> {
        let Self::Each(sights) = self else { return Vec::new() };
        let parts = sights.get(profile).map_or(&[][..], |sight| &sight.parts);
        let seen = parts.iter().filter(|(_, sight)| !matches!(sight, Sight::Nothing));
        seen.map(|(path, _)| path).collect()
    }

    /// Says it for the log.
    pub(super) fn told(&self) -> Cow<'static, str> {
        let sights = match self {
            Self::Same(sight) => return sight.name().into(),
            Self::Each(sights) => sights,
        };
        let mut told = String::new();
        for (profile, sight) in sights.iter() {
            let gap = if told.is_empty() { "" } else { ", " };
            let _ = write!(told, "{gap}{profile}={}", sight.whole.name());
            for (path, sight) in &sight.parts {
                let _ = write!(told, ", {profile}/{path}={}", sight.name());
            }
        }
        told.into()
    }
}

impl ProfileSight {
    /// The rules of the longest path that leads there count; but of what holds parts with rules of
    /// their own, no more is seen than of the least of them.
    fn of(&self, path: &KeyPath) -> Sight {
        let above = self.parts.iter().filter(|(part, _)| path.starts_with(part));
        let nearest = above.max_by_key(|(part, _)| part.len());
        let here = nearest.map_or(self.whole, |(_, sight)| *sight);
        let below = self.parts.iter().filter(|(part, _)| part.starts_with(path));
        let below = below.map(|(_, sight)| *sight);
        below.chain([here]).min_by_key(|sight| sight.rank()).unwrap_or(here)
    }

    fn best(&self) -> Sight {
        most(self.parts.iter().map(|(_, sight)| *sight).chain([self.whole]))
    }
}

fn lists(rules: &AccessRules) -> impl Iterator<Item = &Access> {
    [&rules.whole].into_iter().chain(rules.parts.iter().map(|(_, access)| access))
}

fn most(sights: impl Iterator<Item = Sight>) -> Sight {
    sights.max_by_key(|sight| sight.rank()).unwrap_or(Sight::Nothing)
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
        let full = Sight::Full(Reveal::grant("test"));
        let sight = |whole, parts: &[(&str, Sight)]| ProfileSight {
            whole,
            parts: parts.iter().map(|(text, sight)| (path(text), *sight)).collect(),
        };
        let lent = sight(Sight::Nothing, &[("sdk.aws", full), ("sdk.aws.s3", Sight::Masked)]);
        let kept = sight(full, &[("agent", Sight::Nothing)]);
        for (sight, asked, expected) in [
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
            assert_eq!(sight.of(&path(asked)).name(), expected, "{asked}");
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
