//! What somebody may have meant who asked for a key that is not there.

use resolver::{KeyPath, Object, Snapshot, Value};

/// How alike two keys must be to be taken for each other, from 0 to 1. Below it, suggestions are
/// noise: clap takes 0.7 for its options.
const ALIKE: f64 = 0.7;

/// Paths looked at for a key that stands elsewhere; more are not worth the wait.
const PATHS: usize = 100_000;

/// Returns the nearest path that is there.
///
/// First the place where the path breaks off is searched for a key that is spelled alike, then
/// everything for the same key below another one: `git_user` means `agent.git_user`.
pub(super) fn for_path(snapshot: &Snapshot, path: &KeyPath) -> Option<KeyPath> {
    sibling(snapshot.root(), path).or_else(|| elsewhere(snapshot.root(), path))
}

fn sibling(root: &Object, path: &KeyPath) -> Option<KeyPath> {
    let mut object = root;
    let mut known = KeyPath::root();
    for (depth, key) in path.keys().iter().enumerate() {
        match object.get(key).map(|spanned| &spanned.value) {
            Some(Value::Object(below)) => object = below,
            Some(_) => return None,
            None => {
                known.push(most_alike(object, key)?);
                known = path
                    .keys()
                    .iter()
                    .skip(depth + 1)
                    .fold(known, |known, key| known.join(key.clone()));
                return is_there(root, &known).then_some(known);
            }
        }
        known.push(key.clone());
    }
    None
}

fn is_there(root: &Object, path: &KeyPath) -> bool {
    let Some((key, rest)) = path.keys().split_first() else { return true };
    let rest: KeyPath = rest.iter().cloned().collect();
    root.get(key).is_some_and(|spanned| spanned.value.at(&rest).is_some())
}

fn most_alike<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    let score = |other: &str| strsim::jaro_winkler(other, key);
    let keys = object.iter().map(|(other, _)| (score(other), other.as_str()));
    keys.filter(|(score, _)| *score > ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, key)| key)
}

fn elsewhere(root: &Object, path: &KeyPath) -> Option<KeyPath> {
    let mut waiting = vec![(KeyPath::root(), root)];
    let mut looked_at = 0_usize;
    while let Some((at, object)) = waiting.pop() {
        for (key, value) in object {
            looked_at += 1;
            let place = at.join(key.clone());
            if place.keys().ends_with(path.keys()) {
                return Some(place);
            }
            if let Value::Object(below) = &value.value {
                waiting.push((place, below));
            }
        }
        if looked_at > PATHS {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use resolver::{Context, Format, Layer, Mode, SourceName, merge};

    use super::*;

    fn snapshot(json: &str) -> Snapshot {
        let context = Context::alone(Mode::Clearml);
        let name = SourceName::Text("test".into());
        let build = Layer::build_alone(name, Format::Json, json, &context);
        merge(&[build.layer.unwrap()], &context).0
    }

    #[test]
    fn suggests_what_is_near_and_there() {
        let snapshot =
            snapshot(r#"{"agent": {"git_user": "a", "git_pass": "b"}, "sdk": {"x": 1}}"#);
        for (asked, nearest) in [
            ("agent.git_usr", Some("agent.git_user")),
            ("agnet.git_pass", Some("agent.git_pass")),
            ("agnet.nothing", None),
            ("git_user", Some("agent.git_user")),
            ("sdk.x.y", None),
            ("zzz", None),
        ] {
            let found = for_path(&snapshot, &KeyPath::parse(asked).unwrap());
            assert_eq!(found.map(|path| path.to_string()).as_deref(), nearest, "{asked}");
        }
    }
}
