//! `vault push`: stores a file as a vault, for people and for pipelines.

use std::path::Path;

use daemon::{
    api::StoredVault,
    settings::{ConfigFile, Presence, Sources},
    sources::read_files,
};
use resolver::{Format, Limits, Scope};

use super::{Author, confirm, find};
use crate::{
    args::Push,
    failure::{Failure, Kind},
};

/// Stores the file, after it was checked and its effect shown.
pub(super) fn run(author: &mut Author<'_>, push: &Push) -> Result<(), Failure> {
    let output = author.asking.output;
    let (format, text) = read(&push.file)?;
    let before = author.store.vaults()?;
    let vault = drafted(author, push, format, &text, &before)?;
    let is_new = !before.iter().any(|there| there.id() == vault.id());
    let name = if vault.id().is_empty() { vault.description() } else { vault.id() };
    author.host.refuse_broken(&vault, &before)?;
    if before.contains(&vault) {
        output.talk(&format!("vault `{name}` holds this text already"));
        return Ok(());
    }
    author.host.show_effect(&before, &with(&before, &vault))?;
    let what = if is_new { "a new vault" } else { "vault" };
    if push.dry_run {
        output.talk(&format!("would store {what} `{name}`; nothing was changed"));
        return Ok(());
    }
    confirm::require(author.asking, push.yes, &format!("store {what} `{name}`?"))?;
    let id = author.store.put(&vault, push.group.as_deref())?;
    output.talk(&format!("stored {what} `{id}`"));
    Ok(())
}

/// Returns the vault as it is to be: one that is there with another text, or a new one.
fn drafted(
    author: &Author<'_>,
    push: &Push,
    format: Format,
    text: &str,
    before: &[StoredVault],
) -> Result<StoredVault, Failure> {
    let file_name = push.file.file_name().unwrap_or_default().to_string_lossy();
    let stem = file_name.rsplit_once('.').map_or(&*file_name, |(stem, _)| stem);
    let name = push.name.as_deref().unwrap_or(stem);
    let mut new = StoredVault::new(name, format, text);
    if push.group.is_some() {
        new.set_group_scope();
    }
    if push.monitoring {
        new.set_monitoring();
    }
    if !author.store.gives_ids() {
        new = StoredVault::new("", format, text);
        new.set_id(push.id.as_deref().unwrap_or(&file_name));
    }
    let there = match &push.id {
        Some(id) if author.store.gives_ids() => Some(find(before, id)?),
        Some(_) => before.iter().find(|there| there.id() == new.id()),
        None if !author.store.gives_ids() => before.iter().find(|there| there.id() == new.id()),
        None => named(before, name, new.scope())?,
    };
    let Some(there) = there else { return Ok(new) };
    let mut vault = there.clone();
    vault.set_text(text);
    vault.set_format(format);
    Ok(vault)
}

/// Finds the vault that goes by a name.
///
/// # Errors
/// There are several.
fn named<'a>(
    vaults: &'a [StoredVault],
    name: &str,
    scope: Scope,
) -> Result<Option<&'a StoredVault>, Failure> {
    let mut found = vaults.iter().filter(|it| it.description() == name && it.scope() == scope);
    let first = found.next();
    if found.next().is_some() {
        return Err(Failure::new(Kind::Usage, format!("several vaults are called `{name}`"))
            .with_hint("name the one you mean by `--id`"));
    }
    Ok(first)
}

/// Returns the vaults with one in the place of that of the same id, or at the end.
pub(super) fn with(vaults: &[StoredVault], vault: &StoredVault) -> Vec<StoredVault> {
    let mut vaults = vaults.to_vec();
    match vaults.iter_mut().find(|there| there.id() == vault.id() && !vault.id().is_empty()) {
        Some(there) => there.clone_from(vault),
        None => vaults.push(vault.clone()),
    }
    vaults
}

fn read(path: &Path) -> Result<(Format, String), Failure> {
    let file = ConfigFile { path: path.to_owned(), presence: Presence::Required };
    let sources = Sources { files: vec![file], ..Sources::default() };
    let files = read_files(&sources, Limits::default().text_bytes);
    match (files.texts.first(), files.errors.first()) {
        (Some(text), _) => Ok((text.format, text.text.to_string())),
        (None, Some(error)) => {
            let message = format!("cannot read `{}`: {}", path.display(), error.source);
            Err(Failure::new(Kind::NoAnswer, message))
        }
        (None, None) => Err(Failure::new(Kind::NoAnswer, format!("`{}` is gone", path.display()))),
    }
}
