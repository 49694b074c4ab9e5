//! The form of docker's arguments that a stock agent's own redactor understands.
//!
//! `clearml-agent` 3.0.3 masks `-e`, `NAME=value` in two arguments, and no other form that docker
//! takes (`helper/docker_args.py`). So an answer gives them in that form: docker is told the same,
//! and the agent's log hides it.

mod words;

use std::sync::Arc;

use self::words::{Word, normal_words};
use crate::{
    key_path::KeyPath,
    object::Object,
    overlay::assign,
    snapshot::Snapshot,
    value::{Spanned, Value},
};

/// Where lists of docker arguments stand; a text is a list of one to the stock agent.
pub(crate) const LISTS: [&[&str]; 3] = [
    &["agent", "extra_docker_arguments"],
    &["agent", "docker_args"],
    &["agent", "default_docker", "arguments"],
];

/// Where a list of rules stands, each with `arguments`. A text there is taken apart by the
/// Enterprise agent, nobody outside knows how, and is left alone.
const RULES: &[&str] = &["agent", "default_docker", "match_rules"];

impl Snapshot {
    /// Returns the answer with docker's arguments in the form that a stock agent's redactor
    /// understands: `--env=A=1`, `-eA=1`, `-e=A=1`, `-ite A=1` and `-e A=1` in one argument become
    /// two arguments.
    ///
    /// They mean the same to docker, but for the last form: docker would take the blank for a part
    /// of the name. A value with `$NAME` stays as it is, since the agent would fill it in in the
    /// new form and does not in the old ones. The layers stay as they are, too, for
    /// [`explain`](Self::explain).
    #[must_use]
    pub fn with_normal_arguments(mut self) -> Self {
        let lists = LISTS.map(|keys| (keys, normal_list as fn(&Value) -> Option<Value>));
        let mut rewritten = Vec::new();
        for (keys, normal) in lists.into_iter().chain([(RULES, normal_rules as _)]) {
            let path: KeyPath = keys.iter().copied().collect();
            let Some(value) = self.get(&path).and_then(normal) else { continue };
            self.replace(&path, value);
            rewritten.push(path);
        }
        self.rewritten = rewritten.into();
        self
    }

    /// Whether the value at a path is not as its text has it, because its docker arguments were
    /// given another form.
    pub fn is_rewritten(&self, path: &KeyPath) -> bool {
        self.rewritten.iter().any(|rewritten| path.keys().starts_with(rewritten.keys()))
    }

    fn replace(&mut self, path: &KeyPath, value: Value) {
        let Value::Object(root) = &mut self.root.value else { return };
        let value = value.spanned(self.root.origin);
        assign(Arc::make_mut(root), path.keys(), value);
    }
}

fn normal_rules(rules: &Value) -> Option<Value> {
    let mut is_changed = false;
    let rules: Vec<Spanned> = rules
        .as_array()?
        .iter()
        .map(|rule| match normal_rule(&rule.value) {
            Some(normal) => {
                is_changed = true;
                Value::object(normal).spanned(rule.origin)
            }
            None => rule.clone(),
        })
        .collect();
    is_changed.then(|| Value::array(rules))
}

fn normal_rule(rule: &Value) -> Option<Object> {
    let arguments = rule.as_object()?.get("arguments")?;
    let normal = normal_list(&Value::Array(arguments.value.as_array()?.into()))?;
    let mut rule = rule.as_object()?.clone();
    rule.insert("arguments".into(), normal.spanned(arguments.origin));
    Some(rule)
}

/// Returns a list of arguments in the normal form; `None` if it is in that form. Each argument keeps
/// the place of the one it comes from.
fn normal_list(value: &Value) -> Option<Value> {
    let one;
    let arguments = match value {
        Value::Array(arguments) => &**arguments,
        Value::String(_) => {
            one = [value.clone().spanned(crate::origin::Origin::default())];
            &one
        }
        _ => return None,
    };
    let texts: Vec<Option<&str>> = arguments.iter().map(|it| it.value.as_str()).collect();
    let normal = normal_words(&texts)?.into_iter().filter_map(|Word { from, new }| {
        let old = arguments.get(from)?;
        Some(new.map_or_else(|| old.clone(), |new| Value::from(new.as_str()).spanned(old.origin)))
    });
    Some(Value::array(normal.collect()))
}

#[cfg(test)]
mod tests;
