//! What two answers differ in, key by key.

use std::sync::Arc;

use lean_string::LeanStr;

use crate::{
    key_path::KeyPath,
    object::Object,
    value::{Spanned, Value},
};

/// A key that two answers differ in.
///
/// Its values are as they are: whoever shows them takes
/// [`Redactor::view_value`](crate::Redactor::view_value).
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The key.
    pub path: KeyPath,
    /// What it held before, and the place that set it; `None` if it was not there.
    pub before: Option<Spanned>,
    /// What it holds after, and the place that set it; `None` if it is not there any more.
    pub after: Option<Spanned>,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It holds something else.
    Changed,
    /// It is gone.
    Removed,
}

impl Change {
    /// Returns what became of the key.
    pub fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (None, _) => ChangeKind::Added,
            (Some(_), Some(_)) => ChangeKind::Changed,
            (Some(_), None) => ChangeKind::Removed,
        }
    }
}

/// Compares two trees, such as the roots of two answers or of two layers.
///
/// Objects are compared key by key, all else as a whole, lists included, since that is how one
/// layer covers another. An object that comes or goes is one change for each value in it. Where
/// values came from makes no difference. The order is that of `after`; within each object, keys
/// that are gone come last.
pub fn diff(before: &Object, after: &Object) -> Vec<Change> {
    let mut changes = Vec::new();
    // Pairs that are still to be compared, the next one last.
    let mut open = children(&KeyPath::root(), Some(before), Some(after));
    while let Some(pair) = open.pop() {
        let (before, after) = pair.leaves();
        if before != after {
            let (before, after) = (before.cloned(), after.cloned());
            changes.push(Change { path: pair.path.clone(), before, after });
        }
        if !pair.is_shared() {
            open.extend(children(&pair.path, pair.before_object(), pair.after_object()));
        }
    }
    changes
}

/// What two trees hold at one path.
struct Pair<'a> {
    path: KeyPath,
    before: Option<&'a Spanned>,
    after: Option<&'a Spanned>,
}

impl<'a> Pair<'a> {
    fn before_object(&self) -> Option<&'a Object> {
        self.before?.value.as_object()
    }

    fn after_object(&self) -> Option<&'a Object> {
        self.after?.value.as_object()
    }

    /// Whether both are one object, so that nothing in it can differ.
    fn is_shared(&self) -> bool {
        match (self.before, self.after) {
            (Some(before), Some(after)) => match (&before.value, &after.value) {
                (Value::Object(before), Value::Object(after)) => Arc::ptr_eq(before, after),
                _ => false,
            },
            _ => false,
        }
    }

    /// Returns each side if it is to be compared as a whole.
    fn leaves(&self) -> (Option<&'a Spanned>, Option<&'a Spanned>) {
        (leaf(self.before, self.after_object()), leaf(self.after, self.before_object()))
    }
}

/// Returns a value that is no object; an object without keys, too, if the other side is none.
fn leaf<'a>(value: Option<&'a Spanned>, other: Option<&Object>) -> Option<&'a Spanned> {
    value.filter(|value| match value.value.as_object() {
        Some(object) => object.is_empty() && other.is_none(),
        None => true,
    })
}

/// Pairs the keys of two objects, in reverse order: the last one is to be compared first.
fn children<'a>(
    path: &KeyPath,
    before: Option<&'a Object>,
    after: Option<&'a Object>,
) -> Vec<Pair<'a>> {
    let entries = |object: Option<&'a Object>| object.into_iter().flatten().rev();
    let value_in = |object: Option<&'a Object>, key: &LeanStr| object?.get(key);
    let gone = entries(before).filter(|(key, _)| value_in(after, key).is_none());
    let gone = gone.map(|(key, value)| (key, Some(value), None));
    let there = entries(after).map(|(key, value)| (key, value_in(before, key), Some(value)));
    let pair = |(key, before, after): (&LeanStr, _, _)| Pair {
        path: path.join(key.clone()),
        before,
        after,
    };
    gone.chain(there).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Context, Format, Layer, Mode, SourceName};

    fn tree(text: &str) -> Arc<Object> {
        let context = Context::alone(Mode::Clearml);
        let build = Layer::build_alone(SourceName::Text("t".into()), Format::Hocon, text, &context);
        Arc::clone(build.layer.expect("a sample is right").root())
    }

    fn told(before: &str, after: &str) -> Vec<String> {
        let changes = diff(&tree(before), &tree(after));
        let sign = |change: &Change| match change.kind() {
            ChangeKind::Added => '+',
            ChangeKind::Changed => '~',
            ChangeKind::Removed => '-',
        };
        changes.iter().map(|change| format!("{}{}", sign(change), change.path)).collect()
    }

    #[test]
    fn tells_keys_that_came_went_or_changed() {
        for (before, after, expected) in [
            ("", "", &[][..]),
            ("a: 1", "a: 1", &[]),
            ("a: 1", "a: 2", &["~a"]),
            ("a: 1", "a: \"1\"", &["~a"]),
            ("a: 1", "b: 1", &["+b", "-a"]),
            ("a { b: 1, c: 2 }", "a { c: 3, d: 4, b: 1 }", &["~a.c", "+a.d"]),
            ("", "a { b { c: 1 }, d: 2 }", &["+a.b.c", "+a.d"]),
            ("a { b { c: 1 }, d: 2 }", "", &["-a.b.c", "-a.d"]),
            ("a: [1, 2]", "a: [1, 3]", &["~a"]),
            ("a: 1", "a { b: 1 }", &["-a", "+a.b"]),
            ("a { b: 1 }", "a: 1", &["+a", "-a.b"]),
            ("a: 1", "a {}", &["~a"]),
            ("", "a {}", &["+a"]),
            ("a {}", "a { b: 1 }", &["+a.b"]),
            ("a: null", "", &["-a"]),
            ("a: ${X}", "a: ${Y}", &["~a"]),
            ("a: ${X}", "a: ${X}", &[]),
            ("\"a.b\": 1", "a.b: 1", &["+a.b", "-\"a.b\""]),
        ] {
            assert_eq!(told(before, after), expected, "{before} to {after}");
        }
    }

    #[test]
    fn an_object_that_both_share_is_not_walked() {
        let shared = tree("a { b: 1 }");
        assert_eq!(diff(&shared, &shared), []);
    }

    /// Applies changes as [`crate::merge`] would.
    fn apply(before: &Object, changes: &[Change]) -> Object {
        let mut after = before.clone();
        for change in changes.iter().filter(|change| change.after.is_none()) {
            remove(&mut after, change.path.keys());
        }
        for change in changes {
            let Some(value) = &change.after else { continue };
            crate::overlay::assign(&mut after, change.path.keys(), value.clone());
        }
        after
    }

    fn remove(object: &mut Object, keys: &[LeanStr]) {
        let Some((key, rest)) = keys.split_first() else { return };
        if rest.is_empty() {
            object.remove(key);
        } else if let Some(Spanned { value: Value::Object(inner), .. }) = object.get_mut(key) {
            remove(Arc::make_mut(inner), rest);
        }
    }

    proptest! {
        #[test]
        fn the_changes_lead_from_one_to_the_other(
            before in prop::collection::vec(("[a-c](\\.[a-c]){0,2}", 0..3), 0..9),
            after in prop::collection::vec(("[a-c](\\.[a-c]){0,2}", 0..3), 0..9),
        ) {
            let text = |keys: &[(String, i32)]| {
                let lines: Vec<_> =
                    keys.iter().map(|(path, value)| format!("{path}: {value}")).collect();
                lines.join("\n")
            };
            let (before, after) = (tree(&text(&before)), tree(&text(&after)));
            let changes = diff(&before, &after);
            let applied = apply(&before, &changes);
            // An object that lost its last key is left behind without any.
            let is_empty = |value: &Spanned| value.value.as_object().is_some_and(Object::is_empty);
            for left in diff(&applied, &after) {
                prop_assert_eq!(left.kind(), ChangeKind::Removed);
                prop_assert!(left.before.as_ref().is_some_and(is_empty));
            }
        }
    }
}
