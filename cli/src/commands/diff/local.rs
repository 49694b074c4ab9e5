//! A difference that is worked out in this process, in the words of the daemon.

use std::{path::Path, sync::Arc};

use daemon::{
    api::UserNames,
    difference,
    load::build_file,
    protocol::{ChangeStatus, Difference, FILE},
    settings::{ConfigFile, Presence, Sources},
    sources::read_files,
};
use resolver::{
    Context, KeyPath, MASK, Mode, Precedence, Redactor, Snapshot, SourceIds, Spelling, Value,
    merge, render,
};

use super::{
    super::{
        answer::{ResolvedBy, reveal_if},
        asking::{Asking, Wanted},
        findings,
    },
    path_of,
};
use crate::{
    args::{Against, Common, Diff},
    failure::{Failure, Kind},
};

/// Compares the present answer with the files alone, with a file, or with another profile's.
///
/// # Errors
/// One of the two is no answer.
pub(super) fn difference(
    diff: &Diff,
    asking: Asking<'_>,
    wanted: Wanted,
) -> Result<Difference, Failure> {
    let answer = asking.answer(&diff.sources, wanted)?;
    let after = &answer.snapshot;
    let before = match &diff.against {
        Against::File => files_alone(after),
        Against::Path(path) => read_answer(path, asking)?,
        Against::Profile(name) => {
            let common = Common { profile: Some(name.clone()), ..asking.common.clone() };
            Asking { common: &common, ..asking }.answer(&diff.sources, wanted)?.snapshot
        }
        Against::Digest(_) => {
            let message = "only a daemon knows answers by their digest, and none is there";
            return Err(Failure::new(Kind::Unavailable, message));
        }
    };
    // Whichever form they are written in: what means the same is no difference.
    let normal = |answer: &Snapshot| answer.clone().with_normal_arguments();
    let mut changes = changes(diff, &answer.user_names, &normal(&before), &normal(after));
    if let ResolvedBy::Daemon = answer.resolved_by {
        // Its answer alone does not tell who set what.
        for change in &mut changes {
            change.set_by = None;
        }
    }
    let (path, against) = (path_of(diff).to_string(), against_in_words(&diff.against));
    Ok(Difference { path, against, changes })
}

fn changes(
    diff: &Diff,
    user_names: &UserNames,
    before: &Snapshot,
    after: &Snapshot,
) -> Vec<ChangeStatus> {
    let spell = |redactor: Redactor| {
        let reveal = reveal_if(diff.reveal);
        move |value: &Value, path: &KeyPath| {
            render(&redactor.view_value(value, path, reveal), Spelling::Json)
        }
    };
    let spelled_before = spell(user_names.redactor(before));
    let spelled_after = spell(user_names.redactor(after));
    let mut changes =
        difference::changes((before, spelled_before), (after, spelled_after), &path_of(diff));
    // What another host printed has masks for its secrets: whether one differs cannot be told.
    changes.retain(|change| {
        let is_told_apart = change.before.as_ref().map(|value| value.get())
            != change.after.as_ref().map(|value| value.get());
        is_told_apart || !is_of_masks(before, &change.path)
    });
    changes
}

/// Whether an answer holds a mask where a value should be.
fn is_of_masks(snapshot: &Snapshot, path: &str) -> bool {
    let value = KeyPath::parse(path).ok().and_then(|path| snapshot.get(&path).cloned());
    let mut waiting = Vec::from_iter(value);
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(text) if text.contains(MASK) => return true,
            Value::Array(values) => waiting.extend(values.iter().map(|child| child.value.clone())),
            _ => {}
        }
    }
    false
}

/// Merges what lies below the vaults.
fn files_alone(snapshot: &Snapshot) -> Snapshot {
    let layers: Vec<_> = snapshot
        .layers()
        .iter()
        .filter(|layer| layer.precedence() < Precedence::Vault)
        .map(Arc::clone)
        .collect();
    merge(&layers, &Context::alone(Mode::Clearml)).0
}

/// Reads an answer from a file: what another host printed, or any configuration file.
fn read_answer(path: &Path, asking: Asking<'_>) -> Result<Snapshot, Failure> {
    let file = ConfigFile { path: path.to_owned(), presence: Presence::Required };
    let sources = Sources { files: vec![file], ..Sources::default() };
    let context = Context::alone(Mode::Clearml);
    let files = read_files(&sources, context.limits.text_bytes);
    if let Some(error) = files.errors.first() {
        let message = format!("cannot read `{}`: {}", error.path.display(), error.source);
        return Err(Failure::new(Kind::NoAnswer, message));
    }
    let mut ids = SourceIds::default();
    let mut layers = Vec::new();
    for text in &files.texts {
        let build = build_file(text, &context, &mut ids);
        findings::draw(&build, asking.output, None);
        layers.extend(build.layer);
    }
    if layers.is_empty() {
        let message = format!("`{}` is broken", path.display());
        return Err(Failure::new(Kind::NoAnswer, message));
    }
    Ok(merge(&layers, &context).0)
}

fn against_in_words(against: &Against) -> String {
    match against {
        Against::File => FILE.into(),
        Against::Path(path) => path.display().to_string(),
        Against::Profile(name) => format!("profile {name}"),
        Against::Digest(digest) => digest.clone(),
    }
}
