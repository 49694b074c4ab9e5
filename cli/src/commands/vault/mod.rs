//! `vault`: the authoring side; lists, shows, edits, pushes, switches and deletes vaults.

mod confirm;
mod edit;
mod effect;
mod folder;
mod list;
mod push;
mod show;
mod store;

use self::{effect::Host, store::Store};
use super::asking::Asking;
use crate::{
    args::{Vault, VaultAction},
    failure::{Failure, Kind},
};
use daemon::api::StoredVault;

/// Whoever writes vaults: where they are kept, and the host on which their effect is shown.
struct Author<'a> {
    store: Store,
    host: Host<'a>,
    asking: Asking<'a>,
}

/// Does what is asked.
pub(super) fn run(vault: &Vault, asking: Asking<'_>) -> Result<(), Failure> {
    let host = Host::new(vault, asking)?;
    let store = Store::open(vault, &host, asking)?;
    let mut author = Author { store, host, asking };
    match &vault.action {
        VaultAction::List { json } => list::run(&mut author, *json),
        VaultAction::Show { id, reveal } => show::run(&mut author, id, *reveal),
        VaultAction::Edit { id, yes } => edit::run(&mut author, id, *yes),
        VaultAction::Enable { id, yes } => switch(&mut author, id, true, *yes),
        VaultAction::Disable { id, yes } => switch(&mut author, id, false, *yes),
        VaultAction::Push(push) => push::run(&mut author, push),
        VaultAction::Delete { ids, yes } => delete(&mut author, ids, *yes),
    }
}

/// Switches a vault on or off, after its effect was shown.
fn switch(author: &mut Author<'_>, id: &str, is_on: bool, yes: bool) -> Result<(), Failure> {
    let before = author.store.vaults()?;
    let mut after = before.clone();
    let vault = find_mut(&mut after, id)?;
    let word = if is_on { "on" } else { "off" };
    if vault.is_enabled() == is_on {
        author.asking.output.talk(&format!("vault `{id}` is {word} already"));
        return Ok(());
    }
    vault.set_enabled(is_on);
    let vault = vault.clone();
    if is_on {
        author.host.refuse_broken(&vault, &before)?;
    }
    author.host.show_effect(&before, &after)?;
    confirm::require(author.asking, yes, &format!("switch vault `{id}` {word}?"))?;
    author.store.put(&vault, None)?;
    author.asking.output.talk(&format!("vault `{id}` is {word}"));
    Ok(())
}

/// Deletes vaults, after the effect was shown.
fn delete(author: &mut Author<'_>, ids: &[String], yes: bool) -> Result<(), Failure> {
    let before = author.store.vaults()?;
    for id in ids {
        find(&before, id)?;
    }
    let is_meant = |vault: &StoredVault| ids.iter().any(|id| id == vault.id());
    let after: Vec<_> = before.iter().filter(|vault| !is_meant(vault)).cloned().collect();
    author.host.show_effect(&before, &after)?;
    let names = ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    confirm::require(author.asking, yes, &format!("delete {names} for good?"))?;
    author.store.delete(ids)?;
    author.asking.output.talk(&format!("deleted {names}"));
    Ok(())
}

fn find<'a>(vaults: &'a [StoredVault], id: &str) -> Result<&'a StoredVault, Failure> {
    vaults.iter().find(|vault| vault.id() == id).ok_or_else(|| unknown(id))
}

fn find_mut<'a>(vaults: &'a mut [StoredVault], id: &str) -> Result<&'a mut StoredVault, Failure> {
    vaults.iter_mut().find(|vault| vault.id() == id).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Failure {
    Failure::new(Kind::NoAnswer, format!("there is no vault `{id}`"))
        .with_hint("`clearml-resolver vault list` shows them all")
}
